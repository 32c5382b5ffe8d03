//! The sample chain: five regions, fourteen branches from Tehran to Manama, and its programme.

use serde_json::{Value, json};

/// A name in Persian, Arabic and English.
pub type Names = [&'static str; 3];

/// A sample region.
pub struct SampleRegion {
    /// Its code.
    pub code: &'static str,
    /// Its names.
    pub names: Names,
}

/// A sample branch.
pub struct SampleBranch {
    /// Its code.
    pub code: &'static str,
    /// Its region.
    pub region: &'static str,
    /// Its names.
    pub names: Names,
    /// Its time zone, where it is not the chain's.
    pub time_zone: Option<&'static str>,
    /// Minutes that its wall clock is ahead of UTC; none of them knows summer time.
    pub ahead_min: i64,
    /// How much it sells, compared with the others.
    pub size: u64,
}

/// Tills of every branch.
pub const TILLS: [&str; 2] = ["till-1", "till-2"];

/// The regions.
pub const REGIONS: &[SampleRegion] = &[
    SampleRegion { code: "tehran", names: ["تهران", "طهران", "Tehran"] },
    SampleRegion { code: "isfahan", names: ["اصفهان", "أصفهان", "Isfahan"] },
    SampleRegion { code: "khorasan", names: ["خراسان", "خراسان", "Khorasan"] },
    SampleRegion { code: "fars", names: ["فارس", "فارس", "Fars"] },
    SampleRegion { code: "gulf", names: ["خلیج فارس", "الخليج", "Gulf"] },
];

const fn here(code: &'static str, region: &'static str, names: Names, size: u64) -> SampleBranch {
    SampleBranch { code, region, names, time_zone: None, ahead_min: 210, size }
}

const fn abroad(
    code: &'static str,
    names: Names,
    time_zone: &'static str,
    ahead_min: i64,
    size: u64,
) -> SampleBranch {
    SampleBranch { code, region: "gulf", names, time_zone: Some(time_zone), ahead_min, size }
}

/// The branches.
pub const BRANCHES: &[SampleBranch] = &[
    here("tehran-vanak", "tehran", ["ونک", "ونك", "Vanak"], 10),
    here("tehran-tajrish", "tehran", ["تجریش", "تجريش", "Tajrish"], 9),
    here("tehran-narmak", "tehran", ["نارمک", "نارمك", "Narmak"], 7),
    here("tehran-sadeghiyeh", "tehran", ["صادقیه", "صادقية", "Sadeghiyeh"], 6),
    here("isfahan-chaharbagh", "isfahan", ["چهارباغ", "جهارباغ", "Chaharbagh"], 7),
    here("isfahan-jolfa", "isfahan", ["جلفا", "جلفا", "Jolfa"], 4),
    here("mashhad-ahmadabad", "khorasan", ["احمدآباد", "أحمد آباد", "Ahmadabad"], 8),
    here("mashhad-sajjad", "khorasan", ["سجاد", "سجاد", "Sajjad"], 5),
    here("shiraz-zand", "fars", ["زند", "زند", "Zand"], 6),
    here("shiraz-maaliabad", "fars", ["معالی‌آباد", "معالي آباد", "Maaliabad"], 4),
    abroad("dubai-deira", ["دیره دبی", "ديرة دبي", "Deira"], "Asia/Dubai", 240, 9),
    abroad("doha-souq", ["سوق واقف", "سوق واقف", "Souq Waqif"], "Asia/Qatar", 180, 5),
    abroad("kuwait-salmiya", ["سالمیه", "السالمية", "Salmiya"], "Asia/Kuwait", 180, 6),
    abroad("manama-seef", ["سیف منامه", "السيف", "Seef"], "Asia/Bahrain", 180, 3),
];

/// Names as the API takes them.
pub fn names(of: Names) -> Value {
    json!({"fa": of[0], "ar": of[1], "en": of[2]})
}

/// The programme: a point for every 100,000 rials, more on weekend evenings, for big baskets and in the Gulf.
pub fn programme() -> Value {
    let rule = |code: &str, of: Names, when: Value, give: Value, expiry: Option<u32>| {
        let mut rule = json!({"code": code, "name": names(of), "when": when, "give": give});
        if let Some(months) = expiry {
            rule["expiry"] = json!({"months": months});
        }
        rule
    };
    let per_100_000 = json!({"per_amount": {"amount": 10_000_000, "points": 1, "rounding": "down"}});
    let evenings = json!({"weekdays": ["thursday", "friday"], "hours": {"from": "17:00", "to": "22:00"}});
    json!({
        "name": names(["باشگاه وفا", "نادي وفاء", "Vafa Club"]),
        "currency": "IRR",
        "expiry": {"months": 12},
        "rules": [
            rule("base", ["هر ۱۰۰٬۰۰۰ ریال یک امتیاز", "نقطة لكل ١٠٠٬٠٠٠ ريال", "One point for every 100,000 rials"],
                json!({}), per_100_000.clone(), None),
            rule("weekend-evening", ["دو برابر در عصر پنجشنبه و جمعه", "ضعف النقاط مساء الخميس والجمعة",
                "Double on Thursday and Friday evenings"], evenings, per_100_000, Some(3)),
            rule("big-basket", ["۴۰ امتیاز برای سبد بزرگ", "٤٠ نقطة للسلة الكبيرة", "40 points for a big basket"],
                json!({"minimum_basket": 1_500_000_000}), json!({"fixed": {"points": 40}}), None),
            rule("gulf-hello", ["۱۰ امتیاز خوشامد در شعبه‌های خلیج فارس", "١٠ نقاط ترحيب في فروع الخليج",
                "10 points hello in the Gulf"], json!({"regions": ["gulf"]}), json!({"fixed": {"points": 10}}), None),
        ],
    })
}
