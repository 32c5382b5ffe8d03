//! Members redeem rewards, from the catalogue to the used voucher (W1, W2, W4, W5), and what comes to nothing costs nothing.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use journeys::{Goods, Operator, SignedIn, Stage, Till, alone_in_both_shapes, fresh, programme};
use serde_json::{Value, json};
use vafa::client::Call;

alone_in_both_shapes!(&[];
    a_reward_is_found_redeemed_and_used_at_the_till,
    fifty_members_want_ten_mugs_and_ten_get_one,
    what_is_given_back_is_as_if_it_had_never_been,
    what_others_deliver_waits_for_their_word,
    codes_on_paper_are_used_once,
);

async fn offer(operator: &Operator, code: &str, terms: &Value) {
    let path = format!("/v1/rewards/{code}");
    let _ = operator.put(&path, terms).await.ok();
    let _ =
        operator.put(&format!("{path}/schedule"), &json!({"live_from": "2020-01-01T00:00:00Z"})).await.ok();
}

fn mug(points: i64) -> Value {
    json!({
        "name": {"fa": "ماگ", "ar": "كوب", "en": "A mug"}, "kind": {"type": "free_item", "sku": "mug"},
        "points": points, "voucher_days": 30,
    })
}

fn wish(code: &str) -> Call {
    Call::post("/v1/reward-redemptions").idempotency_key(&fresh("key")).json(&json!({"reward": code}))
}

/// The redemption of an answer, once it is over.
async fn ended(me: &SignedIn, mut redemption: Value) -> Value {
    let begun = Instant::now();
    while redemption["state"] != "completed" && redemption["state"] != "released" {
        assert!(begun.elapsed() < Duration::from_secs(30), "{redemption}");
        tokio::time::sleep(Duration::from_millis(50)).await;
        let id = redemption["redemption_id"].as_str().unwrap().to_owned();
        redemption = me.get(format!("/v1/reward-redemptions/{id}")).await.ok();
    }
    redemption
}

/// Waits until everything that is told is heard, and all promises hold.
pub(crate) async fn audit_is_clean(stage: &Stage) {
    let begun = Instant::now();
    loop {
        let audit = stage.vafa(&["verify"]).await;
        if audit.code == Some(0) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{}\n{}", audit.out, audit.errors);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn balance(till: &Till, member: &str) -> (i64, i64) {
    let found = till.get(format!("/v1/members/{member}/balance")).await.ok();
    (found["points"].as_i64().unwrap(), found["held"].as_i64().unwrap_or_default())
}

async fn a_reward_is_found_redeemed_and_used_at_the_till(stage: Stage) {
    let operator = stage.as_operator();
    operator.make_live(&programme(&[])).await;
    let till = operator.open_shop().await;
    let (phone, member) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&phone, 250_000)).await.created();
    offer(&operator, "mug", &mug(150)).await;
    offer(&operator, "lamp", &mug(900)).await;
    let me = stage.sign_in(&phone, 1).await;

    // What can I have, and what am I near to?
    let page = me.get(me.own("/rewards?reachable=now")).await.ok();
    assert_eq!((&page["balance"], &page["rewards"][0]["reward"]), (&json!(250), &json!("mug")));
    assert_eq!(page["rewards"].as_array().unwrap().len(), 1);

    let answer = me.send(wish("mug")).await;
    assert!([201, 202].contains(&answer.status()), "{}", answer.text());
    let done = ended(&me, answer.value()).await;
    assert_eq!((&done["state"], balance(&till, &member).await), (&json!("completed"), (100, 0)));
    let voucher = me.get(me.own("/vouchers")).await.ok()["vouchers"][0].clone();
    assert_eq!((&voucher["voucher_id"], &voucher["state"]), (&done["voucher_id"], &json!("issued")));

    // The till reads the code, reserves it, and finishes the receipt.
    let found = till.post("/v1/vouchers/lookup", &json!({"code": voucher["code"]})).await.ok();
    assert_eq!(found["vouchers"][0]["kind"], json!({"type": "free_item", "sku": "mug"}));
    let body = json!({"voucher": {"code": voucher["code"]}, "reserve_s": 60, "receipt": "R-1"});
    let reserved =
        till.send(Call::post("/v1/voucher-uses").idempotency_key(&fresh("key")).json(&body)).await.created();
    let place = format!("/v1/voucher-uses/{}/confirmation", reserved["use_id"].as_str().unwrap());
    assert_eq!(till.send(Call::post(place)).await.ok()["voucher"]["state"], "used");
    let again = Call::post("/v1/voucher-uses").idempotency_key(&fresh("key"));
    till.send(again.json(&json!({"voucher": {"code": voucher["code"]}})))
        .await
        .refused(409, "rewards.voucher_not_usable");

    // What is too dear comes to nothing, and costs nothing; the till may ask for a member, too.
    let answer = me.send(wish("lamp")).await;
    if answer.status() == 202 {
        assert_eq!(ended(&me, answer.value()).await["reason"], "balance_too_low");
    } else {
        assert_eq!(answer.refused(422, "rewards.balance_too_low")["missing"], 800);
    }
    assert_eq!(balance(&till, &member).await, (100, 0));
    let _ = operator.put("/v1/rewards/mug/stock", &json!({"units": 0})).await.ok();
    let _ = till.sell(&Goods::by_phone(&phone, 100_000)).await.created();
    let body = json!({"reward": "mug", "member": {"phone": phone}});
    let none = Call::post("/v1/reward-redemptions").idempotency_key(&fresh("key")).json(&body);
    till.send(none).await.refused(409, "rewards.out_of_stock");
    audit_is_clean(&stage).await;
}

async fn fifty_members_want_ten_mugs_and_ten_get_one(stage: Stage) {
    let operator = stage.as_operator();
    operator.make_live(&programme(&[])).await;
    let till = operator.open_shop().await;
    let mut phones = Vec::new();
    for _ in 0..50 {
        let (phone, _) = till.welcome().await;
        let _ = till.sell(&Goods::by_phone(&phone, 200_000)).await.created();
        phones.push(phone);
    }
    offer(&operator, "mug", &mug(150)).await;
    let _ = operator.put("/v1/rewards/mug/stock", &json!({"units": 10})).await.ok();
    let (till, calls) = (
        &till,
        phones.iter().map(|phone| {
            let body = json!({"reward": "mug", "member": {"phone": phone}});
            Call::post("/v1/reward-redemptions").idempotency_key(&fresh("key")).json(&body)
        }),
    );
    let answers = join_all(calls.map(|call| async move { till.send(call).await })).await;
    let (mut begun, mut refused) = (0, 0);
    for answer in &answers {
        if [201, 202].contains(&answer.status()) {
            begun += 1;
        } else {
            answer.refused(409, "rewards.out_of_stock");
            refused += 1;
        }
    }
    assert_eq!((begun, refused), (10, 40));
    let since = Instant::now();
    loop {
        let stock = operator.get("/v1/rewards/mug").await.ok()["stock"][0].clone();
        if stock == json!({"units": 10, "reserved": 0, "issued": 10, "left": 0}) {
            break;
        }
        assert!(since.elapsed() < Duration::from_secs(30), "{stock}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    audit_is_clean(&stage).await;
}

async fn what_is_given_back_is_as_if_it_had_never_been(stage: Stage) {
    let operator = stage.as_operator();
    operator.make_live(&programme(&[])).await;
    let till = operator.open_shop().await;
    let (phone, member) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&phone, 250_000)).await.created();
    let mut terms = mug(150);
    terms["cancel_hours"] = json!(24);
    offer(&operator, "mug", &terms).await;
    let _ = operator.put("/v1/rewards/mug/stock", &json!({"units": 1})).await.ok();
    let me = stage.sign_in(&phone, 1).await;
    let expiring = async || till.get(format!("/v1/members/{member}/balance")).await.ok()["expiring"].clone();
    let before = expiring().await;
    for round in 0..2 {
        let done = ended(&me, me.send(wish("mug")).await.value()).await;
        assert_eq!((&done["state"], balance(&till, &member).await), (&json!("completed"), (100, 0)));
        let voucher = me.get(me.own("/vouchers")).await.ok()["vouchers"][0].clone();
        let place =
            format!("/v1/reward-redemptions/{}/cancellation", done["redemption_id"].as_str().unwrap());
        let asked = if round == 0 {
            me.send(Call::post(&place).json(&json!({}))).await.ok()
        } else {
            let by_hand = Call::post(&place).json(&json!({"reason": "It was broken."}));
            operator.send(by_hand).await.ok()
        };
        let begun = Instant::now();
        let mut back = asked;
        while back["state"] != "refunded" {
            assert!(begun.elapsed() < Duration::from_secs(30), "{back}");
            tokio::time::sleep(Duration::from_millis(50)).await;
            back = me.send(Call::post(&place).json(&json!({}))).await.ok();
        }
        assert_eq!((balance(&till, &member).await, expiring().await), ((250, 0), before.clone()));
        let used = Call::post("/v1/voucher-uses").idempotency_key(&fresh("key"));
        let used = till.send(used.json(&json!({"voucher": {"code": voucher["code"]}}))).await;
        used.refused(404, "rewards.voucher_unknown");
    }
    assert_eq!(operator.get("/v1/rewards/mug").await.ok()["stock"][0]["left"], 1);
    audit_is_clean(&stage).await;
}

/// P13: where no provider is set, people do it.
async fn what_others_deliver_waits_for_their_word(stage: Stage) {
    let operator = stage.as_operator();
    operator.make_live(&programme(&[])).await;
    let till = operator.open_shop().await;
    let (phone, member) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&phone, 400_000)).await.created();
    for (code, kind) in [
        ("topup", json!({"type": "top_up", "amount": 500_000})),
        ("journey", json!({"type": "arranged", "what": "Shiraz"})),
    ] {
        let terms = json!({"name": {"en": code}, "kind": kind, "points": 150, "voucher_days": 30});
        offer(&operator, code, &terms).await;
    }
    let me = stage.sign_in(&phone, 1).await;
    let (sent, arranged) = (me.send(wish("topup")).await, me.send(wish("journey")).await);
    assert_eq!((sent.status(), arranged.status()), (202, 202));
    let id = |answer: Value| answer["redemption_id"].as_str().unwrap().to_owned();
    let (sent, arranged) = (id(sent.value()), id(arranged.value()));
    let begun = Instant::now();
    loop {
        let waits = operator.get("/v1/fulfilments").await.ok();
        let mine = waits["fulfilments"].as_array().unwrap().iter();
        if mine.filter(|one| one["member_id"] == json!(member)).count() == 2 {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{waits}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(balance(&till, &member).await, (100, 300));
    for (redemption, outcome, state) in [(&sent, "done", "completed"), (&arranged, "failed", "released")] {
        let place = format!("/v1/fulfilments/{redemption}/outcome");
        let verdict = Call::post(place).json(&json!({"outcome": outcome, "reason": "By telephone."}));
        let _ = operator.send(verdict).await.ok();
        let begun = Instant::now();
        loop {
            let now = me.get(format!("/v1/reward-redemptions/{redemption}")).await.ok();
            if now["state"] == state {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "{now}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    audit_is_clean(&stage).await;
    assert_eq!(balance(&till, &member).await, (250, 0));
}

async fn codes_on_paper_are_used_once(stage: Stage) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let _ = operator.put("/v1/rewards/mug", &mug(150)).await.ok();
    let body = json!({"reward": "mug", "count": 25, "valid_until": "2099-01-01T00:00:00Z"});
    let keyed = |path: &str, body: &Value| Call::post(path).idempotency_key(&fresh("key")).json(body);
    operator.send(keyed("/v1/code-batches", &body)).await.refused(422, "rewards.batch_invalid");
    let soon = json!({"reward": "mug", "count": 25, "valid_until": "2030-01-01T00:00:00Z"});
    let asked = operator.send(keyed("/v1/code-batches", &soon)).await.with(202);
    let place = format!("/v1/code-batches/{}", asked["batch_id"].as_str().unwrap());
    let begun = Instant::now();
    while operator.get(&place).await.ok()["state"] != "made" {
        assert!(begun.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let file = operator.send(Call::post(format!("{place}/file")).idempotency_key(&fresh("key"))).await;
    let text = file.text();
    let codes: Vec<&str> = text.lines().skip(1).filter_map(|line| line.split(',').nth(1)).collect();
    assert_eq!((file.status(), codes.len()), (200, 25));
    let _ = till.send(keyed("/v1/code-uses", &json!({"code": codes[0]}))).await.created();
    till.send(keyed("/v1/code-uses", &json!({"code": codes[0]})))
        .await
        .refused(409, "rewards.voucher_not_usable");
    let revoked = Call::post(format!("{place}/revocation")).json(&json!({"reason": "Lost."}));
    assert_eq!(operator.send(revoked).await.ok()["used"], 1);
    till.send(keyed("/v1/code-uses", &json!({"code": codes[1]})))
        .await
        .refused(409, "rewards.voucher_not_usable");
    audit_is_clean(&stage).await;
}
