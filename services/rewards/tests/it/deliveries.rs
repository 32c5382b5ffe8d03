//! What others deliver: it is asked for under one key until it is known, never both delivered and released, and every lie is seen (P13, W4).

use contracts::{
    membership::MemberErased,
    rewards::{RedemptionCompleted, RedemptionFulfilled, RedemptionReleased, RedemptionRequested},
};
use kernel::Clock as _;
use serde_json::{Value, json};
use testkit::top_ups::{EVENT_SECRET, Mood, SECRET};

use crate::house::{House, member, on_both};

async fn offered(house: &House) {
    house.offers("topup", json!({"kind": {"type": "top_up", "amount": 500_000}})).await;
    house.stocks("topup", None, 5).await;
}

/// A top-up for which points are set aside.
async fn wanted(house: &House, key: &str) -> Value {
    let id = house.asked(1, key, "topup").await;
    house.held(&id).await;
    id
}

/// Lets time pass, a little at a time, until a redemption stands so.
async fn stands(house: &House, id: &Value, state: &str) {
    house
        .until(state, || async {
            house.wait_s(5);
            house.redemption(id).await["state"] == state
        })
        .await;
}

async fn work(house: &House) -> Value {
    house.operator().get("/v1/fulfilments").await.expect(200)["fulfilments"].clone()
}

async fn tell(house: &House, id: &Value, status: &str, secret: &str) -> crate::house::Answer {
    let now = house.clock.now().micros() / 1_000_000;
    let event = house.provider.tells(id.as_str().expect("an id"), status, secret, now);
    house.calling(web::Caller::Anonymous).event(&event).await
}

async fn decide(house: &House, id: &Value, outcome: &str) -> crate::house::Answer {
    let path = format!("/v1/fulfilments/{}/outcome", id.as_str().expect("an id"));
    house.operator().post(&path, Some(json!({"outcome": outcome, "reason": "By telephone."}))).await
}

on_both! {
    async fn a_top_up_is_sent_once_and_redeemed_when_it_is_there(house: House) {
        offered(&house).await;
        let id = wanted(&house, "k1").await;
        for _ in 0..3 {
            house.held(&id).await;
        }
        stands(&house, &id, "fulfilled").await;
        let sent = house.provider.top_ups();
        assert_eq!((sent.len(), sent[0].asked_for, &*sent[0].phone, sent[0].amount, &*sent[0].currency), (1, 1, "+989121234567", 500_000, "IRR"));
        assert_eq!((&json!(sent[0].reference), house.provider.forged()), (&id, 0));
        assert_eq!(house.told::<RedemptionRequested>().await[0].hold_s, 2_592_000);
        house.captured(&id).await;
        assert_eq!(house.redemption(&id).await["state"], "completed");
        assert_eq!(work(&house).await, json!([]));
        house.holds().await;
    }

    async fn silence_means_nothing_and_the_same_key_is_asked_again(house: House) {
        offered(&house).await;
        for (key, moods) in [
            ("k1", vec![Mood::LosesItsAnswer]),
            ("k2", vec![Mood::Silent]),
            ("k3", vec![Mood::Answers(503), Mood::Answers(500), Mood::LosesItsAnswer]),
        ] {
            house.provider.be(&moods);
            let id = wanted(&house, key).await;
            stands(&house, &id, "fulfilled").await;
            house.captured(&id).await;
        }
        let sent = house.provider.top_ups();
        assert_eq!(sent.len(), 3, "each of three is delivered once: {sent:?}");
        assert!(house.told::<RedemptionReleased>().await.is_empty());
        house.holds().await;
    }

    async fn a_refusal_is_believed_when_it_is_said_twice_and_frees_the_points(house: House) {
        offered(&house).await;
        house.provider.takes_as("failed");
        let id = wanted(&house, "k1").await;
        stands(&house, &id, "released").await;
        assert_eq!((house.redemption(&id).await["reason"].clone(), house.left("topup").await), (json!("not_delivered"), 5));
        // One that it would never take, and knows nothing of.
        house.provider.be(&[Mood::Answers(422)]);
        let never = wanted(&house, "k2").await;
        stands(&house, &never, "released").await;
        assert_eq!((house.provider.top_ups().len(), house.told::<RedemptionFulfilled>().await.len()), (1, 0));
        house.holds().await;
    }

    async fn an_answer_that_is_late_or_comes_twice_counts_once(house: House) {
        offered(&house).await;
        house.provider.takes_as("pending");
        let id = wanted(&house, "k1").await;
        house.until("it is sent", || async { house.provider.top_ups().len() == 1 }).await;
        tell(&house, &id, "delivered", SECRET).await.refused(422, "rewards.event_forged");
        assert_eq!(house.redemption(&id).await["state"], "fulfilling");
        house.provider.ends(id.as_str().expect("an id"), "delivered");
        for _ in 0..3 {
            tell(&house, &id, "delivered", EVENT_SECRET).await.expect(204);
        }
        tell(&house, &id, "pending", EVENT_SECRET).await.expect(204);
        tell(&house, &id, "whatever", EVENT_SECRET).await.expect(204);
        tell(&house, &json!("nothing"), "delivered", EVENT_SECRET).await.refused(422, "rewards.event_unreadable");
        tell(&house, &json!("0192f3a1-7c00-7000-8000-00000000dead"), "delivered", EVENT_SECRET).await.expect(204);
        assert_eq!((house.told::<RedemptionFulfilled>().await.len(), house.redemption(&id).await["state"].clone()), (1, json!("fulfilled")));
        house.captured(&id).await;
        assert_eq!(house.told::<RedemptionCompleted>().await.len(), 1);
        house.holds().await;
    }

    async fn a_lie_before_the_end_is_found_out_and_one_after_it_lies_before_people(house: House) {
        offered(&house).await;
        // It says failed, and is asked once more before it is believed.
        house.provider.be(&[Mood::Says("failed")]);
        let lucky = wanted(&house, "k1").await;
        stands(&house, &lucky, "fulfilled").await;
        house.captured(&lucky).await;
        // Delivered, and then failed.
        tell(&house, &lucky, "failed", EVENT_SECRET).await.expect(204);
        assert_eq!(house.redemption(&lucky).await["state"], "completed");
        let waits = work(&house).await;
        assert_eq!((waits.as_array().map(Vec::len), &waits[0]["trouble"]), (Some(1), &json!("refused_after_delivered")));
        decide(&house, &lucky, "failed").await.refused(409, "rewards.outcome_impossible");
        decide(&house, &lucky, "settled").await.expect(200);
        // Failed, and then delivered.
        house.provider.takes_as("failed");
        let twice = wanted(&house, "k2").await;
        stands(&house, &twice, "released").await;
        tell(&house, &twice, "delivered", EVENT_SECRET).await.expect(204);
        assert_eq!((&house.redemption(&twice).await["state"], &work(&house).await[0]["trouble"]), (&json!("released"), &json!("delivered_after_refused")));
        decide(&house, &twice, "settled").await.expect(200);
        assert_eq!(work(&house).await, json!([]));
        house.holds().await;
    }

    async fn what_nobody_knows_for_too_long_lies_before_people_and_later_news_still_count(house: House) {
        offered(&house).await;
        house.provider.takes_as("pending");
        let (first, second) = (wanted(&house, "k1").await, wanted(&house, "k2").await);
        house.until("both are sent", || async { house.provider.top_ups().len() == 2 }).await;
        decide(&house, &first, "done").await.refused(404, "rewards.fulfilment_unknown");
        house.until("people are to look", || async {
            house.wait_s(700);
            work(&house).await.as_array().map(Vec::len) == Some(2)
        }).await;
        for _ in 0..2 {
            assert_eq!(decide(&house, &first, "done").await.expect(200)["state"], "delivered");
        }
        decide(&house, &first, "failed").await.refused(404, "rewards.fulfilment_unknown");
        assert_eq!(house.redemption(&first).await["state"], "fulfilled");
        house.captured(&first).await;
        house.provider.ends(second.as_str().expect("an id"), "delivered");
        stands(&house, &second, "fulfilled").await;
        house.captured(&second).await;
        assert_eq!(work(&house).await, json!([]));
        house.holds().await;
    }

    async fn what_people_arrange_waits_for_their_word(house: House) {
        house.offers("journey", json!({"kind": {"type": "arranged", "what": "Shiraz"}})).await;
        let (done, failed) = (house.asked(1, "k1", "journey").await, house.asked(2, "k1", "journey").await);
        house.held(&done).await;
        house.held(&failed).await;
        let waits = work(&house).await;
        assert_eq!((waits.as_array().map(Vec::len), &waits[0]["by"], &waits[0]["state"]), (Some(2), &json!("people"), &json!("waiting")));
        let path = format!("/v1/fulfilments/{}/outcome", done.as_str().expect("an id"));
        let unsaid = house.operator().post(&path, Some(json!({"outcome": "done", "reason": " "}))).await;
        unsaid.refused(422, "rewards.reason_missing");
        house.member(1).get("/v1/fulfilments").await.refused(403, "web.access_denied");
        decide(&house, &done, "done").await.expect(200);
        decide(&house, &failed, "failed").await.expect(200);
        house.captured(&done).await;
        assert_eq!((house.redemption(&done).await["state"].clone(), house.redemption(&failed).await["state"].clone()), (json!("completed"), json!("released")));
        assert_eq!(house.told::<RedemptionCompleted>().await[0].voucher_id, None);
        house.holds().await;
    }

    async fn an_erasure_or_a_lapse_does_not_end_what_may_be_delivered(house: House) {
        offered(&house).await;
        house.provider.takes_as("pending");
        let id = wanted(&house, "k1").await;
        house.until("it is sent", || async { house.provider.top_ups().len() == 1 }).await;
        house.hear("membership", &MemberErased { member_id: member(1), branch: None }).await;
        house.let_go(&id).await;
        assert_eq!(house.redemption(&id).await["state"], "fulfilling");
        house.provider.ends(id.as_str().expect("an id"), "failed");
        stands(&house, &id, "released").await;
        house.holds().await;
    }
}
