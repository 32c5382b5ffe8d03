//! A challenge that is followed in the app, reached at the till and given as a voucher; a contest in which members see where they stand (W6).

use std::time::{Duration, Instant};

use journeys::{Goods, Operator, SignedIn, Stage, Till, alone_in_both_shapes, fresh, now, programme};
use kernel::Day;
use serde_json::{Value, json};
use vafa::client::Call;

use crate::redemptions::audit_is_clean;

alone_in_both_shapes!(&[];
    a_challenge_is_reached_at_the_till_and_a_contest_is_seen_as_it_stands,
);

/// Writes a challenge and a contest down that are open now, and publishes them.
async fn publish(operator: &Operator) {
    let cake = json!({
        "name": {"fa": "کیک", "en": "A cake"}, "kind": {"type": "free_item", "sku": "cake"}, "points": 90, "voucher_days": 30, "cost": 300,
    });
    let _ = operator.put("/v1/rewards/cake", &cake).await.ok();
    let today = Day::from_date(now().to_utc().date_naive());
    let common = json!({
        "title": {"fa": "سه خرید", "ar": "ثلاث مرات", "en": "Three times"}, "first_day": today, "last_day": today.plus_days(20),
        "counts": {"of": "purchases", "minimum_amount": 50_000},
    });
    let goal = json!({"type": "goal", "goal": 3, "reward": {"reward": "cake", "budget": 5}});
    for (code, aim) in [("thrice", goal), ("most", json!({"type": "contest", "prizes": ["cake"]}))] {
        let mut terms = common.clone();
        terms["aim"] = aim;
        let _ = operator.put(format!("/v1/challenges/{code}"), &terms).await.ok();
        let path = format!("/v1/challenges/{code}/publication");
        assert_eq!(operator.send(Call::post(path)).await.ok()["state"], "live");
    }
}

/// The member's own view of a challenge, once it is as expected.
async fn seen(me: &SignedIn, code: &str, so: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let all = me.get(me.own("/challenges")).await.ok();
        let found =
            all["challenges"].as_array().unwrap().iter().find(|one| one["challenge"] == code).cloned();
        if let Some(found) = found.filter(&so) {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{code}: {all}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn sells(till: &Till, phone: &str) -> Value {
    till.sell(&Goods::by_phone(phone, 60_000)).await.created()["purchase_id"].clone()
}

/// W6.
async fn a_challenge_is_reached_at_the_till_and_a_contest_is_seen_as_it_stands(stage: Stage) {
    let operator = stage.as_operator();
    let mut document = programme(&[]);
    document["actions"] = json!([{
        "code": "reached", "name": {"fa": "چالش", "ar": "تحد", "en": "A challenge"}, "on": {"action": "challenge-reached"},
        "give": {"fixed": {"points": 40}},
    }]);
    operator.make_live(&document).await;
    let till = operator.open_shop().await;
    publish(&operator).await;
    let (phone, member) = till.welcome().await;
    let (other, _) = till.welcome().await;
    let (me, you) = (stage.sign_in(&phone, 1).await, stage.sign_in(&other, 1).await);

    // Two purchases, of which one is brought back.
    let _ = sells(&till, &phone).await;
    let again = Goods::by_phone(&phone, 60_000);
    let _ = till.sell(&again).await.created();
    let two = seen(&me, "thrice", |one| one["counted"] == 2).await;
    assert_eq!((&two["goal"]["remaining"], &two["goal"]["percent"]), (&json!(1), &json!(66)));
    let back = json!({
        "purchase": {"till": till.code, "receipt": again.0["receipt"]}, "receipt": fresh("R"), "occurred_at": now(), "currency": "IRR", "amount": 60_000,
    });
    let _ = till.give_back(&fresh("key"), &back).await.created();
    let _ = seen(&me, "thrice", |one| one["counted"] == 1).await;

    // Two more: the goal is reached, the cake is a voucher, and points has heard of it.
    let before = till.balance_of(&member).await["points"].as_i64().unwrap();
    let _ = sells(&till, &phone).await;
    let last = sells(&till, &phone).await;
    let reached = seen(&me, "thrice", |one| one["prize"]["voucher_id"].is_string()).await;
    assert_eq!((&reached["counted"], &reached["goal"]["remaining"]), (&json!(3), &json!(0)));
    let found = till.post("/v1/vouchers/lookup", &json!({"purchase": last})).await.ok();
    assert_eq!(found["vouchers"][0]["voucher_id"], reached["prize"]["voucher_id"]);
    let begun = Instant::now();
    while till.balance_of(&member).await["points"] != before + 120 + 40 {
        assert!(begun.elapsed() < Duration::from_secs(30), "{}", till.balance_of(&member).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    // In the contest each sees their own place, and of others counts alone.
    let _ = sells(&till, &other).await;
    let yours = seen(&you, "most", |one| one["counted"] == 1).await;
    let standing =
        json!({"place": 2, "participants": 2, "leading": [3, 1], "prizes": ["cake"], "decided": false});
    assert_eq!(yours["contest"], standing);
    assert_eq!(seen(&me, "most", |_| true).await["contest"]["place"], 1);
    let kept = operator.get("/v1/challenges/thrice").await.ok();
    let figures = ["participants", "reached", "given", "cost"].map(|name| kept[name].clone());
    assert_eq!(figures, [json!(2), json!(1), json!(1), json!(300)]);
    audit_is_clean(&stage).await;
}
