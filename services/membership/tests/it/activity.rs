//! Members' activity, heard from `points`.

use std::collections::BTreeMap;

use bus::ReactionError;
use contracts::{Fact, FactData as _, FactHead, points::PointsEarned};
use kernel::{BranchCode, FactId, Ids as _, MemberId, Timestamp};
use runtime::SystemIds;
use serde_json::{Value, json};

use crate::club::{Club, on_both};

fn fact(member: MemberId, seq: u64, at: &str, branch: &str) -> Fact {
    let occurred_at = Timestamp::parse(at).expect("a time");
    let data = PointsEarned {
        member_id: member,
        occurred_at,
        branch: BranchCode::parse(branch).expect("a code"),
        account_version: seq,
        ..PointsEarned::sample()
    };
    let head = FactHead {
        id: FactId::from_uuid(SystemIds::default().uuid()),
        source: "points",
        subject: member.to_string(),
        seq,
        time: occurred_at,
        traceparent: None,
    };
    Fact::new(head, &data)
}

async fn hear(club: &Club, facts: &[Fact]) -> Result<(), ReactionError> {
    let tx = club.database.begin().await.expect("a transaction");
    let outcome = club.reaction.apply(&tx, facts).await;
    if outcome.is_ok() {
        tx.commit().await.expect("the commit");
    }
    outcome
}

async fn join(club: &Club, phone: &str) -> MemberId {
    let joined =
        club.till().post("/v1/members", json!({"phone": phone, "first_name": "Zahra"})).await.expect(201);
    joined["member_id"].as_str().and_then(|id| id.parse().ok()).expect("an id")
}

async fn activity(club: &Club, member: MemberId) -> Value {
    club.till().get(&format!("/v1/members/{member}")).await.expect(200)["activity"].clone()
}

on_both! {
    async fn purchases_show_in_the_member(club: Club) {
        let (zahra, ali) = (join(&club, "09121234567").await, join(&club, "09121234568").await);
        assert!(activity(&club, zahra).await.is_null());
        let facts = [
            fact(zahra, 1, "2026-11-20T10:00:00Z", "b1"),
            fact(ali, 1, "2026-11-20T11:00:00Z", "b2"),
            fact(zahra, 2, "2026-11-21T10:00:00Z", "b3"),
        ];
        hear(&club, &facts).await.expect("heard");
        hear(&club, &[fact(zahra, 3, "2026-11-19T10:00:00Z", "b4")]).await.expect("heard");
        let expected = json!({
            "purchases": 3,
            "first_purchase_at": "2026-11-19T10:00:00Z",
            "last_purchase_at": "2026-11-21T10:00:00Z",
            "last_branch": "b3",
        });
        assert_eq!(activity(&club, zahra).await, expected);
        assert_eq!(activity(&club, ali).await["purchases"], 1);
    }

    async fn redelivery_and_replay_change_nothing(club: Club) {
        let member = join(&club, "09121234567").await;
        let at = |seq: u64| format!("2026-11-20T10:00:{seq:02}Z");
        let facts: Vec<Fact> = (1..=20).map(|seq| fact(member, seq, &at(seq), "b1")).collect();
        hear(&club, &facts).await.expect("heard");
        let once = activity(&club, member).await;
        assert_eq!(once["purchases"], 20);
        hear(&club, &facts).await.expect("heard");
        for single in facts.iter().rev() {
            hear(&club, std::slice::from_ref(single)).await.expect("heard");
        }
        assert_eq!(activity(&club, member).await, once);
    }

    async fn a_fact_that_comes_late_is_counted_once(club: Club) {
        let member = join(&club, "09121234567").await;
        let at = |seq: u64| fact(member, seq, &format!("2026-11-20T10:00:{seq:02}Z"), "b1");
        hear(&club, &[at(1), at(3), at(4)]).await.expect("heard");
        assert_eq!(activity(&club, member).await["purchases"], 3);
        hear(&club, &[at(2), at(4)]).await.expect("heard");
        hear(&club, &[at(2)]).await.expect("heard");
        assert_eq!(activity(&club, member).await["purchases"], 4);
    }

    async fn a_large_batch_is_added_member_by_member(club: Club) {
        let members: Vec<MemberId> = (0..600).map(|_| MemberId::from_uuid(SystemIds::default().uuid())).collect();
        let facts: Vec<Fact> = (0..1_500_u64)
            .map(|n| {
                let place = usize::try_from(n % 600).expect("small");
                fact(members[place], n / 600 + 1, "2026-11-20T10:00:00Z", "b1")
            })
            .collect();
        hear(&club, &facts).await.expect("heard");
        let page = membership::queries::list_projected::list_heard_purchases(&club.database, None, 1_000).await;
        let heard: BTreeMap<MemberId, u64> = page.expect("a page").iter().map(|h| (h.member, h.purchases)).collect();
        assert_eq!((heard.len(), heard.values().sum::<u64>()), (600, 1_500));
    }

    async fn a_fact_without_a_usable_number_is_poison(club: Club) {
        let member = join(&club, "09121234567").await;
        for seq in [0, u64::MAX] {
            let outcome = hear(&club, &[fact(member, seq, "2026-11-20T10:00:00Z", "b1")]).await;
            assert!(matches!(outcome, Err(ReactionError::Poison(_))), "{outcome:?}");
        }
    }

    async fn consumers_at_the_same_time_lose_no_purchase(club: Club) {
        let member = join(&club, "09121234567").await;
        let at = |seq: u64| fact(member, seq, &format!("2026-11-20T10:00:{seq:02}Z"), "b1");
        let mut waiting: Vec<u64> = (1..=24).collect();
        // Whoever was overtaken hears the fact again, as the consumer loop does.
        while !waiting.is_empty() {
            let heard = waiting.iter().map(|seq| async { (*seq, hear(&club, &[at(*seq)]).await.is_ok()) });
            let outcomes = futures_util::future::join_all(heard).await;
            waiting = outcomes.into_iter().filter(|(_, ok)| !ok).map(|(seq, _)| seq).collect();
        }
        assert_eq!(activity(&club, member).await["purchases"], 24);
    }
}
