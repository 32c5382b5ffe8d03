//! What was bought is brought back (P8).

use std::sync::Arc;

use journeys::{Goods, Stage, Till, fresh, in_both_shapes, now};
use serde_json::{Value, json};

in_both_shapes!(
    a_basket_that_comes_back_in_parts_takes_back_what_it_earned,
    a_line_that_comes_back_takes_back_what_it_earned_once,
);

fn back(till: &Till, goods: &Goods, amount: Option<i64>) -> Value {
    json!({
        "purchase": { "branch": till.branch.code, "till": till.code, "receipt": goods.0["receipt"] },
        "receipt": fresh("B"),
        "occurred_at": now(),
        "currency": "IRR",
        "amount": amount,
    })
}

async fn a_basket_that_comes_back_in_parts_takes_back_what_it_earned(stage: Arc<Stage>) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let (phone, member) = till.welcome().await;
    let goods = Goods::by_phone(&phone, 70_000);
    let bought = till.sell(&goods).await.created();
    let _ = till.sell(&Goods::by_phone(&phone, 5_000)).await.created();

    let (key, some) = (fresh("key"), back(&till, &goods, Some(30_000)));
    let first = till.give_back(&key, &some).await.created();
    assert_eq!((&first["purchase_id"], &first["points_taken"]), (&bought["purchase_id"], &json!(30)));
    assert_eq!((&first["balance"], &first["returned_so_far"]), (&json!(45), &json!(30_000)));
    let again = till.give_back(&key, &some).await;
    assert_eq!((again.header("idempotency-replayed"), again.ok()), ("true", first));

    // The rest comes back at another till of the same branch.
    let other = operator.enrol_till(&till.branch).await;
    let rest = other.give_back(&fresh("key"), &back(&till, &goods, None)).await.created();
    assert_eq!(
        (&rest["amount"], &rest["points_taken"], &rest["balance"]),
        (&json!(40_000), &json!(40), &json!(5))
    );
    let refused = other.give_back(&fresh("key"), &back(&till, &goods, Some(1))).await;
    assert_eq!(refused.refused(422, "points.return_too_large")["left"], 0);
    assert_eq!(till.balance_of(&member).await["points"], 5);
    let history = till.get(format!("/v1/members/{member}/history")).await.ok();
    let kinds: Vec<_> =
        history["items"].as_array().unwrap().iter().map(|item| item["kind"].clone()).collect();
    assert_eq!(kinds, ["return", "return", "purchase", "purchase"]);
}

async fn a_line_that_comes_back_takes_back_what_it_earned_once(stage: Arc<Stage>) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let (phone, member) = till.welcome().await;
    let lines = json!([
        {"sku": "tea", "quantity_milli": 3_000, "amount": 60_000},
        {"sku": "milk", "quantity_milli": 1_000, "amount": 10_000},
    ]);
    let goods = Goods::by_phone(&phone, 70_000).with("lines", lines);
    let _ = till.sell(&goods).await.created();
    let mut tea = back(&till, &goods, None);
    tea["lines"] = json!([{"sku": "tea", "quantity_milli": 2_000}]);
    let first = till.give_back(&fresh("key"), &tea).await.created();
    assert_eq!(
        (&first["amount"], &first["points_taken"], &first["balance"]),
        (&json!(40_000), &json!(40), &json!(30))
    );
    assert_eq!(first["lines"], json!([{"line": 1, "sku": "tea", "quantity_milli": 2_000, "amount": 40_000}]));
    tea["receipt"] = fresh("B").into();
    let refused = till.give_back(&fresh("key"), &tea).await.refused(422, "points.return_line_too_large");
    assert_eq!(refused["left"], json!({"amount": 20_000, "quantity_milli": 1_000}));
    tea["lines"] = json!([{"line": 1}, {"sku": "milk"}]);
    let rest = till.give_back(&fresh("key"), &tea).await.created();
    assert_eq!((&rest["returned_so_far"], &rest["points_taken"]), (&json!(70_000), &json!(30)));
    assert_eq!(till.balance_of(&member).await["points"], 0);
}
