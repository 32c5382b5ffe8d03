//! A personal offer for a segment: seen in the app, activated, fulfilled at the till, used in the same visit (W8).

use std::time::{Duration, Instant};

use journeys::{Goods, Operator, SignedIn, Stage, alone_in_both_shapes, fresh, now, programme};
use serde_json::{Value, json};
use vafa::client::Call;

use crate::redemptions::audit_is_clean;

alone_in_both_shapes!(&[];
    an_offer_for_a_segment_is_a_voucher_in_the_same_visit,
);

/// Writes a reward and two offers down: one that a purchase of coffee fulfils, one that is given upon activation.
async fn publish(operator: &Operator) {
    let cake = json!({
        "name": {"fa": "کیک", "en": "A cake"}, "kind": {"type": "free_item", "sku": "cake"}, "points": 90, "voucher_days": 30, "cost": 300,
    });
    let _ = operator.put("/v1/rewards/cake", &cake).await.ok();
    let _ = operator.send(Call::put("/v1/segments/coffee-lovers")).await.created();
    let common = json!({
        "title": {"fa": "کیک با قهوه", "en": "A cake with your coffee"}, "from": "2020-01-01T00:00:00Z", "until": "2021-12-01T00:00:00Z",
        "audience": {"segments": ["coffee-lovers"]}, "activation": {"use_within_hours": 72}, "reward": "cake", "budget": {"count": 1, "cost": 1_000},
        "condition": {"minimum_amount": 50_000, "category": "coffee"},
    });
    let with = |more: Value| {
        let mut terms = common.clone();
        terms.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        terms["from"] = json!(now().plus_millis(-60_000));
        terms["until"] = json!(now().plus_millis(86_400_000));
        terms
    };
    let _ = operator.put("/v1/personal-offers/coffee-week", &with(json!({}))).await.ok();
    let treat = with(json!({"condition": null, "activation": {}, "audience": {}, "listed": true}));
    let _ = operator.put("/v1/personal-offers/treat", &treat).await.ok();
    for code in ["coffee-week", "treat"] {
        let path = format!("/v1/personal-offers/{code}/publication");
        assert_eq!(operator.send(Call::post(path)).await.ok()["state"], "live");
    }
}

/// The member's own view of an offer, once it is as expected.
async fn seen(me: &SignedIn, offer: &str, so: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let all = me.get(me.own("/offers")).await.ok();
        let found = all["offers"].as_array().unwrap().iter().find(|one| one["offer"] == offer).cloned();
        if let Some(found) = found.filter(&so) {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{offer}: {all}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Puts a member into the segment, once points has heard that they joined.
async fn choose(operator: &Operator, member: &str) {
    let begun = Instant::now();
    loop {
        let chosen = Call::post("/v1/segments/coffee-lovers/members").json(&json!({"add": [member]}));
        let reply = operator.send(chosen).await;
        if reply.status() != 404 {
            assert_eq!(reply.ok()["members"], 1);
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "points does not hear of {member}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What they bought is known by now: what is about coffee comes first, and says why.
async fn coffee_comes_first(operator: &Operator, me: &SignedIn) {
    let terms = json!({
        "title": {"fa": "قهوه", "en": "Coffee"}, "from": now().plus_millis(-60_000), "until": now().plus_millis(86_400_000 * 90), "activation": {},
        "reward": "cake", "budget": {"count": 5}, "categories": ["coffee"],
    });
    let _ = operator.put("/v1/personal-offers/refill", &terms).await.ok();
    let _ = operator.send(Call::post("/v1/personal-offers/refill/publication")).await.ok();
    let best = me.send(Call::get(me.own("/best-offers")).header("accept-language", "en")).await.ok();
    assert_eq!(
        (&best["best"][0]["code"], &best["best"][0]["score"]["habit"]),
        (&json!("refill"), &json!(1_000)),
        "{best}"
    );
    assert_eq!(best["best"][0]["why"]["text"], "Because you often buy coffee");
}

/// W8.
async fn an_offer_for_a_segment_is_a_voucher_in_the_same_visit(stage: Stage) {
    let operator = stage.as_operator();
    operator.make_live(&programme(&[])).await;
    let till = operator.open_shop().await;
    publish(&operator).await;
    let (phone, member) = till.welcome().await;
    let (other, stranger) = till.welcome().await;
    choose(&operator, &member).await;
    let list = Call::post("/v1/personal-offers/treat/members").json(&json!({"members": [stranger]}));
    assert_eq!(operator.send(list).await.ok(), json!({"added": 1, "listed": 1}));

    // Who is in the segment sees it, and nobody else; it is activated once, however often the app asks.
    let (me, you) = (stage.sign_in(&phone, 1).await, stage.sign_in(&other, 1).await);
    let open = seen(&me, "coffee-week", |_| true).await;
    assert_eq!((&open["state"], &open["taken"]), (&json!("open"), &json!([])));
    let tap = |who: &SignedIn, offer: &str| Call::put(who.own(&format!("/offers/{offer}/activations/1")));
    you.send(tap(&you, "coffee-week")).await.refused(404, "rewards.offer_unknown");
    let active = me.send(tap(&me, "coffee-week")).await.ok();
    assert_eq!(active["taken"][0]["state"], "active");
    assert_eq!(me.send(tap(&me, "coffee-week")).await.ok(), active);

    // The basket has enough coffee: the cake is there before the customer has left.
    let lines = json!([
        {"sku": "latte", "category": "coffee", "quantity_milli": 1_000, "amount": 60_000},
        {"sku": "bag", "quantity_milli": 1_000, "amount": 20_000},
    ]);
    let sold = till.sell(&Goods::by_phone(&phone, 80_000).with("lines", lines)).await.created();
    let given = seen(&me, "coffee-week", |one| one["taken"][0]["voucher_id"].is_string()).await;
    let found = till.post("/v1/vouchers/lookup", &json!({"purchase": sold["purchase_id"]})).await.ok();
    assert_eq!(found["vouchers"][0]["voucher_id"], given["taken"][0]["voucher_id"]);
    let body = json!({"voucher": {"id": given["taken"][0]["voucher_id"]}});
    let used = Call::post("/v1/voucher-uses").idempotency_key(&fresh("key")).json(&body);
    assert_eq!(till.send(used).await.created()["voucher"]["state"], "used");
    let kept = operator.get("/v1/personal-offers/coffee-week").await.ok();
    assert_eq!((&kept["state"], &kept["spent"]), (&json!("used_up"), &json!(300)));

    coffee_comes_first(&operator, &me).await;

    // The other one's is given upon activation, voucher and all.
    let treat = you.send(tap(&you, "treat")).await.ok();
    assert!(treat["taken"][0]["voucher_id"].is_string(), "{treat}");
    audit_is_clean(&stage).await;
}
