//! A member's month: its lines add up, in both calendars, whether or not lapsed points were written off.

use serde_json::{Value, json};

use crate::shop::{START, Shop, base, basket, member, on_both, rule};

async fn month(shop: &Shop, month: &str) -> Value {
    let path = format!("/v1/members/{}/statements/{month}", member(1));
    let statement = shop.till().get(&path).await.expect(200);
    let sum = |list: &str| -> i64 {
        statement[list].as_array().expect("a list").iter().filter_map(|line| line["points"].as_i64()).sum()
    };
    let opening = statement["opening"].as_i64().expect("points");
    let closing = opening + sum("movements") + sum("lapsed");
    assert_eq!(statement["closing"], closing, "{statement}");
    statement
}

/// November: two purchases in two branches, one of which lasts a month. January: a return, which writes off what lapsed.
async fn lives(shop: Shop) -> Shop {
    let mut short = rule("short", json!({"fixed": {"points": 50}}));
    short["expiry"] = json!({"months": 1});
    short["when"] = json!({"branches": ["vanak"]});
    let shop = shop.selling(&[base(), short]).await;
    shop.till().buy("k1", &basket("R1", 200_000)).await.expect(201);
    shop.till_of("tajrish", "till-1").buy("k2", &basket("R2", 100_000)).await.expect(201);
    shop.till_of("tajrish", "till-1").buy("k3", &basket("R3", 50_000)).await.expect(201);
    shop.days_later(60);
    shop
}

on_both! {
    async fn points_lapse_in_the_month_of_their_last_day_whenever_they_are_written_off(shop: Shop) {
        let shop = lives(shop).await;
        let november = month(&shop, "2026-11").await;
        assert_eq!((&november["opening"], &november["closing"]), (&json!(0), &json!(85)));
        let expected = json!([
            {"kind": "purchase", "branch": "tajrish", "count": 2, "points": 15},
            {"kind": "purchase", "branch": "vanak", "count": 1, "points": 70},
        ]);
        assert_eq!(november["movements"], expected);
        let december = month(&shop, "2026-12").await;
        assert_eq!(december["lapsed"], json!([{"on": "2026-12-21", "points": -50}]));
        assert_eq!((&december["opening"], &december["closing"]), (&json!(85), &json!(35)));
        assert_eq!(december["movements"], json!([]));
        let back = json!({
            "purchase": {"till": "till-1", "receipt": "R1"}, "receipt": "B1", "occurred_at": START, "currency": "IRR", "amount": 100_000,
        });
        shop.till().give_back("k4", &back).await.expect(201);
        assert_eq!(month(&shop, "2026-12").await, december, "the write-off in January changes nothing");
        let january = month(&shop, "2027-01").await;
        assert_eq!((&january["opening"], &january["lapsed"], &january["closing"]), (&json!(35), &json!([]), &json!(25)));
        assert_eq!(january["closing"], shop.till().balance(member(1)).await["points"]);
        shop.holds().await;
    }

    async fn the_month_that_runs_ends_now(shop: Shop) {
        let shop = lives(shop).await;
        shop.days_later(-31);
        let december = month(&shop, "2026-12").await;
        assert_eq!((&december["lapsed"], &december["closing"]), (&json!([]), &json!(85)), "it is the 20th");
        shop.days_later(2);
        assert_eq!(month(&shop, "2026-12").await["closing"], 35);
    }

    async fn a_jalali_month_has_its_own_days(shop: Shop) {
        let shop = lives(shop).await;
        let aban = month(&shop, "1405-08?calendar=jalali").await;
        assert_eq!((&aban["from"], &aban["to"], &aban["closing"]), (&json!("2026-10-23"), &json!("2026-11-21"), &json!(85)));
        let azar = month(&shop, "1405-09?calendar=jalali").await;
        assert_eq!((&azar["opening"], &azar["closing"]), (&json!(85), &json!(35)), "its last day is Azar's");
        assert_eq!(azar["lapsed"], json!([{"on": "2026-12-21", "points": -50}]));
        assert_eq!(month(&shop, "1405-10?calendar=jalali").await["opening"], 35);
    }

    async fn what_is_no_month_or_no_member_is_refused(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        for wrong in ["2026-13", "2026-1", "2026-12", "1405-08-01", "november", "1405-13?calendar=jalali"] {
            let path = format!("/v1/members/{}/statements/{wrong}", member(1));
            shop.till().get(&path).await.refused(400, "points.month_invalid");
        }
        let path = format!("/v1/members/{}/statements/2026-11", member(99));
        shop.till().get(&path).await.refused(404, "points.member_unknown");
        assert_eq!(month(&shop, "2026-11").await["movements"], json!([]));
    }
}
