//! Paid plans: sold at the till, worth more points while they are paid for, ended by the member (J7).

use std::time::{Duration, Instant};

use journeys::{Goods, Stage, Till, alone_in_both_shapes, fresh, programme};
use serde_json::{Value, json};
use vafa::client::Call;

alone_in_both_shapes!(&[("membership.plans_every_s", "1")];
    a_member_pays_for_a_plan_and_earns_more,
);

const PRICE: i64 = 500_000;

async fn pay(till: &Till, member: &str, key: &str, body: &Value) -> journeys::Reply {
    let path = format!("/v1/members/{member}/plan-payments");
    till.send(Call::post(path).idempotency_key(key).json(body)).await
}

async fn a_member_pays_for_a_plan_and_earns_more(stage: Stage) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let words = json!({"fa": "ویژه", "ar": "مميز", "en": "Plus"});
    let plan = json!({
        "name": words, "benefits": words, "period": "year", "price": PRICE, "currency": "IRR", "renew_days": 14, "grace_days": 3,
    });
    let _ = operator.put("/v1/plans/plus", &plan).await.created();
    assert_eq!(stage.call(Call::get("/v1/plans")).await.ok()["plans"][0]["plan"], "plus");
    let _ = operator.put("/v1/segments/plan-plus", &json!({})).await.created();
    let more = json!({
        "code": "plus", "name": words, "give": {"fixed": {"points": 50}}, "when": {"member": {"segments": ["plan-plus"]}},
    });
    operator.make_live(&programme(&[more])).await;

    let (phone, member) = till.welcome().await;
    let me = stage.sign_in(&phone, 1).await;
    let shown = me.get(me.own("/plan")).await.ok();
    assert_eq!(shown, json!({}));
    let taken = json!({"plan": "plus", "receipt": fresh("R"), "amount": PRICE, "currency": "IRR"});
    let mut less = taken.clone();
    less["amount"] = json!(PRICE - 1);
    pay(&till, &member, &fresh("key"), &less).await.refused(422, "membership.plan_amount_wrong");
    let key = fresh("key");
    let paid = pay(&till, &member, &key, &taken).await.created();
    let again = pay(&till, &member, &key, &taken).await;
    assert_eq!((again.ok(), again.header("idempotency-replayed")), (paid.clone(), "true"));
    assert_eq!(me.get(me.own("/plan")).await.ok()["subscription"]["through"], paid["through"]);

    // Points hears of it, and the rule for members of the plan holds.
    let begun = Instant::now();
    while till.sell(&Goods::by_phone(&phone, 1_000)).await.created()["points"] != 51 {
        assert!(begun.elapsed() < Duration::from_secs(20), "the plan never gave anything");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let ends = me.send(Call::put(me.own("/plan/cancellation"))).await.ok();
    assert_eq!(
        (&ends["subscription"]["running"], &ends["subscription"]["standing"]),
        (&json!(true), &json!("active"))
    );
    let goes_on = me.send(Call::delete(me.own("/plan/cancellation"))).await.ok();
    assert!(goes_on["subscription"]["cancelled_at"].is_null());
    let (_, other) = till.welcome().await;
    me.get(format!("/v1/members/{other}/plan")).await.refused(403, "web.access_denied");
    let body = Call::post(me.own("/plan-payments")).idempotency_key(&fresh("key")).json(&taken);
    me.send(body).await.refused(403, "web.access_denied");
    assert_eq!(me.get(me.own("/plan-payments")).await.ok()["payments"][0]["receipt"], taken["receipt"]);
}
