//! What counts for a tier: of purchases that points paid in part, and once a version has dropped the ladder.

use contracts::membership::{ActionDone, ActionUndone, ActionValue};
use kernel::{ActionCode, Timestamp};
use serde_json::{Value, json};

use crate::shop::{START, Shop, ZAHRA, base, basket, member, on_both, programme, rule};
use crate::simulations::simulated;

fn name(text: &str) -> Value {
    json!({"fa": text, "ar": text, "en": text})
}

/// A point pays 1,000; silver is for 300,000 spent in a year.
fn by_spend(counts_on: Option<&str>) -> Value {
    let mut document = programme(&[base()]);
    document["spending"] = json!({"point_value": 1_000});
    document["tiers"] = json!({"measure": "spend", "period": "year",
        "levels": [{"code": "silver", "name": name("Silver"), "from": 300_000}]});
    if let Some(counts_on) = counts_on {
        document["tiers"]["counts_on"] = counts_on.into();
    }
    document
}

/// A survey counts for a tier that goes by points, if there is one.
fn by_points(with_tiers: bool) -> Value {
    let mut survey = rule("survey", json!({"per_units": {"units": 1, "points": 7}}));
    survey["on"] = json!({"action": "survey"});
    survey["funder"] = "vanak".into();
    survey["qualifying"] = true.into();
    let mut document = programme(&[base()]);
    document["actions"] = json!([survey]);
    if with_tiers {
        document["tiers"] = json!({"measure": "points", "period": "year",
            "levels": [{"code": "silver", "name": name("Silver"), "from": 50}]});
    }
    document
}

async fn publishes(shop: &Shop, document: Value) {
    shop.operator().put("/v1/programme", document).await.expect(201);
    shop.days_later(1);
}

/// What counts, and the tier.
async fn stands(shop: &Shop) -> (i64, Value) {
    let stands = shop.till().get(&format!("/v1/members/{}/tier", member(1))).await.expect(200);
    (stands["credit"].as_i64().expect("a number"), stands["tier"]["code"].clone())
}

async fn returns(shop: &Shop, receipt: &str, of: &str, amount: Option<i64>) {
    let back = json!({"purchase": {"till": "till-1", "receipt": of}, "receipt": receipt, "occurred_at": START,
        "currency": "IRR", "amount": amount});
    shop.till().give_back(receipt, &back).await.expect(201);
    shop.days_later(1);
}

async fn undoes(shop: &Shop, key: &str, action: &str, amount: Option<i64>) {
    let body = json!({"amount": amount, "actor": "sara", "reason": "It was a mistake"});
    shop.operator().keyed(key, &format!("/v1/actions/{action}/reversal"), &body).await.expect(201);
    shop.days_later(1);
}

/// Buys for money, then with 20 points as a part of it.
async fn buys(shop: &Shop) {
    shop.till().buy("k1", &basket("R1", 250_000)).await.expect(201);
    shop.days_later(1);
    let mut with_points = basket("R2", 100_000);
    with_points["spend"] = json!({"points": 20});
    shop.till().buy("k2", &with_points).await.expect(201);
    shop.days_later(1);
}

on_both! {
    async fn what_points_pay_does_not_count_again_for_a_tier(shop: Shop) {
        publishes(&shop, by_spend(None)).await;
        buys(&shop).await;
        assert_eq!(stands(&shop).await, (330_000, json!("silver")));
        shop.holds().await;
        for (amount, left) in [(Some(33_333), 330_000 - 26_666), (Some(33_333), 330_000 - 53_332), (None, 250_000)] {
            returns(&shop, &format!("B{left}"), "R2", amount).await;
            assert_eq!(stands(&shop).await.0, left, "its share of the 80,000, rounded down");
            shop.holds().await;
        }
        assert_eq!(stands(&shop).await.1, Value::Null);
        let outcome = simulated(&shop, 1, json!({})).await;
        let level = &outcome["figures"]["programmes"][0]["tiers"][0];
        assert_eq!((&level["reached"], &level["lost"], &level["members"]), (&json!(1), &json!(1), &json!(0)));
    }

    async fn a_ladder_may_count_all_of_a_purchase(shop: Shop) {
        publishes(&shop, by_spend(Some("whole"))).await;
        buys(&shop).await;
        assert_eq!(stands(&shop).await, (350_000, json!("silver")));
        // What was counted is taken back, by the version that counted it.
        publishes(&shop, by_spend(None)).await;
        returns(&shop, "B1", "R2", Some(40_000)).await;
        assert_eq!(stands(&shop).await, (310_000, json!("silver")));
        shop.holds().await;
        let page = shop.by(web::Caller::Anonymous).speaking("en").get("/v1/programme").await.expect(200);
        assert!(!page.to_string().contains("counts for a tier"), "{page}");
        publishes(&shop, by_spend(Some("whole"))).await;
        let page = shop.by(web::Caller::Anonymous).speaking("en").get("/v1/programme").await.expect(200);
        assert!(page.to_string().contains("All of a purchase counts for a tier, what is paid with points too."), "{page}");
        returns(&shop, "B2", "R2", None).await;
        assert_eq!(stands(&shop).await.0, 250_000);
        shop.holds().await;
    }

    async fn what_counted_is_taken_back_though_the_ladder_is_gone(shop: Shop) {
        publishes(&shop, by_points(true)).await;
        shop.till().buy("k1", &basket("R1", 300_000)).await.expect(201);
        let body = json!({"member": {"phone": ZAHRA}, "action": "survey", "reference": "s1", "occurred_at": START, "value": {"units": 10}});
        let done = shop.operator().keyed("s1", "/v1/actions", &body).await.expect(201);
        assert_eq!(stands(&shop).await, (100, json!("silver")));
        publishes(&shop, by_points(false)).await;
        let action = done["action_id"].as_str().expect("an id");
        undoes(&shop, "u1", action, Some(3)).await;
        returns(&shop, "B1", "R1", Some(100_001)).await;
        shop.holds().await;
        undoes(&shop, "u2", action, None).await;
        shop.holds().await;
        publishes(&shop, by_points(true)).await;
        assert_eq!(stands(&shop).await, (20, Value::Null), "what is left of the purchase, rounded up for the member");
        returns(&shop, "B2", "R1", None).await;
        assert_eq!(stands(&shop).await.0, 0);
        shop.holds().await;
    }

    async fn an_action_is_taken_back_by_the_ladder_that_counted_it(shop: Shop) {
        publishes(&shop, by_points(false)).await;
        let told = ActionDone {
            member_id: member(1), action: ActionCode::parse("survey").expect("a code"), reference: "s1".to_owned(),
            occurred_at: Timestamp::parse(START).expect("a time"), branch: None,
            value: Some(ActionValue::Units(10)),
        };
        // Told under a programme without tiers, heard and counted under one that has some, undone once they are gone.
        let fact = shop.fact(1, &told);
        publishes(&shop, by_points(true)).await;
        shop.hear(&[fact]).await;
        assert_eq!(stands(&shop).await, (70, json!("silver")));
        shop.days_later(1);
        publishes(&shop, by_points(false)).await;
        let undone = ActionUndone {
            member_id: told.member_id, action: told.action, reference: told.reference, reversal: "r1".to_owned(), amount: Some(4),
        };
        shop.tells(&undone).await;
        shop.days_later(1);
        shop.holds().await;
        publishes(&shop, by_points(true)).await;
        assert_eq!(stands(&shop).await.0, 42);
    }
}
