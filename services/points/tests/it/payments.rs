//! Payments through a partner earn like actions, and their reversals take back exactly what they earned (P1).

use contracts::{
    membership::{ActionDone, ActionUndone, ActionValue},
    points::ActionReversed,
};
use futures_util::future::join_all;
use kernel::{ActionCode, Currency, Points, Timestamp};
use serde_json::{Value, json};

use crate::sender::Answer;
use crate::shop::{START, Shop, ZAHRA, base, member, on_both, programme, rule};

/// A point for each 1,000 paid by card, as many again after ten days, and both count for tiers.
async fn pays(shop: Shop) -> Shop {
    let paid = |code: &str| {
        let mut rule = rule(code, json!({"per_payment": {"amount": 1_000, "points": 1}}));
        rule["on"] = json!({"action": "card-payment"});
        rule["funder"] = "vanak".into();
        rule["qualifying"] = true.into();
        rule
    };
    let mut later = paid("later");
    later["pending"] = json!({"days": 10});
    let mut document = programme(&[base()]);
    document["actions"] = json!([paid("now"), later]);
    let name = json!({"fa": "ن", "ar": "ن", "en": "n"});
    document["tiers"] = json!({"measure": "points", "period": "year", "downgrade": "never", "on_return": "falls",
        "levels": [{"code": "gold", "name": name, "from": 50}]});
    shop.operator().put("/v1/programme", document).await.expect(201);
    shop
}

async fn paid(shop: &Shop, reference: &str, amount: i64) -> String {
    let value = json!({"payment": {"amount": amount, "currency": "IRR", "category": "5411"}});
    let body = json!({"member": {"phone": ZAHRA}, "action": "card-payment", "reference": reference, "occurred_at": START, "value": value});
    let answer = shop.operator().keyed(&format!("p-{reference}"), "/v1/actions", &body).await.expect(201);
    format!("/v1/actions/{}/reversal", answer["action_id"].as_str().expect("an id"))
}

fn undo(amount: Option<i64>) -> Value {
    json!({"amount": amount, "actor": "bank-feed", "reason": "The payment was reversed"})
}

async fn undoes(shop: &Shop, key: &str, path: &str, amount: Option<i64>) -> Answer {
    shop.operator().keyed(key, path, &undo(amount)).await
}

async fn has(shop: &Shop) -> [i64; 3] {
    let balance = shop.till().balance(member(1)).await;
    ["/points", "/pending/points", "/debt"]
        .map(|place| balance.pointer(place).and_then(Value::as_i64).unwrap_or_default())
}

on_both! {
    async fn parts_of_a_payment_are_taken_back_exactly_and_no_further(shop: Shop) {
        let shop = pays(shop).await;
        let path = paid(&shop, "p1", 100_000).await;
        assert_eq!(has(&shop).await, [100, 100, 0]);
        let first = undoes(&shop, "u1", &path, Some(33_333)).await.expect(201);
        assert_eq!((&first["points_taken"], &first["undone"], &first["balance"]), (&json!(66), &json!(33_333), &json!(67)));
        let again = undoes(&shop, "u1", &path, Some(33_333)).await;
        assert!(again.replayed);
        assert_eq!(again.expect(200), first);
        undoes(&shop, "u1", &path, Some(1)).await.refused(422, "points.idempotency_key_reused");
        assert_eq!(undoes(&shop, "u2", &path, Some(66_668)).await.refused(422, "points.reversal_too_large")["left"], 66_667);
        for (key, amount) in [("u3", 0), ("u4", -1)] {
            undoes(&shop, key, &path, Some(amount)).await.refused(422, "points.reversal_too_large");
        }
        undoes(&shop, "u5", &path, None).await.expect(201);
        assert_eq!(has(&shop).await, [0, 0, 0]);
        undoes(&shop, "u6", &path, None).await.refused(422, "points.reversal_too_large");
        let missing = "/v1/actions/0192f3a1-7c00-8000-8000-000000000099/reversal";
        undoes(&shop, "u7", missing, None).await.refused(404, "points.action_unknown");
        let tier = shop.till().get(&format!("/v1/members/{}/tier", member(1))).await.expect(200);
        assert_eq!((&tier["tier"], &tier["credit"]), (&Value::Null, &json!(0)), "what it had counted is gone");
        let told: Vec<Points> = shop.told::<ActionReversed>().await.into_iter().map(|(_, fact)| fact.points).collect();
        assert_eq!(told, [Points::new(66), Points::new(134)]);
        let history = shop.till().get(&format!("/v1/members/{}/history", member(1))).await.expect(200);
        assert_eq!((&history["items"][0]["kind"], &history["items"][0]["reason"]), (&json!("action_reversal"), &json!("The payment was reversed")));
        shop.holds().await;
    }

    async fn what_was_spent_is_owed(shop: Shop) {
        let shop = pays(shop).await;
        let path = paid(&shop, "p1", 50_000).await;
        let spend = json!({"member": {"phone": ZAHRA}, "points": 40});
        shop.till().keyed("s1", "/v1/redemptions", &spend).await.expect(201);
        let undone = undoes(&shop, "u1", &path, None).await.expect(201);
        assert_eq!((&undone["points_taken"], &undone["points_owed"]), (&json!(60), &json!(40)));
        assert_eq!(has(&shop).await, [0, 0, 40]);
        shop.holds().await;
    }

    async fn what_is_heard_is_undone_once(shop: Shop) {
        let shop = pays(shop).await;
        let action = ActionCode::parse("card-payment").expect("a code");
        let currency = Currency::parse("IRR").expect("a currency");
        let done = ActionDone {
            member_id: member(1), action: action.clone(), reference: "p1".to_owned(),
            occurred_at: Timestamp::parse(START).expect("a time"), branch: None,
            value: Some(ActionValue::Payment { amount: 10_000, currency, category: None }),
        };
        let undone = ActionUndone {
            member_id: member(1), action, reference: "p1".to_owned(), reversal: "r1".to_owned(), amount: Some(4_000),
        };
        shop.tells(&undone).await;
        shop.hear(&[shop.fact(0, &done), shop.fact(1, &undone), shop.fact(2, &undone)]).await;
        assert_eq!(has(&shop).await, [6, 6, 0]);
        assert!(shop.cannot_hear(&ActionUndone { reversal: "r2".to_owned(), amount: Some(6_001), ..undone.clone() }).await.contains("reversal"));
        shop.tells(&ActionUndone { reversal: "r3".to_owned(), amount: None, ..undone }).await;
        assert_eq!(has(&shop).await, [0, 0, 0]);
        shop.holds().await;
    }

    async fn parts_that_come_at_once_add_up(shop: Shop) {
        let shop = pays(shop).await;
        let path = paid(&shop, "p1", 100_000).await;
        let other = shop.replica().await;
        let keys: Vec<String> = (0..20).map(|n| format!("u{n}")).collect();
        let all = join_all(keys.iter().enumerate().map(|(n, key)| {
            let service = if n % 2 == 0 { &shop } else { &other };
            undoes(service, key, &path, Some(7_000))
        })).await;
        let done = all.iter().filter(|answer| answer.status == 201).count();
        assert_eq!((done, has(&shop).await), (14, [2, 2, 0]));
        shop.holds().await;
    }
}
