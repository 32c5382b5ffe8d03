//! Whoever spends points at the till proves themselves there, where the programme says so (J1, J8, P8).

use journeys::{Goods, Reply, Stage, Till, alone_in_both_shapes, fresh, programme};
use serde_json::{Value, json};
use vafa::client::Call;

alone_in_both_shapes!(&[];
    a_member_confirms_the_phone_at_the_till_and_tells_a_code_for_more,
);

async fn redeem(till: &Till, key: &str, phone: &str, points: i64) -> Reply {
    let body = json!({"member": {"phone": phone}, "points": points});
    till.send(Call::post("/v1/redemptions").idempotency_key(key).json(&body)).await
}

/// The till asks for a code, and the customer reads out what came.
async fn vouch(stage: &Stage, till: &Till, (phone, member): (&str, &str), messages: usize) -> Value {
    let asked = till.post("/v1/sign-in/codes", &json!({"phone": phone})).await.with(202);
    let body = json!({"sign_in_id": asked["sign_in_id"], "code": stage.code_for(phone, messages).await});
    till.post(&format!("/v1/members/{member}/vouchings"), &body).await.created()
}

async fn a_member_confirms_the_phone_at_the_till_and_tells_a_code_for_more(stage: Stage) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let other = operator.enrol_till(&till.branch).await;
    let mut document = programme(&[]);
    document["proof"] = json!({"code_above": 50});
    let _ = operator.put("/v1/programme", &document).await.created();
    let (phone, member) = till.welcome().await;
    let who = (phone.as_str(), member.as_str());
    let _ = till.sell(&Goods::by_phone(&phone, 400_000)).await.created();

    let _ = redeem(&till, &fresh("key"), &phone, 10).await.refused(403, "points.phone_unconfirmed");
    let goods = Goods::by_phone(&phone, 40_000).with("spend", json!({"points": 30}));
    let dry = till.sell(&goods.clone().with("dry_run", true)).await;
    let _ = dry.refused(403, "points.phone_unconfirmed");
    assert!(vouch(&stage, &till, who, 1).await["until"].is_string());
    assert_eq!(till.sell(&goods).await.created()["spent"]["points"], 30);
    // The phone is confirmed everywhere at once; the code vouches here alone.
    let _ = redeem(&other, &fresh("key"), &phone, 50).await.created();
    let needed = redeem(&other, &fresh("key"), &phone, 51).await.refused(403, "points.code_needed");
    assert_eq!(needed["above"], 50);
    let key = fresh("key");
    let spent = redeem(&till, &key, &phone, 100).await.created();
    assert_eq!(redeem(&till, &key, &phone, 100).await.ok(), spent, "the same again");
    let _ = vouch(&stage, &other, who, 2).await;
    let _ = redeem(&other, &fresh("key"), &phone, 51).await.created();

    // A reward of the catalogue is no way around it.
    let mug = json!({
        "name": {"en": "A mug"}, "kind": {"type": "free_item", "sku": "mug"}, "points": 60, "voucher_days": 30,
    });
    let _ = operator.put("/v1/rewards/mug", &mug).await.ok();
    let live = json!({"live_from": "2020-01-01T00:00:00Z"});
    let _ = operator.put("/v1/rewards/mug/schedule", &live).await.ok();
    let third = operator.enrol_till(&till.branch).await;
    let wish = |till: &Till| {
        let body = json!({"reward": "mug", "member": {"phone": phone}});
        let call = Call::post("/v1/reward-redemptions").idempotency_key(&fresh("key")).json(&body);
        let till = till.clone();
        async move { till.send(call).await }
    };
    let refused = wish(&third).await.refused(422, "rewards.proof_missing");
    assert_eq!(refused["reason"], "code_needed");
    let redeemed = wish(&other).await;
    assert!([201, 202].contains(&redeemed.status()), "{}", redeemed.text());

    let me = stage.sign_in(&phone, 3).await;
    assert_eq!(me.get(me.own("")).await.ok()["phone_confirmed"], true);
    let page = operator.get("/v1/programme").await.ok();
    assert!(page["page"]["sections"].as_array().unwrap().iter().any(|section| section["part"] == "proof"));
}
