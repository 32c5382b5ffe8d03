//! Points are spent, set aside, corrected by hand, and an account is frozen (P5, P7).

use std::sync::Arc;

use journeys::{Goods, Operator, Stage, Till, fresh, in_both_shapes};
use serde_json::{Value, json};
use vafa::client::Call;

in_both_shapes!(
    points_are_held_captured_and_given_back_while_nothing_is_spent_twice,
    what_staff_do_by_hand_has_a_name_a_reason_and_above_a_limit_a_second_person,
    points_pay_for_a_part_of_a_purchase_and_come_back_with_its_return,
);

async fn at_till(till: &Till, path: &str, body: &Value) -> journeys::Reply {
    till.send(Call::post(path).idempotency_key(&fresh("key")).json(body)).await
}

async fn by_hand(operator: &Operator, path: &str, body: &Value) -> journeys::Reply {
    operator.send(Call::post(path).idempotency_key(&fresh("key")).json(body)).await
}

fn id(answer: &Value) -> &str {
    answer["id"].as_str().unwrap()
}

async fn points_are_held_captured_and_given_back_while_nothing_is_spent_twice(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let (phone, member) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&phone, 100_000)).await.created();
    let of = |points: i64| json!({"member": {"phone": phone}, "points": points});

    let hold = at_till(&till, "/v1/holds", &of(60)).await.created();
    let refused = at_till(&till, "/v1/redemptions", &of(41)).await;
    assert_eq!(refused.refused(422, "points.balance_too_low")["missing"], 1);
    let balance = till.balance_of(&member).await;
    assert_eq!((&balance["points"], &balance["held"]), (&json!(40), &json!(60)));

    let path = format!("/v1/holds/{}", id(&hold));
    let captured = at_till(&till, &format!("{path}/capture"), &json!({"points": 50})).await.created();
    assert_eq!((&captured["change"], &captured["balance"]), (&json!(10), &json!(50)));
    let _ = at_till(&till, &format!("{path}/release"), &json!({})).await.refused(409, "points.hold_over");
    assert_eq!(till.get(&path).await.ok()["captured"], 50);

    let spent = at_till(&till, "/v1/redemptions", &of(50)).await.created();
    let undo = format!("/v1/redemptions/{}/reversal", id(&spent));
    assert_eq!(at_till(&till, &undo, &json!({})).await.created()["balance"], 50);
    let _ = at_till(&till, &undo, &json!({})).await.refused(409, "points.reversed_before");
    let history = till.get(format!("/v1/members/{member}/history")).await.ok();
    let kinds: Vec<_> =
        history["items"].as_array().unwrap().iter().map(|item| item["kind"].clone()).collect();
    assert_eq!(kinds, ["redemption_reversal", "redemption", "capture", "hold", "purchase"]);
}

async fn what_staff_do_by_hand_has_a_name_a_reason_and_above_a_limit_a_second_person(stage: Arc<Stage>) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let (phone, member) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&phone, 20_000)).await.created();
    let adjustment = |points: i64| {
        json!({
            "points": points, "funder": till.branch.code, "actor": "staff-17", "reason": "A receipt that was lost",
        })
    };
    let path = format!("/v1/members/{member}/adjustments");
    assert_eq!(by_hand(&operator, &path, &adjustment(30)).await.created()["balance"], 50);
    let proposed = by_hand(&operator, &path, &adjustment(50_000)).await.with(202);
    let approval = format!("/v1/adjustments/{}/approval", id(&proposed));
    let himself = by_hand(&operator, &approval, &json!({"actor": "staff-17"})).await;
    let _ = himself.refused(422, "points.second_person_needed");
    let approved = by_hand(&operator, &approval, &json!({"actor": "staff-4"})).await.created();
    assert_eq!(approved["balance"], 50_050);

    let why = json!({"actor": "staff-4", "reason": "The phone was stolen"});
    let _ = by_hand(&operator, &format!("/v1/members/{member}/account/freeze"), &why).await.created();
    let spend = json!({"member": {"phone": phone}, "points": 1});
    let _ = at_till(&till, "/v1/redemptions", &spend).await.refused(422, "points.account_frozen");
    let _ = till.sell(&Goods::by_phone(&phone, 1_000)).await.created();
    let _ = by_hand(&operator, &format!("/v1/members/{member}/account/unfreeze"), &why).await.created();
    let _ = at_till(&till, "/v1/redemptions", &spend).await.created();
    let denied =
        till.send(Call::post(path.clone()).idempotency_key(&fresh("key")).json(&adjustment(1))).await;
    let _ = denied.refused(403, "web.access_denied");
    let reasons = till.get(format!("/v1/members/{member}/history")).await.ok();
    let reasons: Vec<_> =
        reasons["items"].as_array().unwrap().iter().map(|item| item["reason"].clone()).collect();
    assert!(reasons.contains(&json!("A receipt that was lost")));
}

async fn points_pay_for_a_part_of_a_purchase_and_come_back_with_its_return(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let (phone, member) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&phone, 100_000)).await.created();
    let goods = Goods::by_phone(&phone, 40_000).with("spend", json!({"points": 30}));

    let priced = till.sell(&goods.clone().with("dry_run", true)).await.ok();
    assert_eq!(priced["spendable"], json!({"points": 80, "amount": 40_000, "to_pay": 0}));
    let paid = till.sell(&goods).await.created();
    assert_eq!(paid["spent"], json!({"points": 30, "amount": 15_000, "to_pay": 25_000}));
    assert_eq!((&paid["points"], &paid["balance"]["points"]), (&json!(25), &json!(95)));
    let again = till.sell(&goods).await;
    assert_eq!((again.header("idempotency-replayed"), again.ok()), ("true", paid));
    let much = Goods::by_phone(&phone, 90_000).with("spend", json!({"points": 96}));
    assert_eq!(till.sell(&much).await.refused(422, "points.balance_too_low")["missing"], 1);

    let back = json!({
        "purchase": { "branch": till.branch.code, "till": till.code, "receipt": goods.0["receipt"] },
        "receipt": fresh("B"), "occurred_at": journeys::now(), "currency": "IRR",
    });
    let returned = till.give_back(&fresh("key"), &back).await.created();
    assert_eq!((&returned["money"], &returned["points_back"]), (&json!(25_000), &json!(30)));
    assert_eq!(till.balance_of(&member).await["points"], 100);
}
