//! Transfers that come at once are decided and committed together, each with an answer of its own.

use futures_util::future::join_all;
use kernel::IdentifierKind;
use serde_json::{Value, json};

use crate::shop::{Shop, basket, member, on_both};

/// So many members with 100 points each, numbered from 1, under a programme that lets everybody pass points on.
async fn crowd(shop: Shop, many: u128, terms: Value) -> Shop {
    let shop = shop.transferring(terms).await;
    for number in 3..=many {
        shop.joined(member(number), &format!("+98912000{number:04}"), IdentifierKind::Phone).await;
    }
    let till = shop.till();
    let sales: Vec<(String, Value)> = (1..=many)
        .map(|number| {
            let mut body = basket(&format!("M{number}"), 1_000_000);
            body["member"] = json!({"id": member(number).to_string()});
            (format!("m{number}"), body)
        })
        .collect();
    for answer in join_all(sales.iter().map(|(key, body)| till.buy(key, body))).await {
        answer.expect(201);
    }
    shop
}

fn gift(from: u128, to: u128, points: i64) -> Value {
    json!({"from": member(from).to_string(), "to": {"id": member(to).to_string()}, "points": points})
}

on_both! {
    async fn gifts_at_once_share_commits_and_arrive(shop: Shop) {
        let shop = crowd(shop, 40, json!({"to": "anyone"})).await;
        let before = shop.rows().await;
        let wanted: Vec<(String, Value)> = (1..=20).map(|n| (format!("t{n}"), gift(n, n + 20, 30))).collect();
        let operator = shop.operator();
        let answers = join_all(wanted.iter().map(|(key, body)| operator.transfer(key, body))).await;
        for answer in answers {
            let answer = answer.expect(201);
            assert_eq!((&answer["transfer"]["status"], &answer["balance"]), (&json!("completed"), &json!(70)), "{answer}");
        }
        let after = shop.rows().await;
        assert_eq!(after[0] - before[0], 40, "a journal on each side");
        assert!(after[4] - before[4] <= 6, "{} parcels for twenty gifts", after[4] - before[4]);
        for number in [1, 20, 21, 40] {
            let points = if number <= 20 { 70 } else { 130 };
            assert_eq!(shop.operator().balance(member(number)).await["points"], points);
        }
        shop.holds().await;
    }

    async fn what_is_refused_in_a_batch_concerns_nobody_else(shop: Shop) {
        let shop = crowd(shop, 12, json!({"to": "anyone", "maximum": 90})).await;
        let operator = shop.operator();
        operator.transfer("t0", &gift(1, 2, 5)).await.expect(201);
        operator.transfer("s0", &gift(9, 10, 90)).await.expect(201);
        let wanted = [
            ("t1", gift(1, 2, 10), ""),
            ("t2", gift(3, 4, 91), "points.transfer_too_large"),
            ("t3", gift(5, 5, 10), "points.transfer_to_self"),
            ("t4", gift(6, 99, 10), "points.member_unknown"),
            ("t5", gift(99, 6, 10), "points.member_unknown"),
            ("t6", gift(7, 8, 60), ""),
            ("t7", gift(11, 12, 90), ""),
            ("t8", gift(9, 10, 20), "points.balance_too_low"),
            ("t0", gift(1, 2, 5), ""),
            ("t0", gift(1, 2, 6), "points.idempotency_key_reused"),
            ("t1", gift(1, 2, 10), ""),
        ];
        let answers = join_all(wanted.iter().map(|(key, body, _)| operator.transfer(key, body))).await;
        for ((key, body, code), answer) in wanted.iter().zip(&answers) {
            assert_eq!(answer.code(), *code, "{key} {body}: {}", answer.text);
        }
        assert!(answers[8].replayed && answers[0].text == answers[10].text);
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 3);
        for (number, points) in [(1, 85), (2, 115), (5, 100), (7, 40), (8, 160), (9, 10), (10, 190), (11, 10), (12, 190)] {
            assert_eq!(shop.operator().balance(member(number)).await["points"], points, "{number}");
        }
        shop.holds().await;
    }

    async fn caps_hold_however_many_come_at_once(shop: Shop) {
        let terms = json!({"to": "anyone", "sent": [{"per": "day", "most": 50}]});
        let shop = crowd(shop, 6, terms).await;
        let operator = shop.operator();
        let wanted: Vec<(String, Value)> = (0..12).map(|n| (format!("t{n}"), gift(1, 2 + n % 5, 10))).collect();
        let answers = join_all(wanted.iter().map(|(key, body)| operator.transfer(key, body))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 5);
        assert!(answers.iter().all(|answer| answer.status == 201 || answer.code() == "points.transfer_sender_cap"));
        assert_eq!(shop.operator().balance(member(1)).await["points"], 50);
        shop.holds().await;
    }
}
