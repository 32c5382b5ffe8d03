//! Instant rewards come with a purchase and go back with it; segments decide who gets them (W3).

use journeys::{Goods, Stage, alone_in_both_shapes, fresh, now, programme};
use serde_json::{Value, json};
use vafa::client::Call;

alone_in_both_shapes!(&[];
    a_coffee_for_regulars_comes_with_the_basket_and_goes_back_with_it,
);

fn coffee() -> Value {
    json!({
        "code": "coffee", "name": {"fa": "قهوه", "ar": "قهوة", "en": "Coffee"},
        "when": {"minimum_basket": 50_000, "member": {"segments": ["regulars"]}},
        "give": {"instant_reward": {"reward": "espresso", "at_most": [{"units": 1, "per": "member", "every": "day"}]}},
    })
}

/// W3.
async fn a_coffee_for_regulars_comes_with_the_basket_and_goes_back_with_it(stage: Stage) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let (phone, member) = till.welcome().await;
    let early = operator.put("/v1/programme", &programme(&[coffee()])).await;
    assert_eq!(early.refused(422, "points.programme_invalid")["mistakes"][0]["reason"], "unknown_segment");
    let _ = operator.send(Call::put("/v1/segments/regulars")).await.created();
    let _ = operator.put("/v1/programme", &programme(&[coffee()])).await.created();

    let stranger = till.sell(&Goods::by_phone(&phone, 60_000)).await.created();
    assert_eq!(stranger["rules"][1]["skipped"], "not_in_segment");
    let chosen = Call::post("/v1/segments/regulars/members").json(&json!({"add": [member]}));
    assert_eq!(operator.send(chosen).await.ok()["members"], 1);
    let goods = Goods::by_phone(&phone, 60_000);
    let sold = till.sell(&goods).await.created();
    let espresso = json!([{"rule": "coffee", "kind": "instant_reward", "code": "espresso", "quantity": 1}]);
    assert_eq!(sold["rewards"], espresso);
    let second = till.sell(&Goods::by_phone(&phone, 60_000)).await.created();
    assert_eq!((second.get("rewards"), &second["rules"][1]["skipped"]), (None, &json!("quota_reached")));

    let back = json!({
        "purchase": {"till": till.code, "receipt": goods.0["receipt"]}, "receipt": fresh("B"),
        "occurred_at": now(), "currency": "IRR", "amount": 20_000,
    });
    let returned = till.give_back(&fresh("key"), &back).await.created();
    assert_eq!((&returned["rewards_revoked"], &returned["points_taken"]), (&espresso, &json!(20)));
}
