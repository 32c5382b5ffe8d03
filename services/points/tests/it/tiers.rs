//! Tiers: scenarios as tables (`tests/tiers/*.txt`, see `README.md` there), and through the API on both databases.

use std::path::PathBuf;

use contracts::points::TierChanged;
use kernel::Day;
use points::domain::{Assured, Credit, Ladder, NEVER, Standing};
use serde_json::{Value, json};
use web::Caller;

use crate::shop::{START, Shop, base, basket, member, on_both, programme};

fn ladder_of(lines: &[&str]) -> Ladder {
    let word = |name: &str| {
        lines
            .iter()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
            .unwrap_or_else(|| panic!("{name}?"))
    };
    let text = json!({"fa": "نام", "ar": "اسم", "en": "Name"});
    let levels: Vec<Value> = lines
        .iter()
        .filter_map(|line| line.strip_prefix("level ")?.split_once(' '))
        .map(|(code, from)| json!({"code": code, "name": text, "from": from.parse::<i64>().expect("a number")}))
        .collect();
    let period = match word("period").split_once(' ') {
        Some((_, months)) => json!({"rolling_months": {"months": months.parse::<u32>().expect("a number")}}),
        None => json!(word("period")),
    };
    let document = json!({
        "measure": word("measure"), "period": period, "downgrade": word("downgrade"), "on_return": word("on_return"),
        "grace_months": word("grace").parse::<u32>().expect("a number"), "levels": levels,
    });
    serde_json::from_value(document).expect("a ladder")
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap_or_else(|_| panic!("{text} is no day"))
}

/// So much of everything, since the ladder looks at one of them.
fn credit(amount: &str) -> Credit {
    let amount = amount.parse().expect("a number");
    Credit { points: amount, spend: amount, visits: amount }
}

fn step(standing: &mut Standing, ladder: &Ladder, cells: &[&str]) -> String {
    standing.advance(ladder, day(cells[0]));
    let words: Vec<&str> = cells[1].split(' ').collect();
    match words[..] {
        ["has"] => {}
        ["buys"] => standing.count(ladder, credit(cells[2])),
        ["returns", bought] => standing.take_back(day(bought), credit(cells[2])),
        ["granted", tier, "until", until] => {
            standing.grant = Some(Assured { tier: tier.to_owned(), until: day(until) });
        }
        _ => panic!("{}?", cells[1]),
    }
    let tier = standing.tier(ladder).map_or("-", |place| &ladder.levels[place].code);
    let until = match standing.assured_until(ladder) {
        Some(NEVER) => "ever".to_owned(),
        Some(until) => until.to_string(),
        None => String::new(),
    };
    format!("{tier} | {} | {until}", standing.credit(ladder))
}

fn play(name: &str, text: &str) {
    let lines: Vec<&str> =
        text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).collect();
    let ladder = ladder_of(&lines);
    let steps = lines.iter().filter(|line| line.contains('|') && !line.starts_with("day"));
    let mut standing: Option<Standing> = None;
    for line in steps {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let standing = standing.get_or_insert_with(|| Standing::new(day(cells[0])));
        let came = step(standing, &ladder, &cells);
        assert_eq!(came.trim_end(), cells[3..].join(" | ").trim_end(), "{name}: {line}");
        // It outlives its row.
        let stored = serde_json::to_string(standing).expect("it is plain");
        assert_eq!(serde_json::from_str::<Standing>(&stored).expect("readable"), *standing);
    }
}

#[test]
fn every_scenario_of_the_tiers_ends_as_its_table_says() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/tiers");
    let files = std::fs::read_dir(folder).expect("the folder").map(|file| file.expect("a file").path());
    let files: Vec<_> = files.filter(|path| path.extension().is_some_and(|e| e == "txt")).collect();
    assert!(files.len() >= 8, "the scenarios are gone: {files:?}");
    for file in files {
        play(&file.display().to_string(), &std::fs::read_to_string(&file).expect("readable"));
    }
}

#[test]
#[should_panic(expected = "silver")]
fn a_table_with_a_wrong_tier_fails() {
    let text = "measure spend\nperiod year\ndowngrade never\ngrace 0\non_return falls\nlevel silver 100\n\
                2026-01-01 | buys | 99 | silver | 99 | ever\n";
    play("planted", text);
}

/// Silver from 100,000 paid a year on, one and a half times the points; gold from 300,000.
pub fn with_tiers() -> Value {
    let mut document = programme(&[base()]);
    let name = |text: &str| json!({"fa": format!("{text} fa"), "ar": format!("{text} ar"), "en": text});
    document["tiers"] = json!({
        "measure": "spend", "period": "year", "grace_months": 1,
        "levels": [
            {"code": "silver", "name": name("Silver"), "from": 100_000, "multiplier_percent": 150,
             "benefits": [{"code": "parking", "name": name("Parking")}]},
            {"code": "gold", "name": name("Gold"), "from": 300_000, "multiplier_percent": 200},
        ],
    });
    document
}

async fn tier(shop: &Shop) -> Value {
    shop.till().get(&format!("/v1/members/{}/tier", member(1))).await.expect(200)
}

fn back(receipt: &str, of: &str, amount: i64) -> Value {
    json!({
        "purchase": {"till": "till-1", "receipt": of}, "receipt": receipt,
        "occurred_at": START, "currency": "IRR", "amount": amount,
    })
}

async fn told(shop: &Shop) -> Vec<(u64, Option<String>, Option<String>)> {
    shop.told::<TierChanged>().await.into_iter().map(|(seq, fact)| (seq, fact.before, fact.tier)).collect()
}

fn change(seq: u64, before: Option<&str>, tier: Option<&str>) -> (u64, Option<String>, Option<String>) {
    (seq, before.map(str::to_owned), tier.map(str::to_owned))
}

on_both! {
    async fn a_purchase_lifts_at_once_and_the_next_one_earns_more(shop: Shop) {
        shop.operator().put("/v1/programme", with_tiers()).await.expect(201);
        let none = tier(&shop).await;
        assert!(none.get("tier").is_none() && none["next"]["missing"] == 100_000, "{none}");
        let first = shop.till().buy("k1", &basket("R1", 110_000)).await.expect(201);
        assert_eq!(first["points"], 11, "the tier before the purchase counts");
        assert!(first.get("tier").is_none());
        let silver = tier(&shop).await;
        assert_eq!((&silver["tier"]["code"], &silver["tier"]["assured_until"]), (&json!("silver"), &json!("2027-01-31")));
        assert_eq!(silver["tier"]["benefits"], json!([{"code": "parking", "name": "Parking"}]));
        assert_eq!(silver["next"], json!({"code": "gold", "name": "Gold", "from": 300_000, "missing": 190_000}));
        let second = shop.till().buy("k2", &basket("R2", 50_000)).await.expect(201);
        assert_eq!((&second["points"], &second["tier"]), (&json!(7), &json!({"code": "silver", "name": "Silver", "points": 2})));
        assert_eq!(second["rules"][0]["points"], 5);
        let again = shop.till().buy("k2", &basket("R2", 50_000)).await;
        assert_eq!((again.replayed, &again.body), (true, &second));
        assert_eq!(tier(&shop).await["credit"], 160_000, "a repetition counts once");
        assert_eq!(told(&shop).await, [change(1, None, Some("silver"))]);
        shop.holds().await;
    }

    async fn a_rehearsal_changes_no_tier(shop: Shop) {
        shop.operator().put("/v1/programme", with_tiers()).await.expect(201);
        shop.till().rehearse("k1", &basket("R1", 500_000)).await.expect(200);
        assert!(tier(&shop).await.get("tier").is_none());
        assert_eq!(shop.number("SELECT COUNT(*) FROM standings").await, 0);
    }

    async fn a_return_takes_credit_back_and_the_tier_falls(shop: Shop) {
        shop.operator().put("/v1/programme", with_tiers()).await.expect(201);
        shop.till().buy("k1", &basket("R1", 200_000)).await.expect(201);
        shop.till().buy("k2", &basket("R2", 150_000)).await.expect(201);
        assert_eq!(tier(&shop).await["tier"]["code"], "gold");
        shop.till().give_back("k3", &back("B1", "R2", 60_000)).await.expect(201);
        assert_eq!((&tier(&shop).await["tier"]["code"], &tier(&shop).await["credit"]), (&json!("silver"), &json!(290_000)));
        shop.till().give_back("k4", &back("B2", "R1", 200_000)).await.expect(201);
        assert!(tier(&shop).await.get("tier").is_none());
        let expected = [
            change(1, None, Some("silver")), change(2, Some("silver"), Some("gold")),
            change(3, Some("gold"), Some("silver")), change(4, Some("silver"), None),
        ];
        assert_eq!(told(&shop).await, expected);
        shop.holds().await;
        shop.execute("UPDATE standings SET standing = REPLACE(standing, '90000', '90001')").await;
        let rows = shop.audited().await;
        let row = rows.iter().find(|row| row.promise.contains("standing")).expect("a row");
        assert!(!row.holds(), "{row:?}");
    }

    async fn when_a_period_is_over_the_tier_is_right_before_a_job_tells_it(shop: Shop) {
        shop.operator().put("/v1/programme", with_tiers()).await.expect(201);
        shop.till().buy("k1", &basket("R1", 110_000)).await.expect(201);
        shop.days_later(71);
        assert_eq!(tier(&shop).await["tier"]["code"], "silver", "the 31st of January");
        shop.days_later(1);
        assert!(tier(&shop).await.get("tier").is_none());
        assert_eq!(told(&shop).await.len(), 1, "nobody has told it yet");
        let other = shop.replica().await;
        for _ in 0..200 {
            if told(&other).await.len() > 1 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(told(&other).await, [change(1, None, Some("silver")), change(2, Some("silver"), None)]);
        shop.holds().await;
    }

    async fn a_person_grants_a_tier_until_a_day(shop: Shop) {
        shop.operator().put("/v1/programme", with_tiers()).await.expect(201);
        let path = format!("/v1/members/{}/tier-grants", member(1));
        let grant = json!({"tier": "gold", "until": "2026-12-01", "actor": "agent-7", "reason": "a complaint"});
        let post = async |body: &Value| shop.operator().send("POST", &path, &[], Some(body.to_string())).await;
        let first = post(&grant).await.expect(201);
        assert_eq!(post(&grant).await.expect(200), first, "the same again changes nothing");
        assert_eq!((&tier(&shop).await["tier"]["code"], &tier(&shop).await["tier"]["assured_until"]), (&json!("gold"), &json!("2026-12-01")));
        let bought = shop.till().buy("k1", &basket("R1", 50_000)).await.expect(201);
        assert_eq!(bought["points"], 10);
        shop.days_later(11);
        assert!(tier(&shop).await.get("tier").is_none());
        let with = |field: &str, value: Value| {
            let mut body = grant.clone();
            body[field] = value;
            body
        };
        post(&with("tier", json!("platinum"))).await.refused(422, "points.tier_unknown");
        post(&grant).await.refused(422, "points.grant_over");
        post(&with("reason", json!(""))).await.refused(422, "points.text_invalid");
        shop.till().send("POST", &path, &[], Some(grant.to_string())).await.refused(403, "web.access_denied");
        let stranger = format!("/v1/members/{}/tier", member(99));
        shop.till().get(&stranger).await.refused(404, "points.member_unknown");
        shop.by(Caller::Anonymous).get(&stranger).await.refused(401, "web.caller_required");
        shop.holds().await;
    }

    async fn without_tiers_nobody_stands_anywhere(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.till().buy("k1", &basket("R1", 500_000)).await.expect(201);
        let path = format!("/v1/members/{}/tier", member(1));
        shop.till().get(&path).await.refused(404, "points.tiers_missing");
        assert_eq!(shop.number("SELECT COUNT(*) FROM standings").await, 0);
        // Credit counts from the version on that first has tiers.
        shop.operator().put("/v1/programme", with_tiers()).await.expect(201);
        shop.till().buy("k2", &basket("R2", 50_000)).await.expect(201);
        assert_eq!(tier(&shop).await["credit"], 50_000);
        shop.till().give_back("k3", &back("B1", "R1", 200_000)).await.expect(201);
        assert_eq!(tier(&shop).await["credit"], 50_000, "what never counted is not taken back");
        shop.holds().await;
    }

    async fn mistakes_of_a_ladder_are_told(shop: Shop) {
        let mut document = with_tiers();
        document["tiers"]["levels"][1]["from"] = 100_000.into();
        document["tiers"]["levels"][1]["code"] = "silver".into();
        document["tiers"]["levels"][0]["multiplier_percent"] = 99.into();
        document["tiers"]["levels"][0]["benefits"][0]["code"] = "Not A Code".into();
        document["tiers"]["grace_months"] = 37.into();
        document["tiers"]["period"] = json!({"rolling_months": {"months": 37}});
        let problem = shop.operator().put("/v1/programme", document).await.refused(422, "points.programme_invalid");
        let mistakes: Vec<_> = problem["mistakes"].as_array().expect("a list").iter()
            .map(|m| m["reason"].as_str().expect("a word"))
            .collect();
        let expected = [
            "up_to_36_months", "two_to_36_months", "hundred_to_thousand_percent", "not_a_benefit_code", "code_twice",
            "not_above_the_level_before",
        ];
        assert_eq!(mistakes, expected);
    }

    async fn purchases_at_once_count_each(shop: Shop) {
        shop.operator().put("/v1/programme", with_tiers()).await.expect(201);
        let other = shop.replica().await;
        let buys = (0..20).map(|n| {
            let sender = if n % 2 == 0 { shop.till() } else { other.till() };
            async move { sender.buy(&format!("k{n}"), &basket(&format!("R{n}"), 10_000)).await.expect(201) }
        });
        futures_util::future::join_all(buys).await;
        assert_eq!(tier(&shop).await["credit"], 200_000);
        assert_eq!(told(&shop).await, [change(1, None, Some("silver"))]);
        shop.holds().await;
    }
}
