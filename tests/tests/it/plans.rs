//! Paid plans: sold at the till, worth more points while they are paid for, ended by the member (J7).

use std::time::{Duration, Instant};

use journeys::{
    Goods, Operator, Shape, SignedIn, Stage, Till, alone_in_both_shapes, block_on, fresh, now, programme,
};
use serde_json::{Value, json};
use testkit::payments::{KEY, PaymentProvider, SECRETS};
use vafa::client::Call;

alone_in_both_shapes!(&[("membership.plans_every_s", "1")];
    a_member_pays_for_a_plan_and_earns_more,
);

const PRICE: i64 = 500_000;

async fn pay(till: &Till, member: &str, key: &str, body: &Value) -> journeys::Reply {
    let path = format!("/v1/members/{member}/plan-payments");
    till.send(Call::post(path).idempotency_key(key).json(body)).await
}

/// A plan for a year, and fifty points more for who has it.
async fn sells_a_plan(stage: &Stage, operator: &Operator) {
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
}

/// Points hears of it, and the rule for members of the plan holds.
async fn earns_more(till: &Till, phone: &str) {
    let begun = Instant::now();
    while till.sell(&Goods::by_phone(phone, 1_000)).await.created()["points"] != 51 {
        assert!(begun.elapsed() < Duration::from_secs(20), "the plan never gave anything");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn a_member_pays_for_a_plan_and_earns_more(stage: Stage) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    sells_a_plan(&stage, &operator).await;

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

    earns_more(&till, &phone).await;
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

mod in_the_app {
    mod embedded {
        #[test]
        fn a_member_pays_in_the_app() {
            super::super::play_with_a_provider(journeys::Shape::Embedded);
        }
    }
    mod distributed {
        #[test]
        fn a_member_pays_in_the_app() {
            super::super::play_with_a_provider(journeys::Shape::Distributed);
        }
    }
}

fn play_with_a_provider(shape: Shape) {
    block_on(async {
        let provider = PaymentProvider::start().expect("a provider");
        let (url, secrets) = (provider.url(), SECRETS.join(","));
        let settings = [
            ("membership.payments_url", url.as_str()),
            ("membership.payments_key", KEY),
            ("membership.payments_secrets", &secrets),
            ("membership.payments_return_url", "https://app.example/paid"),
        ];
        let stage = Stage::bare(shape, &settings).await;
        a_member_pays_in_the_app(stage, &provider).await;
    });
}

async fn begin(me: &SignedIn) -> Value {
    let call = Call::post(me.own("/plan-checkouts")).idempotency_key(&fresh("key"));
    me.send(call.json(&json!({"plan": "plus"}))).await.created()
}

/// What the provider tells of a checkout's payment, through the gateway; `secret` signs it.
async fn tells(stage: &Stage, provider: &PaymentProvider, checkout: &str, secret: &str) -> journeys::Reply {
    let payment = provider.payment(checkout).expect("room for a payment");
    let event = provider.tells(&payment, secret, now().micros() / 1_000_000);
    let mut call = Call::post("/v1/payment-events").raw("application/json", event.body);
    for (name, value) in &event.headers {
        call = call.header(name, value);
    }
    stage.call(call).await
}

async fn a_member_pays_in_the_app(stage: Stage, provider: &PaymentProvider) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    sells_a_plan(&stage, &operator).await;
    let (phone, member) = till.welcome().await;
    let me = stage.sign_in(&phone, 1).await;
    let begun = begin(&me).await;
    let checkout = begun["checkout_id"].as_str().expect("an id");
    assert_eq!(begun["page_url"], format!("https://pay.example/p/{checkout}"));
    let sent = provider.sent();
    assert!(!sent[0].to_string().contains(&member), "{sent:?}");
    provider.ends(checkout, "succeeded");
    let forged = "whsec_CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=";
    tells(&stage, provider, checkout, forged).await.refused(401, "membership.payment_event_forged");
    for secret in [SECRETS[1], SECRETS[0]] {
        assert_eq!(tells(&stage, provider, checkout, secret).await.status(), 204);
    }
    let shown = me.get(me.own(&format!("/plan-checkouts/{checkout}"))).await.ok();
    assert_eq!(shown["state"], "paid");
    let payments = me.get(me.own("/plan-payments")).await.ok();
    assert_eq!(payments["payments"].as_array().expect("a list").len(), 1, "{payments}");
    earns_more(&till, &phone).await;

    // Nobody tells that this one paid: it is asked for.
    let (phone, _) = till.welcome().await;
    let other = stage.sign_in(&phone, 1).await;
    let begun = begin(&other).await;
    let checkout = begun["checkout_id"].as_str().expect("an id");
    provider.ends(checkout, "succeeded");
    let since = Instant::now();
    while other.get(other.own("/plan")).await.ok()["subscription"]["standing"] != "active" {
        assert!(since.elapsed() < Duration::from_secs(30), "it was never asked for");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert!(provider.asked() >= 1);
    let strays = operator.send(Call::get("/v1/stray-payments")).await.ok();
    assert_eq!(strays, json!({"payments": []}));
}
