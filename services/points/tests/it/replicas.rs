//! Two services on one database race for the same thing: exactly one effect, and both know it.

use contracts::points::PointsEarned;
use futures_util::future::join_all;
use kernel::IdentifierKind;
use serde_json::json;

use crate::sender::{Answer, Sender};
use crate::shop::{Shop, base, basket, member, on_both};

/// Sends the same purchase through every sender at once, under these keys.
async fn race(senders: &[Sender<'_>], keys: &[&str], receipt: &str) -> Vec<Answer> {
    let body = basket(receipt, 50_000);
    join_all(senders.iter().zip(keys).map(|(sender, key)| sender.buy(key, &body))).await
}

on_both! {
    async fn the_same_purchase_at_both_has_one_effect(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let other = shop.replica().await;
        let senders = [shop.till(), other.till()];
        for round in 0..20 {
            let (receipt, one, two) = (format!("R{round}"), format!("a{round}"), format!("b{round}"));
            // By the same key, and by the same receipt under two keys, by turns.
            let second = if round % 2 == 0 { &one } else { &two };
            let answers = race(&senders, &[one.as_str(), second.as_str()], &receipt).await;
            let mut statuses: Vec<u16> = answers.iter().map(|a| a.status).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 201], "{answers:?}");
            assert_eq!(answers[0].text, answers[1].text);
            assert_eq!(shop.rows().await[0], round + 1);
        }
        shop.holds().await;
    }

    async fn one_key_for_two_receipts_records_one_of_them(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let other = shop.replica().await;
        let (here, there) = (shop.till(), other.till());
        for round in 0..10 {
            let key = format!("k{round}");
            let (one, two) = (basket(&format!("a{round}"), 50_000), basket(&format!("b{round}"), 50_000));
            let (one, two) = tokio::join!(here.buy(&key, &one), there.buy(&key, &two));
            let mut outcomes = [(one.status, one.code().to_owned()), (two.status, two.code().to_owned())];
            outcomes.sort();
            assert_eq!(outcomes, [(201, String::new()), (422, "points.idempotency_key_reused".to_owned())]);
        }
        assert_eq!(shop.rows().await[0], 10);
        shop.holds().await;
    }

    async fn purchases_of_one_member_at_both_are_numbered_one_after_the_other(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let other = shop.replica().await;
        let senders = [shop.till_of("vanak", "till-1"), other.till_of("vanak", "till-2")];
        let all = (0..64_usize).map(|n| {
            let sender = senders[n % 2].clone();
            async move { sender.buy(&format!("k{n}"), &basket(&format!("R{n}"), 10_000)).await.expect(201) }
        });
        let answers = join_all(all).await;
        let mut versions: Vec<_> = answers.iter().map(|a| a["balance"]["account_version"].as_u64()).collect();
        versions.sort_unstable();
        assert_eq!(versions, (1..=64).map(Some).collect::<Vec<_>>());
        let mut seqs: Vec<u64> = shop.told::<PointsEarned>().await.iter().map(|(seq, _)| *seq).collect();
        seqs.sort_unstable();
        assert_eq!(seqs, (1..=64).collect::<Vec<_>>());
        shop.holds().await;
    }

    async fn a_member_who_is_new_to_both_gets_one_account(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let other = shop.replica().await;
        for n in 100..110_u32 {
            let (id, phone) = (member(n.into()), format!("+98912000{n:04}"));
            let digest = shop.digest(IdentifierKind::Phone, &phone);
            shop.membership.with(|known| known.identifiers.insert(digest, (id.to_string(), true)));
            let mut here = basket(&format!("a{n}"), 10_000);
            here["member"] = json!({ "phone": phone });
            let mut there = here.clone();
            there["receipt"] = format!("b{n}").into();
            let (key_here, key_there) = (format!("ka{n}"), format!("kb{n}"));
            let (tills, till_there) = (shop.till(), other.till());
            let (one, two) = tokio::join!(tills.buy(&key_here, &here), till_there.buy(&key_there, &there));
            assert_eq!((one.status, two.status), (201, 201), "{} {}", one.text, two.text);
            assert_eq!(shop.till().balance(id).await["account_version"], 2);
        }
        shop.holds().await;
    }
}
