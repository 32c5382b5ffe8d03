//! The same request many times at once, at two services: all get the first answer, though the first has left nothing that
//! another one could take.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::paying::{paying, rich_under};
use crate::sender::Answer;
use crate::shop::{START, Shop, ZAHRA, basket, member, on_both};
use crate::transfers::{gift, rich};

/// Sends so often at once, to both by turns; answers the one answer that all have got.
async fn one_answer<'a, F: Future<Output = Answer>>(
    both: [&'a Shop; 2],
    send: impl Fn(&'a Shop) -> F,
) -> Value {
    let answers = join_all((0..20).map(|n| send(both[n % 2]))).await;
    let new = answers.iter().filter(|answer| answer.status == 201).count();
    let again = answers.iter().filter(|answer| answer.status == 200 && answer.replayed).count();
    let texts: BTreeSet<&str> = answers.iter().map(|answer| answer.text.as_str()).collect();
    assert_eq!((new, again, texts.len()), (1, 19, 1), "{texts:?}");
    answers[0].body.clone()
}

/// The same under a key, by a till.
async fn keyed(both: [&Shop; 2], key: &str, path: &str, body: &Value) -> Value {
    one_answer(both, |shop| async move { shop.till().keyed(key, path, body).await }).await
}

fn path(about: &Value, from: &str, verb: &str) -> String {
    format!("/v1/{from}/{}/{verb}", about["id"].as_str().expect("an id"))
}

on_both! {
    async fn the_last_points_redeemed_and_given_back_held_and_captured(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone"})).await;
        let other = shop.replica().await;
        let both = [&shop, &other];
        let all = json!({"member": {"phone": ZAHRA}, "points": 100});
        for round in 0..5 {
            let spent = keyed(both, &format!("s{round}"), "/v1/redemptions", &all).await;
            assert_eq!(spent["balance"], 0);
            keyed(both, &format!("u{round}"), &path(&spent, "redemptions", "reversal"), &json!({})).await;
            let held = keyed(both, &format!("h{round}"), "/v1/holds", &all).await;
            let released = keyed(both, &format!("r{round}"), &path(&held, "holds", "release"), &json!({})).await;
            assert_eq!(released["balance"], 100);
        }
        let held = keyed(both, "h", "/v1/holds", &all).await;
        let captured = keyed(both, "c", &path(&held, "holds", "capture"), &json!({})).await;
        assert_eq!(captured["balance"], 0);
        shop.holds().await;
    }

    async fn the_last_points_transferred(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone"})).await;
        let other = shop.replica().await;
        for round in 0..5 {
            let key = format!("t{round}");
            let (key, all) = (&key, &gift(100));
            let sent = one_answer([&shop, &other], |shop| async move { shop.operator().transfer(key, all).await }).await;
            assert_eq!(sent["balance"], 0);
            shop.till().buy(&format!("k{}", round + 2), &basket(&format!("R{}", round + 2), 1_000_000)).await.expect(201);
        }
        shop.holds().await;
    }

    async fn a_purchase_returned_whole(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone"})).await;
        let other = shop.replica().await;
        let body = json!({
            "purchase": {"till": "till-1", "receipt": "R1"}, "receipt": "B1", "occurred_at": START, "currency": "IRR",
        });
        let returned = keyed([&shop, &other], "b1", "/v1/returns", &body).await;
        assert_eq!((&returned["points_taken"], &returned["balance"]), (&json!(100), &json!(0)));
        shop.holds().await;
    }

    async fn the_last_points_paid_with(shop: Shop) {
        let shop = rich_under(shop, json!({"point_value": 1_000})).await;
        let other = shop.replica().await;
        for round in 0..5 {
            // Less than any point asks for, so that nothing is earned with it.
            let left = shop.till().balance(member(1)).await["points"].as_i64().expect("points");
            let receipt = format!("P{round}");
            let body = paying(&receipt, left * 1_000, &json!({"points": left}));
            let paid = keyed([&shop, &other], &receipt, "/v1/purchases", &body).await;
            assert_eq!(paid["balance"]["points"], 0, "{paid}");
            shop.till().buy(&format!("f{round}"), &basket(&format!("F{round}"), 500_000)).await.expect(201);
        }
        shop.holds().await;
    }
}
