//! Instant rewards come with a purchase and go back with it; segments decide who gets them (W3).

use std::time::{Duration, Instant};

use journeys::{Goods, Stage, alone_in_both_shapes, fresh, now, programme};
use serde_json::{Value, json};
use vafa::client::Call;

use crate::redemptions::audit_is_clean;

alone_in_both_shapes!(&[];
    a_coffee_for_regulars_comes_with_the_basket_and_goes_back_with_it,
    an_espresso_is_a_voucher_at_the_till_while_the_customer_is_there,
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

/// W3, W8.
async fn an_espresso_is_a_voucher_at_the_till_while_the_customer_is_there(stage: Stage) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let espresso = json!({
        "name": {"fa": "اسپرسو", "ar": "إسبريسو", "en": "Espresso"}, "kind": {"type": "free_item", "sku": "espresso"},
        "points": 90, "voucher_days": 30,
    });
    let _ = operator.put("/v1/rewards/espresso", &espresso).await.ok();
    let welcome = json!({
        "occasion": {"on": "joined"}, "reward": "espresso", "budget": 1, "live_from": "2020-01-01T00:00:00Z",
    });
    let _ = operator.put("/v1/gift-rules/welcome", &welcome).await.ok();
    let instant = json!({
        "code": "espresso", "name": {"fa": "اسپرسو", "ar": "إسبريسو", "en": "Espresso"}, "when": {"minimum_basket": 50_000},
        "give": {"instant_reward": {"reward": "espresso", "at_most": [{"units": 1, "per": "member", "every": "day"}]}},
    });
    operator.make_live(&programme(&[instant])).await;
    let (phone, _) = till.welcome().await;
    let sold = till.sell(&Goods::by_phone(&phone, 60_000)).await.created();
    assert_eq!(sold["rewards"][0]["code"], "espresso");
    let begun = Instant::now();
    let voucher = loop {
        let of_purchase = json!({"purchase": sold["purchase_id"]});
        let found = till.post("/v1/vouchers/lookup", &of_purchase).await.ok();
        if found["vouchers"][0].is_object() {
            break found["vouchers"][0].clone();
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{found}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    eprintln!("a voucher after {} ms", begun.elapsed().as_millis());
    let body = json!({"voucher": {"id": voucher["voucher_id"]}});
    let used = Call::post("/v1/voucher-uses").idempotency_key(&fresh("key")).json(&body);
    assert_eq!(till.send(used).await.created()["voucher"]["state"], "used");
    let me = stage.sign_in(&phone, 1).await;
    let mut why: Vec<String> = Vec::new();
    while why.len() < 2 {
        assert!(begun.elapsed() < Duration::from_secs(30), "{why:?}");
        let gifts = me.get(me.own("/gifts")).await.ok();
        let given = gifts["gifts"].as_array().unwrap().iter().filter(|gift| gift["state"] == "given");
        why = given.map(|gift| gift["why"].as_str().unwrap().to_owned()).collect();
    }
    why.sort_unstable();
    assert_eq!(why, ["joined", "purchase"]);
    audit_is_clean(&stage).await;
}
