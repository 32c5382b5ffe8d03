//! Customers are identified while the key of the blind index changes, in one look as always, and repetitions stay repetitions.

use std::time::Duration;

use contracts::membership::IdentifierLinked;
use kernel::{Digest16, IdentifierKind};
use points::heard_identifiers;
use runtime::BlindKeys;
use serde_json::json;

use crate::shop::{ALI, Shop, ZAHRA, ZAHRAS_CARD, base, basket, member, on_both};

fn both() -> BlindKeys {
    BlindKeys::new(&[(2, [9; 32]), (1, [7; 32])], &[]).expect("good keys")
}

fn new() -> BlindKeys {
    BlindKeys::new(&[(2, [9; 32])], &[(1, [7; 32])]).expect("good keys")
}

/// The hashes of an identifier under the old key and the new one.
fn hashes(kind: IdentifierKind, identifier: &str) -> (Digest16, Digest16) {
    let digests = both().digests(kind, identifier);
    (digests.sought()[0], digests.sought()[1])
}

/// Membership tells that an identifier of Zahra's is hashed anew.
async fn hashed_anew(shop: &Shop, kind: IdentifierKind, identifier: &str, active: bool) {
    shop.clock.advance_millis(1);
    let (former, digest) = hashes(kind, identifier);
    shop.tells(&IdentifierLinked { member_id: member(1), kind, digest, active, former: Some(former) }).await;
}

on_both! {
    async fn customers_are_known_before_between_and_afterwards_and_nobody_is_asked(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let (between, after) = (shop.hashing(both()).await, shop.hashing(new()).await);
        between.till().buy("k1", &basket("R1", 50_000)).await.expect(201);
        hashed_anew(&shop, IdentifierKind::Phone, ZAHRA, true).await;
        for (n, who) in [json!({"phone": ZAHRA}), json!({"card": ZAHRAS_CARD})].into_iter().enumerate() {
            let mut body = basket(&format!("R2-{n}"), 50_000);
            body["member"] = who;
            let bought = between.till().buy(&format!("k2-{n}"), &body).await.expect(201);
            assert_eq!(bought["member_id"], member(1).to_string());
        }
        hashed_anew(&shop, IdentifierKind::Card, ZAHRAS_CARD, true).await;
        after.till().buy("k3", &basket("R3", 50_000)).await.expect(201);
        assert_eq!(shop.membership.with(|known| known.asked), 0, "the hot path asks nobody");
        assert_eq!(after.till().balance(member(1)).await["points"], 20);
        shop.holds().await;
    }

    async fn a_card_that_is_blocked_stays_so_under_both_hashes(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let between = shop.hashing(both()).await;
        hashed_anew(&shop, IdentifierKind::Card, ZAHRAS_CARD, false).await;
        let (old, new) = hashes(IdentifierKind::Card, ZAHRAS_CARD);
        for digest in [old, new] {
            shop.membership.with(|known| known.identifiers.insert(digest.to_string(), (member(1).to_string(), false)));
        }
        let mut body = basket("R1", 50_000);
        body["member"] = json!({"card": ZAHRAS_CARD});
        between.till().buy("k1", &body).await.refused(404, "points.customer_unknown");
    }

    async fn what_is_sent_again_under_another_key_is_the_same(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let (between, after) = (shop.hashing(both()).await, shop.hashing(new()).await);
        let body = basket("R1", 1_000_000);
        shop.till().buy("k1", &body).await.expect(201);
        for replica in [&shop, &between, &after] {
            assert!(replica.till().buy("k1", &body).await.expect(200).is_object());
        }
        let other = basket("R1", 2_000_000);
        for replica in [&between, &after] {
            replica.till().buy("k1", &other).await.refused(422, "points.idempotency_key_reused");
        }
        // What a till asked of the one before, and repeats to the one after.
        let redeem = json!({"member": {"phone": ZAHRA}, "points": 3});
        between.till().keyed("r1", "/v1/redemptions", &redeem).await.expect(201);
        hashed_anew(&shop, IdentifierKind::Phone, ZAHRA, true).await;
        after.till().keyed("r1", "/v1/redemptions", &redeem).await.expect(200);
        after.till().buy("k2", &basket("R2", 50_000)).await.expect(201);
        between.till().buy("k2", &basket("R2", 50_000)).await.expect(200);
        shop.holds().await;
    }

    async fn an_older_answer_brings_no_hash_back_and_it_is_forgotten_after_a_day(shop: Shop) {
        let (old, _) = hashes(IdentifierKind::Phone, ZAHRA);
        let count = async || heard_identifiers(&shop.database).await.expect("they are read").len();
        let before = count().await;
        hashed_anew(&shop, IdentifierKind::Phone, ZAHRA, true).await;
        assert_eq!(count().await, before, "one went, one came");
        let shop = shop.selling(&[base()]).await;
        // A replica that was forgotten asks with the old hash, and membership's answer is an old one, too.
        shop.membership.with(|known| known.identifiers.insert(old.to_string(), (member(2).to_string(), true)));
        shop.till().buy("k0", &basket("R0", 50_000)).await.expect(201);
        let between = shop.hashing(both()).await;
        let bought = between.till().buy("k1", &basket("R1", 50_000)).await.expect(201);
        assert_eq!(bought["member_id"], member(1).to_string());
        let rows = "SELECT COUNT(*) FROM identifiers";
        assert_eq!(shop.number(rows).await, i64::try_from(before).expect("few") + 1);
        shop.days_later(2);
        let _later = shop.hashing(both()).await;
        let mut left = 0;
        for _ in 0..200 {
            left = shop.number(rows).await;
            if left == i64::try_from(before).expect("few") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(left, i64::try_from(before).expect("few"), "the hash whose key went is forgotten");
        assert_eq!(heard_identifiers(&shop.database).await.expect("they are read").len(), before);
    }

    async fn who_joined_a_moment_ago_is_asked_for_under_both_keys(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let between = shop.hashing(both()).await;
        let (_, digest) = hashes(IdentifierKind::Phone, "+989351112233");
        shop.membership.with(|known| known.identifiers.insert(digest.to_string(), (member(7).to_string(), true)));
        for n in 0..2 {
            let mut body = basket(&format!("R{n}"), 50_000);
            body["member"] = json!({"phone": "+989351112233"});
            between.till().buy(&format!("k{n}"), &body).await.expect(201);
        }
        assert_eq!(shop.membership.with(|known| known.asked), 1);
        assert!(heard_identifiers(&shop.database).await.expect("they are read").iter().any(|known| known.0 == digest));
        // Who was known before is nobody else.
        let mut body = basket("R9", 50_000);
        body["member"] = json!({"phone": ALI});
        assert_eq!(between.till().buy("k9", &body).await.expect(201)["member_id"], member(2).to_string());
    }
}
