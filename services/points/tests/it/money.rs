//! What the chain owes, at any date: the same whether or not a day was closed.

use std::time::Duration;

use serde_json::{Value, json};
use web::Caller;

use crate::{
    sender::Answer,
    shop::{ALI, START, Shop, base, basket, member, on_both, rule},
};

/// The page whose figures these tests compute.
const PAGE: &str = include_str!("../../../../docs/money.md");

/// Points that last a month, and points that last a year.
fn short_and_long() -> [Value; 2] {
    let mut short = rule("short", json!({"fixed": {"points": 50}}));
    short["expiry"] = json!({"months": 1});
    short["when"] = json!({"minimum_basket": 100_000});
    [base(), short]
}

fn of_ali(receipt: &str, amount: i64) -> Value {
    let mut body = basket(receipt, amount);
    body["member"] = json!({ "phone": ALI });
    body
}

/// November: both buy. December: both have points that lapse; Zahra buys in another branch, and brings something back.
/// January: Ali redeems points of Isfahan in Tajrish.
async fn two_months(shop: Shop) -> Shop {
    let shop = shop.selling(&short_and_long()).await;
    let rates = json!({
        "cost": {"amount": 500, "points": 1},
        "funders": [{"funder": "isf-1", "cost": {"amount": 1_501, "points": 2}}],
        "breakage_basis_points": 1_250,
    });
    shop.operator().put("/v1/money/rates/2026-11-01", rates).await.expect(201);
    shop.till().buy("k1", &basket("R1", 200_000)).await.expect(201);
    shop.till_of("isf-1", "till-1").buy("k2", &of_ali("R2", 310_000)).await.expect(201);
    shop.days_later(31);
    shop.till_of("tajrish", "till-1").buy("k3", &basket("R3", 70_000)).await.expect(201);
    let back = json!({
        "purchase": {"branch": "tajrish", "till": "till-1", "receipt": "R3"},
        "receipt": "B1", "occurred_at": START, "currency": "IRR", "amount": 30_000,
    });
    shop.till().give_back("k4", &back).await.expect(201);
    shop.days_later(20);
    let redeems = json!({"member": {"phone": ALI}, "points": 11});
    shop.till_of("tajrish", "till-1").keyed("k5", "/v1/redemptions", &redeems).await.expect(201);
    shop.holds().await;
    shop
}

const ROLL_FORWARD: &str = "/v1/money/roll-forward?from=2026-12-01&to=2026-12-31";
const LIABILITY: &str = "/v1/money/liability?on=2026-12-31";
const CLEARING: &str = "/v1/money/clearing?from=2027-01-01&to=2027-01-31";

async fn file(shop: &Shop, path: &str) -> String {
    let answer: Answer = shop.operator().send("GET", path, &[("accept", "text/csv")], None).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text
}

/// Waits until the job has closed this many days.
async fn closed(shop: &Shop, days: i64) {
    for _ in 0..200 {
        if shop.number("SELECT COUNT(*) FROM closed_days").await == days {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} days are closed", shop.number("SELECT COUNT(*) FROM closed_days").await);
}

on_both! {
    async fn the_page_for_accountants_shows_what_the_reports_say(shop: Shop) {
        let shop = two_months(shop).await;
        for path in [ROLL_FORWARD, LIABILITY, CLEARING] {
            let file = file(&shop, path).await.replace("\r\n", "\n");
            assert!(PAGE.contains(&file), "docs/money.md does not show {path}:\n{file}");
        }
    }

    async fn opening_plus_lines_is_closing_and_the_next_opening(shop: Shop) {
        let shop = two_months(shop).await;
        let december = shop.operator().get(ROLL_FORWARD).await.expect(200);
        let total = &december["total"];
        let expected = json!({
            "opening": 151, "issued": 7, "reversed": -3, "redeemed": 0, "redemptions_undone": 0, "expired": -50, "adjusted": 0,
            "fees": 0, "written_off": 0, "debt_recovered": 0, "closing": 105, "transferred": 0,
        });
        assert_eq!(total, &expected);
        let january = shop.operator().get("/v1/money/roll-forward?from=2027-01-01&to=2027-01-31").await.expect(200);
        assert_eq!(january["total"]["opening"], 105);
        let november = shop.operator().get("/v1/money/roll-forward?from=2026-11-01&to=2026-11-30").await.expect(200);
        assert_eq!((&november["total"]["opening"], &november["total"]["closing"]), (&json!(0), &json!(151)));
        let both = shop.operator().get("/v1/money/roll-forward?from=2026-11-21&to=2026-12-22").await.expect(200);
        assert_eq!((&both["total"]["issued"], &both["total"]["closing"]), (&json!(158), &json!(105)));
    }

    async fn lapsed_points_are_not_owed_whether_or_not_anything_wrote_them_off(shop: Shop) {
        let shop = two_months(shop).await;
        let on = async |day: &str| shop.operator().get(&format!("/v1/money/liability?on={day}")).await.expect(200);
        assert_eq!(on("2026-11-20").await["total"]["points"], 0);
        assert_eq!(on("2026-11-21").await["total"]["points"], 151);
        assert_eq!(on("2026-12-21").await["total"]["points"], 151, "the last day is not over");
        let after = on("2026-12-22").await;
        assert_eq!((&after["total"]["points"], &after["total"]["lapsed"]), (&json!(55), &json!(50)), "Ali's lie there");
        assert_eq!(after["total"]["spendable"], 55);
        assert_eq!(after["sum_of_books"], 0);
        let issuance = after["books"].as_array().expect("a list").iter().find(|book| book["book"] == "issuance");
        assert_eq!(issuance.expect("a book")["points"], -155);
    }

    async fn reports_say_the_same_before_and_after_days_are_closed(shop: Shop) {
        let shop = two_months(shop).await;
        let paths = [ROLL_FORWARD, LIABILITY, CLEARING, "/v1/money/liability?on=2026-12-22", "/v1/money/liability"];
        let mut before = Vec::new();
        for path in paths {
            before.push(shop.operator().get(path).await.expect(200));
        }
        assert_eq!(shop.number("SELECT COUNT(*) FROM closed_days").await, 0);
        // PostgreSQL moves a row that is written anew: the first journal need not lie before the others.
        shop.execute("UPDATE journals SET balance = balance WHERE recorded_at = (SELECT MIN(recorded_at) FROM journals)").await;
        let other = shop.replica().await;
        closed(&other, 51).await;
        for (path, before) in paths.iter().zip(before) {
            assert_eq!(other.operator().get(path).await.expect(200), before, "{path}");
        }
        let rows = other.audited().await;
        let days = rows.iter().find(|row| row.promise.contains("closed day")).expect("a row");
        assert!(days.holds() && days.examined == 51, "{days:?}");
        // A sum that was changed by hand is named.
        shop.execute("UPDATE day_flows SET points = points + 1 WHERE template = 1 AND funder = 'vanak'").await;
        let rows = other.audited().await;
        let days = rows.iter().find(|row| row.promise.contains("closed day")).expect("a row");
        assert!(days.examples.iter().any(|example| example.contains("2026-11-21")), "{days:?}");
    }

    async fn whoever_gave_goods_for_points_of_others_is_to_receive(shop: Shop) {
        let shop = two_months(shop).await;
        let clearing = shop.operator().get(CLEARING).await.expect(200);
        assert_eq!(clearing["cells"], json!([{"funder": "isf-1", "redeemed_at": "tajrish", "points": 11, "value": 8_256}]));
        let nets: Vec<_> = clearing["positions"].as_array().expect("a list").iter()
            .map(|p| (p["branch"].as_str().expect("a branch"), p["net"].as_i64().expect("points"), p["net_value"].as_i64().expect("money")))
            .collect();
        assert_eq!(nets, [("isf-1", -11, -8_256), ("tajrish", 11, 8_256)]);
        assert_eq!(clearing["rates"], json!({"valid_from": "2026-11-01", "revision": 1}));
    }

    async fn what_is_set_aside_is_owed_where_it_lies(shop: Shop) {
        let shop = two_months(shop).await;
        let hold = json!({"member": {"phone": ALI}, "points": 5, "lifetime_s": 600});
        let held = shop.till().keyed("k6", "/v1/holds", &hold).await.expect(201);
        let given = json!({"points": 3, "funder": "vanak", "actor": "agent-7", "reason": "a complaint"});
        let path = format!("/v1/members/{}/adjustments", member(1));
        shop.operator().keyed("k7", &path, &given).await.expect(201);
        let now = shop.operator().get("/v1/money/liability").await.expect(200);
        let total = &now["total"];
        assert_eq!((&total["points"], &total["held"], &total["spendable"]), (&json!(47), &json!(5), &json!(42)));
        let capture = format!("/v1/holds/{}/capture", held["id"].as_str().expect("an id"));
        shop.till().keyed("k8", &capture, &json!({})).await.expect(201);
        let january = shop.operator().get("/v1/money/roll-forward?from=2027-01-01&to=2027-01-31").await.expect(200);
        let total = &january["total"];
        assert_eq!((&total["redeemed"], &total["adjusted"], &total["expired"]), (&json!(-16), &json!(3), &json!(-50)));
        assert_eq!(total["closing"], 42);
        let clearing = shop.operator().get(CLEARING).await.expect(200);
        assert_eq!(clearing["positions"].as_array().map(Vec::len), Some(3), "{clearing}");
        shop.holds().await;
    }

    async fn rates_are_kept_in_every_revision_and_reports_name_theirs(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.till().buy("k1", &basket("R1", 50_000)).await.expect(201);
        let bare = shop.operator().get("/v1/money/liability").await.expect(200);
        assert!(bare["total"].get("value").is_none() && bare.get("rates").is_none(), "{bare}");
        let rates = |amount: i64| json!({"cost": {"amount": amount, "points": 2}, "breakage_basis_points": 5_000});
        let path = "/v1/money/rates/2026-11-21";
        let first = shop.operator().put(path, rates(3)).await.expect(201);
        assert_eq!(shop.operator().put(path, rates(3)).await.expect(200), first);
        assert_eq!(shop.operator().put(path, rates(4)).await.expect(201)["revision"], 2);
        shop.operator().put("/v1/money/rates/2026-11-22", rates(9)).await.expect(201);
        let today = shop.operator().get("/v1/money/liability").await.expect(200);
        assert_eq!(today["rates"], json!({"valid_from": "2026-11-21", "revision": 2}));
        assert_eq!((&today["total"]["value"], &today["total"]["breakage"], &today["total"]["expected"]), (&json!(10), &json!(5), &json!(5)));
        let all = shop.operator().get("/v1/money/rates").await.expect(200);
        assert_eq!(all["items"].as_array().map(Vec::len), Some(3));
    }

    async fn what_is_no_period_and_no_rate_is_refused(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        for path in [
            "/v1/money/roll-forward?from=2026-12-02&to=2026-12-01",
            "/v1/money/clearing?from=2016-01-01&to=2026-12-01",
            "/v1/money/liability?on=2026-11-22",
        ] {
            shop.operator().get(path).await.refused(400, "points.period_invalid");
        }
        for path in ["/v1/money/roll-forward?from=2026-12-02", "/v1/money/clearing?from=yesterday&to=2026-12-01"] {
            assert_eq!(shop.operator().get(path).await.status, 400, "{path}");
        }
        let stranger = json!({
            "cost": {"amount": 1, "points": 1}, "breakage_basis_points": 0,
            "funders": [{"funder": "atlantis", "cost": {"amount": 1, "points": 1}}],
        });
        let problem = shop.operator().put("/v1/money/rates/2026-11-21", stranger).await.refused(422, "points.rates_invalid");
        assert_eq!(problem["pointer"], "/funders/0/funder");
        assert_eq!(shop.number("SELECT COUNT(*) FROM rates").await, 0);
        for path in [ROLL_FORWARD, LIABILITY, CLEARING, "/v1/money/rates"] {
            shop.till().get(path).await.refused(403, "web.access_denied");
            shop.by(Caller::Anonymous).get(path).await.refused(401, "web.caller_required");
        }
    }
}
