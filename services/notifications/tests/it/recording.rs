//! Facts become messages: one for each member, kind and cause, however often they are heard; who left takes theirs along.

use contracts::{
    FactData,
    membership::{self, MemberErased, MembersMerged},
    points::{self, PointsEarned, TransferRequested},
};
use kernel::{JournalId, Timestamp};
use serde_json::json;
use uuid::Uuid;

use crate::house::{House, START, member, on_both, text};

fn earned(number: u128) -> PointsEarned {
    PointsEarned {
        member_id: member(1),
        journal_id: JournalId::from_uuid(Uuid::from_u128(number)),
        occurred_at: Timestamp::parse(START).expect("a time"),
        ..PointsEarned::sample()
    }
}

on_both! {
    async fn a_purchase_is_one_message_however_often_it_is_heard(house: House) {
        let fact = house.fact(points::SOURCE, &earned(1));
        house.hear(&[fact.clone(), fact.clone()]).await;
        house.hear(&[fact, house.fact(points::SOURCE, &earned(1))]).await;
        let messages = house.messages(member(1)).await;
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert_eq!((text(&messages[0], "kind").as_str(), text(&messages[0], "state").as_str()), ("earned", "waiting"));
        house.hear(&[house.fact(points::SOURCE, &earned(2))]).await;
        assert_eq!(house.messages(member(1)).await.len(), 2);
        let queue = house.operator().get("/v1/message-queue").await.expect(200);
        assert_eq!(queue["lanes"][1]["waiting"], json!(2));
        assert_eq!(house.differences().await, [""; 0]);
    }

    async fn both_sides_of_a_transfer_are_told(house: House) {
        let sample = TransferRequested::sample();
        house.hear(&[house.fact(points::SOURCE, &sample)]).await;
        assert_eq!(text(&house.messages(sample.sender_id).await[0], "kind"), "transfer_sent");
        assert_eq!(text(&house.messages(sample.receiver_id).await[0], "kind"), "transfer_waiting");
    }

    async fn what_is_heard_too_late_is_not_told_any_more(house: House) {
        let fact = house.fact(points::SOURCE, &earned(1));
        house.wait_s(24 * 60 * 60);
        house.hear(&[fact]).await;
        // A purchase of yesterday that comes in from a file is told by a fact of today.
        house.hear(&[house.fact(points::SOURCE, &earned(2))]).await;
        assert_eq!(house.messages(member(1)).await.len(), 0);
    }

    async fn messages_go_where_their_member_goes(house: House) {
        let (one, other) = (member(1), member(2));
        house.hear(&[house.fact(points::SOURCE, &earned(1))]).await;
        let merged = MembersMerged { survivor: other, absorbed: one, ..MembersMerged::sample() };
        house.hear(&[house.fact(membership::SOURCE, &merged)]).await;
        assert_eq!((house.messages(one).await.len(), house.messages(other).await.len()), (0, 1));
        let erased = MemberErased { member_id: other, ..MemberErased::sample() };
        house.hear(&[house.fact(membership::SOURCE, &erased)]).await;
        assert_eq!(house.messages(other).await.len(), 0);
        assert_eq!(house.differences().await, [""; 0]);
    }

    async fn bad_questions_have_their_codes(house: House) {
        let operator = house.operator();
        let nobody = member(9);
        operator.get(&format!("/v1/members/{nobody}/messages?limit=0")).await.refused(400, "notifications.limit_out_of_range");
        operator.get("/v1/dead-messages?cursor=b3Bz").await.refused(400, "notifications.cursor_invalid");
        operator.get("/v1/message-costs?from=2026-11-22&until=2026-11-21").await.refused(400, "notifications.days_out_of_range");
        operator.get("/v1/message-costs?from=2020-01-01").await.refused(400, "notifications.days_out_of_range");
        let unknown = format!("/v1/dead-messages/{}/replay", Uuid::from_u128(5));
        for (language, word) in [("fa", "نرسیده"), ("ar", "متعثرة"), ("en", "dead letter")] {
            let answer = house.operator().speaking(language).post_nothing(&unknown).await;
            let refused = answer.refused(404, "notifications.dead_letter_unknown");
            assert!(text(&refused, "title").contains(word), "{language}: {refused}");
        }
        assert_eq!(operator.post("/v1/dead-messages/replay", json!({})).await.status, 200);
    }
}
