//! Many at once in one service: one after the other where it matters, together where it helps.

use std::collections::BTreeSet;

use contracts::points::PointsEarned;
use futures_util::future::join_all;
use kernel::IdentifierKind;
use serde_json::json;

use crate::sender::Answer;
use crate::shop::{Shop, base, basket, member, on_both};

on_both! {
    async fn sixty_four_purchases_of_one_member_make_sixty_four_versions(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let till = shop.till();
        let all = (1..=64).map(|n| {
            let till = till.clone();
            async move { till.buy(&format!("k{n}"), &basket(&format!("R{n}"), n * 10_000)).await.expect(201) }
        });
        let answers = join_all(all).await;
        let mut seen: Vec<(u64, i64, i64)> = answers
            .iter()
            .map(|a| {
                let balance = &a["balance"];
                let version = balance["account_version"].as_u64().expect("a version");
                (version, a["points"].as_i64().expect("points"), balance["points"].as_i64().expect("points"))
            })
            .collect();
        seen.sort_unstable();
        let mut sum = 0;
        for (n, (version, points, balance)) in seen.iter().enumerate() {
            sum += points;
            assert_eq!((*version, *balance), (n as u64 + 1, sum), "each balance follows from the one before");
        }
        assert_eq!(sum, 64 * 65 / 2);
        let seqs: Vec<u64> = shop.told::<PointsEarned>().await.iter().map(|(seq, _)| *seq).collect();
        assert_eq!(seqs, (1..=64).collect::<Vec<_>>(), "told in order, without gap");
        assert_eq!(shop.rows().await, [64, 64, 1, 1, 2], "they shared one commit");
        shop.holds().await;
    }

    async fn in_one_batch_each_request_is_judged_by_itself(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let till = shop.till();
        let mut unknown = basket("R9", 10_000);
        unknown["member"] = json!({"id": member(9).to_string()});
        let requests = [
            ("k1", basket("R1", 10_000)),
            ("k1", basket("R1", 10_000)),
            ("k1", basket("R1", 20_000)),
            ("k2", basket("R1", 10_000)),
            ("k3", basket("R1", 20_000)),
            ("k4", unknown),
            ("k5", basket("R5", 50_000)),
        ];
        let answers: Vec<Answer> = join_all(requests.iter().map(|(key, body)| till.buy(key, body))).await;
        let outcomes: Vec<_> = answers.iter().map(|a| (a.status, a.replayed, a.code())).collect();
        assert_eq!(outcomes, [
            (201, false, ""),
            (200, true, ""),
            (422, false, "points.idempotency_key_reused"),
            (200, true, ""),
            (409, false, "points.receipt_taken"),
            (404, false, "points.member_unknown"),
            (201, false, ""),
        ]);
        assert_eq!((&answers[1].text, &answers[3].text), (&answers[0].text, &answers[0].text));
        assert_eq!(answers[6].body["balance"]["account_version"], 2);
        shop.holds().await;
    }

    async fn one_key_sent_many_times_at_once_has_one_effect_and_one_answer(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let till = shop.till();
        let body = basket("R1", 10_000);
        let answers = join_all((0..20).map(|_| till.buy("k1", &body))).await;
        assert_eq!(answers.iter().filter(|a| a.status == 201).count(), 1);
        assert_eq!(answers.iter().filter(|a| a.replayed).count(), 19);
        let texts: BTreeSet<&str> = answers.iter().map(|a| a.text.as_str()).collect();
        assert_eq!((texts.len(), shop.rows().await[0]), (1, 1));
    }

    async fn many_members_at_once_each_have_their_own(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        for n in 10..40 {
            shop.joined(member(n), &format!("+9891200000{n}"), IdentifierKind::Phone).await;
        }
        let till = shop.till();
        let all = (0..120_i64).map(|n| {
            let (till, mut body) = (till.clone(), basket(&format!("R{n}"), n * 1_000));
            body["member"] = json!({"phone": format!("+9891200000{}", 10 + n % 30)});
            async move { till.buy(&format!("k{n}"), &body).await.expect(201) }
        });
        join_all(all).await;
        for n in 10..40_u128 {
            assert_eq!(till.balance(member(n)).await["account_version"], 4);
        }
        assert_eq!(shop.number("SELECT CAST(SUM(balance) AS bigint) FROM accounts").await, (0..120).map(|n| n / 10).sum::<i64>());
        shop.holds().await;
    }
}
