//! What rewards cost whom, and what is outstanding (W2): frozen when it is given, counted once, the same before and after days are summed.

use contracts::points::RedemptionRefunded;
use kernel::{Points, RedemptionId};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use crate::house::{Answer, House, member, on_both};

const DAY_S: i64 = 24 * 60 * 60;
const MONTH: &str = "/v1/reward-money/costs?from=2026-11-01&to=2026-11-30";

async fn costs(house: &House, reward: &str) -> Value {
    let report = house.operator().get(MONTH).await.expect(200);
    let found = report["rewards"].as_array().expect("rewards").iter().find(|one| one["reward"] == reward);
    found.cloned().unwrap_or_default()
}

pub async fn uses(house: &House, key: &str, code: &Value, more: Value) -> Answer {
    let mut body = json!({"voucher": {"code": code}});
    body.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
    house.till("vanak").keyed(key, "/v1/voucher-uses", body).await
}

pub async fn takes_back(house: &House, used: &Value) {
    let path = format!("/v1/voucher-uses/{}/cancellation", used["use_id"].as_str().expect("an id"));
    house.till("vanak").post(&path, None).await.expect(200);
}

async fn closed_days(house: &House) -> i64 {
    let on = house.database.connection();
    let sql = Statement::from_string(on.get_database_backend(), "SELECT COUNT(*) FROM cost_days");
    on.query_one_raw(sql).await.expect("rows").expect("a row").try_get_by_index(0).expect("a number")
}

/// Lets days pass and waits until they are summed.
pub async fn days_pass(house: &House, days: i64) {
    let before = closed_days(house).await;
    house.wait_s(days * DAY_S);
    house.until("days are summed", || async { closed_days(house).await >= before + days }).await;
}

fn of<'a>(report: &'a Value, names: &[&str]) -> Vec<&'a Value> {
    names.iter().map(|name| &report[*name]).collect()
}

on_both! {
    async fn what_was_given_costs_what_it_cost_then(house: House) {
        house.opens("vanak", "tehran").await;
        house.offers("coffee", json!({"cost": 100, "sponsor": "Mahak"})).await;
        house.redeemed(1, "k1", "coffee").await;
        house.offers("coffee", json!({"cost": 900})).await;
        house.redeemed(2, "k2", "coffee").await;
        let (old, new) = (house.voucher(1).await, house.voucher(2).await);
        assert_eq!(costs(&house, "coffee").await["total"]["cost"], 0, "nothing is used");
        uses(&house, "u1", &old["code"], json!({})).await.expect(201);
        assert_eq!(costs(&house, "coffee").await["total"]["cost"], 100);
        uses(&house, "u2", &new["code"], json!({})).await.expect(201);
        let found = costs(&house, "coffee").await;
        let names = ["begun", "completed", "points_taken", "issued", "used", "charge", "correction", "cost", "cost_per_use"];
        assert_eq!(of(&found["total"], &names), [2, 2, 300, 2, 2, 1_000, 0, 1_000, 500]);
        assert_eq!(found["ways"][0]["way"], "redemption");
        house.holds().await;
    }

    async fn sums_say_what_rows_said_and_what_comes_back_is_of_its_own_day(house: House) {
        house.opens("vanak", "tehran").await;
        house.offers("coffee", json!({"cost": 100})).await;
        house.offers("purse", json!({"cost": 33, "kind": {"type": "credit", "amount": 1_000}, "cancel_hours": 400})).await;
        let (first, second) = (house.redeemed(1, "k1", "coffee").await, house.redeemed(2, "k2", "purse").await);
        house.redeemed(3, "k3", "purse").await;
        let id: RedemptionId = second.as_str().expect("an id").parse().expect("an id");
        let cancel = format!("/v1/reward-redemptions/{id}/cancellation");
        house.member(2).post(&cancel, Some(json!({}))).await.expect(200);
        let refunded = RedemptionRefunded { redemption_id: id, member_id: member(2), points: Points::new(150) };
        house.hear("points", &refunded).await;
        let coffee = uses(&house, "u1", &house.voucher(1).await["code"], json!({})).await.expect(201);
        uses(&house, "u2", &house.voucher(3).await["code"], json!({"amount": 500})).await.expect(201);
        let reserved = uses(&house, "u3", &house.voucher(3).await["code"], json!({"amount": 200, "reserve_s": 60})).await.expect(201);
        takes_back(&house, &reserved).await;
        let fresh = (costs(&house, "coffee").await, costs(&house, "purse").await);
        let names = ["completed", "cancelled", "refunded", "points_back", "issued", "voided", "used", "charge", "cost"];
        assert_eq!(of(&fresh.1["total"], &names), [2, 1, 1, 150, 2, 1, 1, 17, 17]);
        days_pass(&house, 2).await;
        assert_eq!((costs(&house, "coffee").await, costs(&house, "purse").await), fresh);
        takes_back(&house, &coffee).await;
        let names = ["used", "charge", "correction", "cost"];
        assert_eq!(of(&costs(&house, "coffee").await["total"], &names), [0, 100, 100, 0]);
        let day = |day: &str| format!("/v1/reward-money/costs?from=2026-11-{day}&to=2026-11-{day}");
        let then = house.operator().get(&day("21")).await.expect(200);
        assert_eq!(then["cost"], 117, "a day that is over stays as it was");
        assert_eq!(house.operator().get(&day("23")).await.expect(200)["cost"], -100);
        days_pass(&house, 1).await;
        assert_eq!(of(&costs(&house, "coffee").await["total"], &names), [0, 100, 100, 0]);
        assert!(first.is_string());
        house.holds().await;
    }

    async fn what_is_outstanding_is_told_by_reward_sponsor_and_month(house: House) {
        house.opens("vanak", "tehran").await;
        house.offers("coffee", json!({"cost": 100, "sponsor": "Mahak"})).await;
        house.offers("purse", json!({"cost": 1_000, "kind": {"type": "credit", "amount": 1_000}, "voucher_days": 60})).await;
        house.redeemed(1, "k1", "coffee").await;
        house.redeemed(2, "k2", "coffee").await;
        house.redeemed(3, "k3", "purse").await;
        house.asked(4, "k4", "purse").await;
        uses(&house, "u1", &house.voucher(1).await["code"], json!({})).await.expect(201);
        uses(&house, "u2", &house.voucher(3).await["code"], json!({"amount": 400})).await.expect(201);
        uses(&house, "u3", &house.voucher(3).await["code"], json!({"amount": 100, "reserve_s": 60})).await.expect(201);
        let found = house.operator().get("/v1/reward-money/liability").await.expect(200);
        let names = ["count", "left", "reserved", "face", "cost", "expected_cost"];
        assert_eq!(of(&found["total"], &names), [2, 601, 100, 600, 700, 700]);
        assert_eq!((&found["by_sponsor"][0]["name"], &found["by_sponsor"][0]["cost"]), (&json!(""), &json!(600)));
        assert_eq!((&found["by_sponsor"][1]["name"], &found["by_sponsor"][1]["cost"]), (&json!("Mahak"), &json!(100)));
        assert_eq!(of(&found["by_month"][0], &["name", "cost"]), [&json!("2026-12-01"), &json!(100)]);
        assert_eq!(of(&found["by_month"][1], &["name", "cost"]), [&json!("2027-01-01"), &json!(600)]);
        assert_eq!(of(&found["rewards"][1], &["under_way", "points_under_way"]), [1, 150]);
        // Half of the coffees lapse: half of what is outstanding then is expected to.
        house.wait_s(31 * DAY_S);
        let ended = || async { house.operator().get("/v1/reward-money/liability").await.expect(200)["total"]["count"] == 1 };
        house.until("the coffee lapses", ended).await;
        house.offers("coffee", json!({"cost": 100, "sponsor": "Mahak", "points": 151})).await;
        house.redeemed(5, "k5", "coffee").await;
        let lapsed = || async {
            let found = house.operator().get("/v1/reward-money/liability").await.expect(200);
            found["by_sponsor"][1]["expected_cost"] == 50
        };
        house.until("the rate is known", lapsed).await;
        house.holds().await;
    }

    async fn codes_of_campaigns_and_what_partners_bill_cost_too(house: House) {
        house.opens("vanak", "tehran").await;
        house.offers("coffee", json!({"cost": 10})).await;
        house.offers("travel", json!({"cost": 500, "kind": {"type": "partner_coupon", "partner": "air"}})).await;
        house.operator().post("/v1/rewards/travel/coupons", Some(json!({"codes": ["A"]}))).await.expect(200);
        house.redeemed(1, "k1", "travel").await;
        assert_eq!(of(&costs(&house, "travel").await["total"], &["issued", "used", "cost"]), [1, 0, 500]);
        let body = json!({"reward": "coffee", "count": 3, "valid_until": "2026-12-21T08:00:00Z"});
        let batch = house.operator().keyed("b1", "/v1/code-batches", body).await.expect(202)["batch_id"].clone();
        let batch = batch.as_str().expect("an id").to_owned();
        let path = format!("/v1/code-batches/{batch}");
        house.until("it is made", || async { house.operator().get(&path).await.expect(200)["state"] == "made" }).await;
        let file = house.operator().keyed("f1", &format!("{path}/file"), json!({})).await.text;
        let code = file.lines().nth(1).and_then(|line| line.split_once(',')).expect("a code").1.trim().to_owned();
        for turn in 0..3 {
            let used = house.till("vanak").keyed(&format!("u{turn}"), "/v1/code-uses", json!({"code": code})).await.expect(201);
            if turn < 2 {
                let back = format!("/v1/code-uses/{}/cancellation", used["use_id"].as_str().expect("an id"));
                house.till("vanak").post(&back, None).await.expect(200);
            }
        }
        let found = costs(&house, "coffee").await;
        assert_eq!(of(&found["ways"][0], &["issued", "used", "charge", "correction", "cost"]), [3, 1, 30, 20, 10]);
        assert_eq!(found["ways"][0]["way"], "batch");
        let owed = house.operator().get("/v1/reward-money/liability").await.expect(200);
        assert_eq!(of(&owed["total"], &["count", "cost"]), [3, 20], "two codes, and one of the partner's, which costs nothing more");
        days_pass(&house, 1).await;
        assert_eq!(costs(&house, "coffee").await, found);
        house.holds().await;
    }

    async fn rates_say_what_is_used_what_lapses_and_how_soon(house: House) {
        house.opens("vanak", "tehran").await;
        house.offers("coffee", json!({"cost": 10})).await;
        for (number, key) in [(1, "k1"), (2, "k2"), (3, "k3"), (4, "k4")] {
            house.redeemed(number, key, "coffee").await;
        }
        uses(&house, "u1", &house.voucher(1).await["code"], json!({})).await.expect(201);
        house.wait_s(DAY_S / 2);
        uses(&house, "u2", &house.voucher(2).await["code"], json!({})).await.expect(201);
        house.wait_s(5 * DAY_S);
        uses(&house, "u3", &house.voucher(3).await["code"], json!({})).await.expect(201);
        let path = "/v1/reward-money/rates?from=2026-11-01&to=2026-12-31";
        let before = house.operator().get(path).await.expect(200);
        let names = ["issued", "used", "expired", "used_per_mille", "breakage_per_mille", "median_within_s"];
        assert_eq!(of(&before["rewards"][0]["total"], &names), [4, 3, 0, 750, 0, 86_400]);
        assert_eq!((&before["rewards"][0]["ways"][0]["way"], &before["rewards"][0]["ways"][0]["uses"][3]["uses"]), (&json!("redemption"), &json!(1)));
        house.wait_s(30 * DAY_S);
        let lapsed = || async { house.operator().get(path).await.expect(200)["rewards"][0]["total"]["expired"] == 1 };
        house.until("the last one lapses", lapsed).await;
        let after = house.operator().get(path).await.expect(200);
        assert_eq!(of(&after["rewards"][0]["total"], &names), [4, 3, 1, 750, 250, 86_400]);
        let file = house.operator().file(path).await.text;
        assert_eq!(file.split("\r\n").nth(1), Some("coffee,redemption,4,3,1,750,250,86400"), "{file}");
        house.operator().get("/v1/reward-money/rates?from=2026-11-02&to=2026-11-01").await.refused(400, "rewards.period_invalid");
        house.member(1).get(path).await.refused(403, "web.access_denied");
        house.holds().await;
    }

    async fn accountants_may_read_and_periods_and_pages_have_limits(house: House) {
        house.offers("coffee", json!({"cost": 10})).await;
        house.offers("tea", json!({"cost": 10})).await;
        house.redeemed(1, "k1", "coffee").await;
        house.redeemed(1, "k2", "tea").await;
        let ask = async |query: &str| house.operator().get(&format!("/v1/reward-money/{query}")).await;
        ask("costs?from=2026-11-02&to=2026-11-01").await.refused(400, "rewards.period_invalid");
        ask("costs?from=2000-11-02&to=2026-11-01").await.refused(400, "rewards.period_invalid");
        ask("costs?from=2026-11-01&to=2026-11-30&limit=0").await.refused(400, "rewards.limit_out_of_range");
        ask("liability?limit=201").await.refused(400, "rewards.limit_out_of_range");
        ask("liability?cursor=b3Bz").await.refused(400, "rewards.cursor_invalid");
        house.member(1).get(MONTH).await.refused(403, "web.access_denied");
        house.till("vanak").get("/v1/reward-money/liability").await.refused(403, "web.access_denied");
        for report in ["costs?from=2026-11-01&to=2026-11-30&limit=1", "liability?limit=1"] {
            let page = ask(report).await.expect(200);
            assert_eq!((&page["rewards"][0]["reward"], &page["has_more"]), (&json!("coffee"), &json!(true)));
            let next = ask(&format!("{report}&cursor={}", page["next_cursor"].as_str().expect("a cursor"))).await.expect(200);
            assert_eq!((&next["rewards"][0]["reward"], &next["has_more"]), (&json!("tea"), &json!(false)));
        }
    }
}
