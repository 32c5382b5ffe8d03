//! Every kind of reward, from the catalogue to the used voucher, and who may see which (W1, W2, W5, W8).
//!
//! What other journeys tell whole is not told again: seats are in `events`, tickets in `draws`, offers in `offers`, what people deliver and
//! what comes to nothing in `redemptions`.

use std::time::{Duration, Instant};

use journeys::{Goods, Operator, Shape, SignedIn, Stage, Till, block_on, fresh, programme};
use serde_json::{Value, json};
use testkit::top_ups::{EVENT_SECRET, SECRET, TopUpProvider};
use vafa::client::Call;

use crate::{actions::profiles::today, redemptions::audit_is_clean};

/// Makes a test of each journey for each shape, on a platform whose top-ups a provider of the tests delivers.
macro_rules! with_a_provider {
    ($($journey:ident),+ $(,)?) => {
        mod embedded {
            $(#[test] fn $journey() { super::play(journeys::Shape::Embedded, super::$journey); })+
        }
        mod distributed {
            $(#[test] fn $journey() { super::play(journeys::Shape::Distributed, super::$journey); })+
        }
    };
}

with_a_provider!(every_kind_is_found_redeemed_and_used, whom_a_reward_is_not_for_neither_sees_nor_gets_it);

fn play<F: Future<Output = ()>>(shape: Shape, journey: impl FnOnce(Stage, TopUpProvider) -> F) {
    block_on(async {
        let provider = TopUpProvider::start().unwrap_or_else(|fault| panic!("no provider: {fault:#}"));
        let url = provider.url();
        let settings = [
            ("rewards.top_up_url", url.as_str()),
            ("rewards.top_up_secret", SECRET),
            ("rewards.top_up_event_secrets", EVENT_SECRET),
            ("membership.occasions_every_s", "1"),
            ("chain.time_zone", "UTC"),
        ];
        let stage = Stage::bare(shape, &settings).await;
        journey(stage, provider).await;
    });
}

/// Asks again and again until it is so.
async fn until<F: Future<Output = Value>>(
    what: &str,
    ask: impl Fn() -> F,
    so: impl Fn(&Value) -> bool,
) -> Value {
    let begun = Instant::now();
    loop {
        let found = ask().await;
        if so(&found) {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}: {found}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The terms of a reward of a kind.
fn terms(kind: &Value) -> Value {
    let word = kind["type"].as_str().unwrap();
    json!({
        "name": {"fa": "پاداش", "ar": "مكافأة", "en": word}, "kind": kind, "points": 100, "voucher_days": 30,
    })
}

/// Offers a reward from now on; of what is counted there are three.
async fn offer(operator: &Operator, code: &str, terms: &Value) {
    let path = format!("/v1/rewards/{code}");
    let _ = operator.put(&path, terms).await.ok();
    let _ =
        operator.put(&format!("{path}/schedule"), &json!({"live_from": "2020-01-01T00:00:00Z"})).await.ok();
    if terms["kind"]["type"] == "partner_coupon" {
        let codes = json!({"codes": ["SUMMER-1", "SUMMER-2", "SUMMER-3"]});
        assert_eq!(
            operator.send(Call::post(format!("{path}/coupons")).json(&codes)).await.ok()["imported"],
            3
        );
    } else {
        let _ = operator.put(&format!("{path}/stock"), &json!({"units": 3})).await.ok();
    }
}

fn wish(code: &str) -> Call {
    Call::post("/v1/reward-redemptions").idempotency_key(&fresh("key")).json(&json!({"reward": code}))
}

/// Redeems a reward; the redemption when it is over.
async fn redeemed(me: &SignedIn, code: &str) -> Value {
    let answer = me.send(wish(code)).await;
    assert!([201, 202].contains(&answer.status()), "{code}: {}", answer.text());
    let id = answer.value()["redemption_id"].as_str().unwrap().to_owned();
    let read = || async { me.get(format!("/v1/reward-redemptions/{id}")).await.ok() };
    until(code, read, |own| own["state"] == "completed").await
}

/// The member's own view of a voucher.
async fn voucher(me: &SignedIn, id: &Value) -> Value {
    let all = me.get(me.own("/vouchers?limit=200")).await.ok();
    let found = all["vouchers"].as_array().unwrap().iter().find(|one| one["voucher_id"] == *id);
    found.cloned().unwrap_or_else(|| panic!("no voucher {id} in {all}"))
}

fn using(code: &Value, amount: Option<i64>) -> Call {
    let mut body = json!({"voucher": {"code": code}, "receipt": fresh("R")});
    if let Some(amount) = amount {
        body["amount"] = amount.into();
    }
    Call::post("/v1/voucher-uses").idempotency_key(&fresh("key")).json(&body)
}

async fn points(till: &Till, me: &SignedIn) -> (i64, i64) {
    let found = till.balance_of(me.text("member_id")).await;
    (found["points"].as_i64().unwrap(), found["held"].as_i64().unwrap_or_default())
}

/// Somebody with so many points, signed in.
async fn shopper(stage: &Stage, till: &Till, points: i64) -> (SignedIn, String) {
    let (phone, _) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&phone, points * 1_000)).await.created();
    (stage.sign_in(&phone, 1).await, phone)
}

/// Kinds whose voucher is used as a whole at the till, by their code.
fn used_at_once() -> Vec<(&'static str, Value)> {
    let basket = json!({"of": "basket"});
    let (category, sku) =
        (json!({"of": "category", "category": "tea"}), json!({"of": "sku", "sku": "6260100000015"}));
    vec![
        (
            "amount-off",
            json!({"type": "discount_amount", "amount": 50_000, "extent": basket, "minimum_basket": 300_000}),
        ),
        (
            "tea-off",
            json!({"type": "discount_amount", "amount": 20_000, "extent": category, "minimum_basket": 0}),
        ),
        (
            "percent-off",
            json!({"type": "discount_percent", "percent": 15, "extent": sku, "most": 90_000, "minimum_basket": 0}),
        ),
        ("cake", json!({"type": "free_item", "sku": "cake"})),
        ("first-phone", json!({"type": "early_access", "sku": "phone-9"})),
        ("cinema", json!({"type": "partner_coupon", "partner": "Cinema Azadi"})),
    ]
}

async fn every_kind_is_found_redeemed_and_used(stage: Stage, provider: TopUpProvider) {
    let operator = stage.as_operator();
    operator.make_live(&programme(&[])).await;
    let till = operator.open_shop().await;
    let (me, phone) = shopper(&stage, &till, 2_000).await;
    let mut kinds = used_at_once();
    kinds.push(("credit", json!({"type": "credit", "amount": 300_000})));
    kinds.push(("trees", json!({"type": "donation", "to": "Forests", "amount": 100_000})));
    kinds.push(("topup", json!({"type": "top_up", "amount": 200_000})));
    for (code, kind) in &kinds {
        offer(&operator, code, &terms(kind)).await;
    }
    // Some money has to be paid besides, and it is fetched at one branch.
    let mut bag = terms(&json!({"type": "gift", "sku": "bag"}));
    bag["money"] = json!(40_000);
    bag["audience"] = json!({"branches": [till.branch.code]});
    until(
        "the branch is known",
        || async { operator.put("/v1/rewards/bag", &bag).await.value() },
        |put| put["reward"] == "bag",
    )
    .await;
    offer(&operator, "bag", &bag).await;

    // The catalogue shows all of them, each by its kind, and what it costs.
    let shown = me.get(me.own("/rewards")).await.ok();
    let found = |code: &str| shown["rewards"].as_array().unwrap().iter().find(|one| one["reward"] == code);
    for (code, kind) in &kinds {
        let one = found(code).unwrap_or_else(|| panic!("no {code} in {shown}"));
        assert_eq!((&one["kind"], &one["points"], &one["left"]), (kind, &json!(100), &json!(3)), "{code}");
    }
    assert_eq!(found("bag").map(|bag| bag["money"].clone()), Some(json!(40_000)));

    let mut left = 2_000;
    for (code, kind) in &used_at_once() {
        left -= 100;
        is_used_once(&me, &till, (code, kind)).await;
        assert_eq!(points(&till, &me).await, (left, 0), "{code}");
    }
    is_used_in_parts(&me, &till).await;
    is_fetched_at_its_branch(&operator, (&me, &till)).await;
    is_given_without_a_voucher(&me, &phone, &provider).await;
    assert_eq!(points(&till, &me).await, (left - 400, 0));
    a_refused_top_up_costs_nothing(&me, &till, &provider).await;

    for (code, _) in &kinds {
        let stock = operator.get(format!("/v1/rewards/{code}")).await.ok()["stock"][0].clone();
        assert_eq!(stock, json!({"units": 3, "reserved": 0, "issued": 1, "left": 2}), "{code}");
    }
    audit_is_clean(&stage).await;
}

/// Its voucher tells the till what it is, is used once, and not again.
async fn is_used_once(me: &SignedIn, till: &Till, (code, kind): (&str, &Value)) {
    let done = redeemed(me, code).await;
    let own = voucher(me, &done["voucher_id"]).await;
    assert_eq!((&own["state"], &own["kind"], &own["worth"]), (&json!("issued"), kind, &json!(1)), "{code}");
    assert_eq!(own["code"].as_str().unwrap().starts_with("SUMMER-"), kind["type"] == "partner_coupon");
    if kind["type"] == "partner_coupon" {
        // The partner takes it, not we.
        return;
    }
    let seen = till.post("/v1/vouchers/lookup", &json!({"code": own["code"]})).await.ok();
    assert_eq!((&seen["vouchers"][0]["kind"], seen["vouchers"][0].get("code")), (kind, None));
    assert_eq!(till.send(using(&own["code"], None)).await.created()["voucher"]["state"], "used");
    till.send(using(&own["code"], None)).await.refused(409, "rewards.voucher_not_usable");
    let over = voucher(me, &done["voucher_id"]).await;
    assert_eq!((&over["state"], over.get("code")), (&json!("used"), None), "{code}");
}

/// Credit is used in parts, each as much as is left at most, and what is taken back can be used again.
async fn is_used_in_parts(me: &SignedIn, till: &Till) {
    let done = redeemed(me, "credit").await;
    let own = voucher(me, &done["voucher_id"]).await;
    assert_eq!((&own["worth"], &own["left"]), (&json!(300_000), &json!(300_000)));
    let part = till.send(using(&own["code"], Some(120_000))).await.created();
    assert_eq!((&part["voucher"]["left"], &part["voucher"]["state"]), (&json!(180_000), &json!("issued")));
    let over = till.send(using(&own["code"], Some(180_001))).await;
    over.refused(422, "rewards.amount_invalid");
    let back = format!("/v1/voucher-uses/{}/cancellation", part["use_id"].as_str().unwrap());
    assert_eq!(till.send(Call::post(back)).await.ok()["voucher"]["left"], 300_000);
    let _ = till.send(using(&own["code"], Some(100_000))).await.created();
    let rest = till.send(using(&own["code"], None)).await.created();
    assert_eq!((&rest["amount"], &rest["voucher"]["state"]), (&json!(200_000), &json!("used")));
    assert_eq!(voucher(me, &done["voucher_id"]).await["left"], 0);
}

/// A gift is handed out at its branch alone, and its till is told what is paid besides.
async fn is_fetched_at_its_branch(operator: &Operator, (me, till): (&SignedIn, &Till)) {
    let done = redeemed(me, "bag").await;
    let own = voucher(me, &done["voucher_id"]).await;
    assert_eq!((&own["money"], &own["branches"]), (&json!(40_000), &json!([till.branch.code])));
    let elsewhere = operator.open_shop().await;
    elsewhere.send(using(&own["code"], None)).await.refused(422, "rewards.voucher_elsewhere");
    let seen = till.post("/v1/vouchers/lookup", &json!({"code": own["code"]})).await.ok();
    assert_eq!(seen["vouchers"][0]["money"], 40_000);
    assert_eq!(till.send(using(&own["code"], None)).await.created()["voucher"]["state"], "used");
}

/// What is given for the member, or sent to them, leaves no voucher.
async fn is_given_without_a_voucher(me: &SignedIn, phone: &str, provider: &TopUpProvider) {
    let given = redeemed(me, "trees").await;
    assert_eq!(given.get("voucher_id"), None);
    let sent = redeemed(me, "topup").await;
    assert_eq!(sent.get("voucher_id"), None);
    let top_ups = provider.top_ups();
    let [top_up] = &top_ups[..] else { panic!("one top-up: {top_ups:?}") };
    assert_eq!(
        (&json!(top_up.reference), &*top_up.phone, top_up.amount),
        (&sent["redemption_id"], phone, 200_000)
    );
    assert_eq!((&*top_up.currency, top_up.asked_for, provider.forged()), ("IRR", 1, 0));
}

/// What the provider refuses is released, and the points with it.
async fn a_refused_top_up_costs_nothing(me: &SignedIn, till: &Till, provider: &TopUpProvider) {
    let before = points(till, me).await;
    provider.takes_as("failed");
    let answer = me.send(wish("topup")).await;
    if answer.status() == 202 {
        let id = answer.value()["redemption_id"].as_str().unwrap().to_owned();
        let read = || async { me.get(format!("/v1/reward-redemptions/{id}")).await.ok() };
        let over = until("the refusal", read, |own| own["state"] == "released").await;
        assert_eq!(over["reason"], "not_delivered");
    } else {
        answer.refused(409, "rewards.not_redeemed");
    }
    until("the points are free", || async { json!(points(till, me).await) }, |now| *now == json!(before))
        .await;
    assert_eq!(provider.top_ups().len(), 2);
}

/// The codes of what a member is shown in a catalogue.
async fn sees(me: &SignedIn, query: &str) -> Vec<String> {
    let shown = me.get(me.own(&format!("/rewards{query}"))).await.ok();
    let codes = shown["rewards"].as_array().unwrap().iter();
    codes.map(|one| one["reward"].as_str().unwrap().to_owned()).collect()
}

/// W2, W8.
async fn whom_a_reward_is_not_for_neither_sees_nor_gets_it(stage: Stage, _: TopUpProvider) {
    let operator = stage.as_operator();
    let mut document = programme(&[]);
    document["tiers"] = json!({
        "measure": "points", "period": "year", "downgrade": "to_earned", "grace_months": 1, "on_return": "stays",
        "levels": [{"code": "gold", "name": {"fa": "طلایی", "ar": "ذهبي", "en": "Gold"}, "from": 1_000, "multiplier_percent": 100}],
    });
    operator.make_live(&document).await;
    let (here, there) = (operator.open_shop().await, operator.open_shop().await);
    let (gold, _) = shopper(&stage, &here, 2_000).await;
    let (plain, phone) = shopper(&stage, &here, 900).await;
    let _ = operator.send(Call::put("/v1/segments/readers")).await.created();
    let chosen = json!({"add": [plain.text("member_id")]});
    let _ = operator.send(Call::post("/v1/segments/readers/members").json(&chosen)).await.ok();
    for (code, kind, audience) in [
        ("first-phone", json!({"type": "early_access", "sku": "phone-9"}), json!({"tiers": ["gold"]})),
        ("book", json!({"type": "free_item", "sku": "book"}), json!({"segments": ["readers"]})),
        ("local", json!({"type": "free_item", "sku": "soap"}), json!({"branches": [here.branch.code]})),
        ("regional", json!({"type": "free_item", "sku": "tea"}), json!({"regions": [here.branch.region]})),
    ] {
        let mut terms = terms(&kind);
        terms["audience"] = audience;
        offer(&operator, code, &terms).await;
    }
    let at = |till: &Till| format!("?branch={}", till.branch.code);
    assert_eq!(sees(&gold, &at(&here)).await, ["first-phone", "local", "regional"]);
    assert_eq!(sees(&plain, &at(&here)).await, ["book", "local", "regional"]);
    assert_eq!(sees(&gold, &at(&there)).await, ["first-phone"]);
    assert_eq!(sees(&plain, &at(&there)).await, ["book"]);

    // Asking for it anyhow comes to nothing, from an app and at a till.
    plain.send(wish("first-phone")).await.refused(409, "rewards.not_offered");
    gold.send(wish("book")).await.refused(409, "rewards.not_offered");
    for code in ["local", "regional"] {
        let body = json!({"reward": code, "member": {"id": gold.text("member_id")}});
        let wanted = || Call::post("/v1/reward-redemptions").idempotency_key(&fresh("key")).json(&body);
        there.send(wanted()).await.refused(409, "rewards.not_offered");
        let begun = here.send(wanted()).await;
        assert!([201, 202].contains(&begun.status()), "{code}: {}", begun.text());
    }
    let bought = redeemed(&gold, "first-phone").await;
    let own = voucher(&gold, &bought["voucher_id"]).await;
    assert_eq!(there.send(using(&own["code"], None)).await.created()["voucher"]["state"], "used");
    let _ = redeemed(&plain, "book").await;
    a_birthday_opens_it(&operator, (&gold, &plain)).await;
    every_second_purchase_surprises(&operator, &here, (&plain, &phone)).await;
    audit_is_clean(&stage).await;
}

/// What is for birthdays is there from the day on which the member's is marked, and for nobody else.
async fn a_birthday_opens_it(operator: &Operator, (celebrating, other): (&SignedIn, &SignedIn)) {
    let words = json!({"fa": "تولد", "ar": "الميلاد", "en": "Your birthday?"});
    let question = json!({
        "kind": "birthday", "position": 1, "ask_again_days": 90, "live": true, "text": words, "purpose": words,
    });
    let _ = operator.put("/v1/questions/birthday", &question).await.created();
    let mut cake = terms(&json!({"type": "free_item", "sku": "cake"}));
    cake["audience"] = json!({"occasion": {"kind": "birthday", "after_days": 7}});
    offer(operator, "cake", &cake).await;
    celebrating.send(wish("cake")).await.refused(409, "rewards.not_offered");
    let answer = json!({"answer": today()});
    let told = Call::put(celebrating.own("/answers/birthday")).json(&answer);
    assert!(celebrating.send(told).await.status() < 300);
    let open = || async { json!(sees(celebrating, "").await) };
    until("the cake", open, |seen| seen.as_array().unwrap().contains(&json!("cake"))).await;
    assert!(!sees(other, "").await.contains(&"cake".to_owned()));
    other.send(wish("cake")).await.refused(409, "rewards.not_offered");
    let done = redeemed(celebrating, "cake").await;
    assert_eq!(voucher(celebrating, &done["voucher_id"]).await["state"], "issued");
}

/// Nobody knows of it before it is there, and it costs nothing.
async fn every_second_purchase_surprises(operator: &Operator, till: &Till, (me, phone): (&SignedIn, &str)) {
    let sweets = terms(&json!({"type": "free_item", "sku": "sweets"}));
    let _ = operator.put("/v1/rewards/sweets", &sweets).await.ok();
    let rule = json!({
        "occasion": {"on": "purchase", "every": 2, "minimum_amount": 10_000}, "reward": "sweets", "budget": 10,
        "live_from": "2020-01-01T00:00:00Z",
    });
    let _ = operator.put("/v1/gift-rules/sweets", &rule).await.ok();
    assert!(!sees(me, "").await.contains(&"sweets".to_owned()));
    let before = points(till, me).await.0;
    // One purchase was made before.
    let second = till.sell(&Goods::by_phone(phone, 10_000)).await.created();
    let gifts = || async { me.get(me.own("/gifts")).await.ok()["gifts"].clone() };
    let given = until("the sweets", gifts, |gifts| gifts[0]["state"] == "given").await;
    assert_eq!((&given[0]["purchase_id"], &given[0]["why"]), (&second["purchase_id"], &json!("surprise")));
    assert_eq!(points(till, me).await.0, before + 10);
    let own = voucher(me, &given[0]["voucher_id"]).await;
    assert_eq!(till.send(using(&own["code"], None)).await.created()["voucher"]["state"], "used");
}
