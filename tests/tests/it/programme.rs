//! The programme is one document; what is published decides from then on (P1, P2, P11).

use std::time::{Duration, Instant};

use journeys::{Branch, Goods, Stage, Till, alone_in_both_shapes, fresh, programme};
use serde_json::{Value, json};
use vafa::client::Call;

alone_in_both_shapes!(&[];
    the_programme_goes_live_once_and_decides_by_branch_region_weekday_and_hour,
);

const FRIDAY_EVENING: &str = "2025-11-21T18:00:00+03:30";
const FRIDAY_NIGHT: &str = "2025-11-21T22:00:00+03:30";
const SATURDAY_NOON: &str = "2025-11-22T12:00:00+03:30";
const FRIDAY_EVENING_IN_TOKYO: &str = "2025-11-21T18:00:00+09:00";

/// P1, P2, P11.
async fn the_programme_goes_live_once_and_decides_by_branch_region_weekday_and_hour(stage: Stage) {
    let operator = stage.as_operator();
    let (till, other) = (operator.open_shop().await, operator.open_shop().await);
    let (phone, _) = till.welcome().await;
    nothing_is_earned_before(&stage, &till, &phone).await;
    every_mistake_is_told_at_once(&stage).await;

    let first = operator.put("/v1/programme", &programme(&[])).await.created();
    assert_eq!(first["version"], 1);
    let again = operator.put("/v1/programme", &programme(&[])).await.ok();
    assert_eq!((&again["version"], &again["live_from"]), (&json!(1), &first["live_from"]));
    let early = till.sell(&Goods::by_phone(&phone, 60_000)).await.created();
    assert_eq!((&early["points"], &early["programme_version"]), (&json!(60), &json!(1)));

    let second = operator.put("/v1/programme", &programme(&rules(&till.branch))).await.created();
    assert_eq!(second["version"], 2);
    let sell = async |till: &Till, at: &str, amount: i64| {
        let goods = Goods::by_phone(&phone, amount).with("occurred_at", at);
        let sold = till.sell(&goods).await.created();
        assert_eq!(sold["programme_version"], 2);
        (sold["points"].as_i64().unwrap(), outcomes(&sold))
    };
    let everything = sell(&till, FRIDAY_EVENING, 60_000).await;
    assert_eq!(everything, (60 + 5 + 7 + 11 + 13, "60 5 7 11 13".to_owned()));
    let least = sell(&other, SATURDAY_NOON, 10_000).await;
    assert_eq!(least, (10, "10 other_weekday basket_too_small other_branch other_region".to_owned()));
    let late = sell(&till, FRIDAY_NIGHT, 10_000).await;
    assert_eq!(late, (10 + 11 + 13, "10 other_hours basket_too_small 11 13".to_owned()));
    a_branch_goes_by_its_own_wall_clock(&stage, &phone).await;

    // What was decided stays decided.
    let path = format!("/v1/purchases/{}", early["purchase_id"].as_str().unwrap());
    assert_eq!(till.get(path).await.ok()["programme_version"], 1);
    let versions = operator.get("/v1/programme/versions").await.ok();
    let versions: Vec<_> =
        versions["items"].as_array().unwrap().iter().map(|v| v["version"].clone()).collect();
    assert_eq!(versions, [json!(2), json!(1)]);
}

fn rules(branch: &Branch) -> [Value; 4] {
    let rule = |code: &str, when: Value, points: i64| {
        let name = json!({"fa": code, "ar": code, "en": code});
        json!({"code": code, "name": name, "when": when, "give": {"fixed": {"points": points}}})
    };
    let evening = json!({"weekdays": ["friday"], "hours": {"from": "17:00", "to": "21:00"}});
    [
        rule("evening", evening, 5),
        rule("basket", json!({"minimum_basket": 50_000}), 7),
        rule("branch", json!({"branches": [branch.code]}), 11),
        rule("region", json!({"regions": [branch.region]}), 13),
    ]
}

/// What each rule made of a purchase: points, or why not.
fn outcomes(sold: &Value) -> String {
    let rules = sold["rules"].as_array().unwrap().iter();
    let words = rules.map(|rule| match rule["skipped"].as_str() {
        Some(reason) => reason.to_owned(),
        None => rule["points"].to_string(),
    });
    words.collect::<Vec<_>>().join(" ")
}

async fn nothing_is_earned_before(stage: &Stage, till: &Till, phone: &str) {
    till.sell(&Goods::by_phone(phone, 1_000)).await.refused(422, "points.programme_missing");
    stage.call(Call::get("/v1/programme")).await.refused(422, "points.programme_missing");
    let file = stage.folder().join("one.csv");
    std::fs::write(&file, "basket_id,customer_id,store_id,occurred_at,amount,items\n").unwrap();
    let import = stage.vafa(&["import", "purchases", "one.csv"]).await.ended_with(2);
    assert!(import.errors.contains("no programme is live"), "{}", import.errors);
}

async fn every_mistake_is_told_at_once(stage: &Stage) {
    let mut document = programme(&[json!({
        "code": "Base!",
        "name": {"fa": "", "ar": "x", "en": "x"},
        "when": {"branches": [fresh("nowhere")], "minimum_basket": 0},
        "give": {"fixed": {"points": 0}},
    })]);
    document["currency"] = json!("EUR");
    let problem = stage.as_operator().put("/v1/programme", &document).await;
    let problem = problem.refused(422, "points.programme_invalid");
    let mistakes: Vec<_> = problem["mistakes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["pointer"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        mistakes,
        [
            "/currency",
            "/rules/1/code",
            "/rules/1/name/fa",
            "/rules/1/when/minimum_basket",
            "/rules/1/when/branches/0",
            "/rules/1/give/fixed/points"
        ]
    );
}

/// The evening of a branch abroad is its own; points hears of the branch's time zone within seconds.
async fn a_branch_goes_by_its_own_wall_clock(stage: &Stage, phone: &str) {
    let operator = stage.as_operator();
    let branch = operator.open_branch().await;
    let body = json!({"region": branch.region, "names": {"en": "Tokyo"}, "time_zone": "Asia/Tokyo"});
    let _ = operator.put(format!("/v1/branches/{}", branch.code), &body).await.ok();
    let till = operator.enrol_till(&branch).await;
    let begun = Instant::now();
    loop {
        let goods =
            Goods::by_phone(phone, 1_000).with("occurred_at", FRIDAY_EVENING_IN_TOKYO).with("dry_run", true);
        if outcomes(&till.sell(&goods).await.ok()).starts_with("1 5 ") {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "the branch's wall clock is not followed");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
