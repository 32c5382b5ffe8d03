//! Pending points that an event makes spendable before their day: those of one purchase, exactly, once.

use contracts::points::PointsActivated;
use futures_util::future::join_all;
use kernel::Points;
use serde_json::{Value, json};

use crate::sender::Answer;
use crate::shop::{START, Shop, ZAHRA, base, basket, member, on_both, rule};

/// A point for each 10,000 at once, and as many again after ten days; neither lapses by the day it came.
async fn sells(shop: Shop) -> Shop {
    let mut later = rule("later", json!({"per_amount": {"amount": 10_000, "points": 1}}));
    later["pending"] = json!({"days": 10});
    shop.selling(&[base(), later]).await
}

async fn bought(shop: &Shop, receipt: &str, amount: i64) -> String {
    let answer = shop.till().buy(&format!("k-{receipt}"), &basket(receipt, amount)).await.expect(201);
    format!("/v1/purchases/{}/activation", answer["purchase_id"].as_str().expect("an id"))
}

async fn activates(shop: &Shop, key: &str, path: &str) -> Answer {
    shop.till().keyed(key, path, &json!({})).await
}

/// What can be spent, is pending, is owed.
async fn has(shop: &Shop) -> [i64; 3] {
    let balance = shop.till().balance(member(1)).await;
    ["/points", "/pending/points", "/debt"]
        .map(|place| balance.pointer(place).and_then(Value::as_i64).unwrap_or_default())
}

fn back(receipt: &str, of: &str, amount: Option<i64>) -> Value {
    json!({"purchase": {"till": "till-1", "receipt": of}, "receipt": receipt, "occurred_at": START, "currency": "IRR", "amount": amount})
}

on_both! {
    async fn one_purchases_points_are_activated_and_no_others(shop: Shop) {
        let shop = sells(shop).await;
        let one = bought(&shop, "R1", 300_000).await;
        let two = bought(&shop, "R2", 500_000).await;
        let answer = activates(&shop, "a1", &one).await.expect(201);
        assert_eq!((&answer["kind"], &answer["change"], &answer["balance"]), (&json!("activation"), &json!(30), &json!(110)));
        let again = activates(&shop, "a1", &one).await;
        assert!(again.replayed);
        assert_eq!(again.expect(200), answer);
        activates(&shop, "a2", &one).await.refused(409, "points.activated_before");
        activates(&shop, "a1", &two).await.refused(422, "points.idempotency_key_reused");
        assert_eq!(has(&shop).await[1], 50, "the other purchase waits for its day");
        let told: Vec<Points> = shop.told::<PointsActivated>().await.into_iter().map(|(_, fact)| fact.points).collect();
        assert_eq!(told, [Points::new(30)]);
        shop.days_later(10);
        assert_eq!(has(&shop).await[0], 160);
        let late = activates(&shop, "a3", &two).await.expect(201);
        assert_eq!((&late["change"], &late["balance"]), (&json!(0), &json!(160)), "its day was faster");
        shop.holds().await;
    }

    async fn returns_before_and_afterwards_are_exact(shop: Shop) {
        let shop = sells(shop).await;
        let one = bought(&shop, "R1", 300_000).await;
        bought(&shop, "R2", 500_000).await;
        shop.till().give_back("b1", &back("B1", "R1", Some(100_000))).await.expect(201);
        assert_eq!(has(&shop).await, [70, 70, 0], "twenty of thirty are left of each, and R2");
        assert_eq!(activates(&shop, "a1", &one).await.expect(201)["change"], 20);
        assert_eq!(has(&shop).await, [90, 50, 0]);
        // What was activated is taken from what can be spent; what the other purchase has pending stays.
        shop.till().give_back("b2", &back("B2", "R1", None)).await.expect(201);
        assert_eq!(has(&shop).await, [50, 50, 0]);
        shop.holds().await;
    }

    async fn a_debt_takes_its_share(shop: Shop) {
        let shop = sells(shop).await;
        bought(&shop, "R1", 300_000).await;
        let two = bought(&shop, "R2", 500_000).await;
        let spend = json!({"member": {"phone": ZAHRA}, "points": 80});
        shop.till().keyed("s1", "/v1/redemptions", &spend).await.expect(201);
        shop.till().give_back("b1", &back("B1", "R1", None)).await.expect(201);
        assert_eq!(has(&shop).await, [0, 50, 30]);
        let answer = activates(&shop, "a1", &two).await.expect(201);
        assert_eq!((&answer["change"], &answer["balance"]), (&json!(20), &json!(20)));
        assert_eq!(has(&shop).await, [20, 0, 0]);
        shop.holds().await;
    }

    async fn only_one_of_many_at_once_activates(shop: Shop) {
        let shop = sells(shop).await;
        let one = bought(&shop, "R1", 300_000).await;
        let other = shop.replica().await;
        let keys: Vec<String> = (0..8).map(|n| format!("a{n}")).collect();
        let all = join_all(keys.iter().enumerate().map(|(n, key)| {
            let service = if n % 2 == 0 { &shop } else { &other };
            activates(service, key, &one)
        })).await;
        let mut statuses: Vec<u16> = all.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
        assert_eq!(has(&shop).await[0], 60);
        shop.holds().await;
    }

    async fn a_till_activates_what_its_own_branch_sold(shop: Shop) {
        let shop = sells(shop).await;
        let one = bought(&shop, "R1", 300_000).await;
        shop.till_of("tajrish", "till-1").keyed("a1", &one, &json!({})).await.refused(404, "points.purchase_unknown");
        let missing = "/v1/purchases/0192f3a1-7c00-8000-8000-000000000099/activation";
        activates(&shop, "a1", missing).await.refused(404, "points.purchase_unknown");
        shop.operator().keyed("a1", &one, &json!({})).await.expect(201);
        let two = bought(&shop, "R2", 300_000).await;
        let end = json!({"funder": "vanak", "actor": "staff-1", "reason": "left"});
        shop.operator().keyed("c1", &format!("/v1/members/{}/account/closure", member(1)), &end).await.expect(201);
        shop.operator().keyed("a2", &two, &json!({})).await.refused(422, "points.account_closed");
        shop.holds().await;
    }
}
