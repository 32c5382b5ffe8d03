//! A purchase is recorded once, however often and by whomever it is sent (G1, P1; promise 5 in a small size).

use std::{collections::BTreeSet, sync::Arc};

use journeys::{Goods, Stage, Till, fresh, in_both_shapes};
use serde_json::{Value, json};

in_both_shapes!(
    a_dry_run_says_what_would_happen_and_keeps_nothing,
    the_same_key_has_the_same_answer_and_another_body_is_refused,
    the_same_receipt_counts_once_whatever_the_key,
    many_senders_of_one_key_make_one_purchase,
);

/// P1: shown first, then done.
async fn a_dry_run_says_what_would_happen_and_keeps_nothing(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let (phone, member) = till.welcome().await;
    let goods = Goods::by_phone(&phone, 70_000);
    let key = fresh("key");
    for _ in 0..2 {
        let shown = till.sell_as(&key, &goods.clone().with("dry_run", true)).await.ok();
        assert_eq!((&shown["dry_run"], &shown["points"]), (&json!(true), &json!(70)));
        assert_eq!(shown["balance"]["points"], 70);
    }
    assert_eq!(till.balance_of(&member).await["account_version"], 0);
    let done = till.sell_as(&key, &goods).await.created();
    assert_eq!((&done["dry_run"], &done["balance"]["points"]), (&json!(false), &json!(70)));
}

/// Promise 5.
async fn the_same_key_has_the_same_answer_and_another_body_is_refused(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let (phone, member) = till.welcome().await;
    let (key, goods) = (fresh("key"), Goods::by_phone(&phone, 5_000));
    let first = till.sell_as(&key, &goods).await.created();
    let _ = till.sell(&Goods::by_phone(&phone, 1_000)).await.created();
    for _ in 0..3 {
        let again = till.sell_as(&key, &goods).await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.ok(), first, "the first answer, not today's balance");
    }
    let other = goods.clone().with("amount", 6_000);
    till.sell_as(&key, &other).await.refused(422, "points.idempotency_key_reused");
    let other = goods.with("receipt", fresh("R"));
    till.sell_as(&key, &other).await.refused(422, "points.idempotency_key_reused");
    assert_eq!(till.balance_of(&member).await["points"], 6);
}

/// The business key is unique for ever.
async fn the_same_receipt_counts_once_whatever_the_key(stage: Arc<Stage>) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let (phone, member) = till.welcome().await;
    let goods = Goods::by_phone(&phone, 8_000);
    let first = till.sell(&goods).await.created();
    let again = till.sell(&goods).await;
    assert_eq!((again.header("idempotency-replayed"), again.ok()), ("true", first));
    let problem = till.sell(&goods.clone().with("amount", 9_000)).await.refused(409, "points.receipt_taken");
    assert_eq!(problem["pointer"], "/receipt");
    // Another operation on the receipt, and the same number at another till, are other purchases.
    let _ = till.sell(&goods.clone().with("operation", "second")).await.created();
    let _ = operator.enrol_till(&till.branch).await.sell(&goods).await.created();
    assert_eq!(till.balance_of(&member).await["points"], 24);
}

/// Promise 5: one effect a key, and nobody else's answer ever.
async fn many_senders_of_one_key_make_one_purchase(stage: Arc<Stage>) {
    let operator = stage.as_operator();
    let (till, stranger) = (operator.open_shop().await, operator.open_shop().await);
    let (phone, member) = till.welcome().await;
    let (other_phone, other_member) = stranger.welcome().await;
    for _ in 0..10 {
        let (key, goods) = (fresh("key"), Goods::by_phone(&phone, 1_000));
        let theirs = Goods::by_phone(&other_phone, 2_000).with("receipt", goods.0["receipt"].clone());
        let different = goods.clone().with("amount", 4_000).with("receipt", fresh("R"));
        let (ours, foreign, changed) = tokio::join!(
            five_times(&till, &key, &goods),
            five_times(&stranger, &key, &theirs),
            till.sell_as(&key, &different),
        );
        // Whoever comes first has the key; the others are told what is so.
        if changed.status() == 201 {
            refused_for_the_other_body(&ours, &changed.value());
        } else {
            changed.refused(422, "points.idempotency_key_reused");
            assert_one_purchase(&ours, &member);
        }
        assert_one_purchase(&foreign, &other_member);
    }
}

async fn five_times(till: &Till, key: &str, goods: &Goods) -> Vec<(u16, Value)> {
    let send = async || {
        let reply = till.sell_as(key, goods).await;
        (reply.status(), reply.value())
    };
    let (first, second, third, fourth, fifth) = tokio::join!(send(), send(), send(), send(), send());
    vec![first, second, third, fourth, fifth]
}

fn assert_one_purchase(answers: &[(u16, Value)], member: &str) {
    let new = answers.iter().filter(|(status, _)| *status == 201).count();
    assert_eq!((new, answers.iter().filter(|(status, _)| *status == 200).count()), (1, 4), "{answers:?}");
    let bodies: BTreeSet<String> = answers.iter().map(|(_, body)| body.to_string()).collect();
    assert_eq!(bodies.len(), 1, "one answer for all");
    assert!(answers.iter().all(|(_, body)| body["member_id"] == *member), "{answers:?}");
}

/// The changed body was first: then the key is its own, and the others are refused.
fn refused_for_the_other_body(ours: &[(u16, Value)], winner: &Value) {
    assert_eq!(winner["points"], 4);
    for (status, body) in ours {
        assert_eq!((*status, body["code"].as_str()), (422, Some("points.idempotency_key_reused")), "{body}");
    }
}
