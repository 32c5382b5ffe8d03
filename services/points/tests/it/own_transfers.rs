//! Members pass points on by themselves, and see what is theirs (J1, P4; promise 19).

use kernel::{MemberId, SessionId, Timestamp};
use serde_json::{Value, json};
use web::Caller;

use crate::{
    sender::Sender,
    shop::{ALI, Shop, member, on_both},
    transfers::{gift, rich},
};

/// The member of this number, in one session of theirs after the other.
fn session(number: u128, session: u128, confirmed: bool, raised: Option<Timestamp>) -> Caller {
    Caller::Member {
        member: member(number),
        session: SessionId::from_uuid(uuid::Uuid::from_u128(session)),
        confirmed,
        stepped_up_until: raised,
    }
}

fn zahra(shop: &Shop) -> Sender<'_> {
    shop.by(session(1, 1, true, None))
}

fn ali(shop: &Shop) -> Sender<'_> {
    shop.by(session(2, 2, true, None))
}

fn of(member: MemberId) -> String {
    format!("/v1/members/{member}/transfers")
}

/// A transfer that waits for Ali's word.
async fn waiting(shop: &Shop, points: i64) -> Value {
    let answer = zahra(shop).transfer(&format!("t{points}"), &gift(points)).await.expect(201);
    assert_eq!(answer["transfer"]["status"], "acceptance", "{answer}");
    answer["transfer"]["transfer_id"].clone()
}

on_both! {
    async fn a_member_sends_points_and_the_other_one_accepts_them(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone", "acceptance": true})).await;
        let quote = zahra(&shop).post("/v1/transfers/quotes", gift(60)).await.expect(200);
        assert_eq!((&quote["dry_run"], &quote["balance"]), (&json!(true), &json!(40)));
        let id = waiting(&shop, 60).await;
        let again = shop.by(session(1, 9, true, None)).transfer("t60", &gift(60)).await;
        assert!(again.replayed, "a key is the member's, whatever session it comes by: {}", again.text);
        let accepted = ali(&shop).says(&id, "accept", None).await.expect(200);
        assert_eq!(accepted["status"], "completed");
        for (me, number) in [(zahra(&shop), 1), (ali(&shop), 2)] {
            let list = me.get(&of(member(number))).await.expect(200);
            assert_eq!(list["items"][0]["transfer_id"], id);
            let path = format!("/v1/transfers/{}", id.as_str().expect("an id"));
            assert_eq!(me.get(&path).await.expect(200), list["items"][0]);
        }
        assert_eq!(ali(&shop).balance(member(2)).await["points"], 60);
        shop.holds().await;
    }

    async fn keys_of_two_members_and_of_the_operator_are_not_the_same(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone"})).await;
        zahra(&shop).transfer("same", &gift(60)).await.expect(201);
        let back = json!({"from": member(2).to_string(), "to": {"id": member(1).to_string()}, "points": 10});
        let answer = ali(&shop).transfer("same", &back).await;
        assert_eq!((answer.status, answer.replayed), (201, false), "{}", answer.text);
        let operator = shop.operator().transfer("same", &gift(5)).await;
        assert_eq!((operator.status, operator.replayed), (201, false), "{}", operator.text);
        shop.holds().await;
    }

    async fn nobody_sends_what_is_anothers(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone", "acceptance": true})).await;
        let rows = shop.rows().await;
        for path in ["/v1/transfers", "/v1/transfers/quotes"] {
            ali(&shop).keyed("k", path, &gift(10)).await.refused(403, "web.access_denied");
            shop.by(session(1, 1, false, None)).keyed("k", path, &gift(10)).await.refused(403, "points.phone_unconfirmed");
            let mut behalf = gift(10);
            behalf["on_behalf"] = json!({"agent": "support-1", "reason": "I say so"});
            zahra(&shop).keyed("k", path, &behalf).await.refused(403, "points.behalf_of_staff");
        }
        let all = json!({"from": member(1).to_string(), "to": {"phone": ALI}});
        zahra(&shop).keyed("k", "/v1/hand-overs", &all).await.refused(403, "web.access_denied");
        ali(&shop).get(&of(member(1))).await.refused(403, "web.access_denied");
        assert_eq!(shop.rows().await, rows, "nothing was written");
    }

    async fn each_side_says_what_is_theirs_to_say_and_strangers_hear_of_nothing(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone", "acceptance": true})).await;
        let id = waiting(&shop, 60).await;
        let path = format!("/v1/transfers/{}", id.as_str().expect("an id"));
        let stranger = shop.by(session(3, 3, true, None));
        stranger.get(&path).await.refused(404, "points.transfer_unknown");
        for step in ["confirm", "accept", "decline", "recall"] {
            stranger.says(&id, step, None).await.refused(404, "points.transfer_unknown");
        }
        zahra(&shop).says(&id, "accept", None).await.refused(403, "web.access_denied");
        zahra(&shop).says(&id, "decline", None).await.refused(403, "web.access_denied");
        ali(&shop).says(&id, "recall", None).await.refused(403, "web.access_denied");
        let review = Some(json!({"reviewer": "me"}));
        ali(&shop).says(&id, "approve", review).await.refused(403, "web.access_denied");
        assert_eq!(zahra(&shop).get(&path).await.expect(200)["status"], "acceptance");
        ali(&shop).says(&id, "decline", None).await.expect(200);
        assert_eq!(zahra(&shop).balance(member(1)).await["points"], 100);
        let other = waiting(&shop, 70).await;
        assert_eq!(zahra(&shop).says(&other, "recall", None).await.expect(200)["status"], "recalled");
        shop.holds().await;
    }

    async fn a_large_gift_is_confirmed_in_a_raised_session_only(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone", "step_up_above": 50})).await;
        let asked = zahra(&shop).transfer("t1", &gift(60)).await.expect(201);
        let id = asked["transfer"]["transfer_id"].clone();
        assert_eq!(asked["transfer"]["status"], "step_up");
        zahra(&shop).says(&id, "confirm", None).await.refused(403, "points.step_up_needed");
        let now = kernel::Clock::now(&*shop.clock);
        let lapsed = shop.by(session(1, 1, true, Some(now)));
        lapsed.says(&id, "confirm", None).await.refused(403, "points.step_up_needed");
        let ali_raised = shop.by(session(2, 2, true, Some(now.plus_millis(60_000))));
        ali_raised.says(&id, "confirm", None).await.refused(403, "web.access_denied");
        let raised = shop.by(session(1, 1, true, Some(now.plus_millis(60_000))));
        assert_eq!(raised.says(&id, "confirm", None).await.expect(200)["status"], "completed");
        shop.holds().await;
    }

    async fn members_do_not_see_who_of_the_staff_had_a_hand_in_it(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone", "review_above": 50})).await;
        let mut body = gift(60);
        body["on_behalf"] = json!({"agent": "support-1", "reason": "She lost her telephone"});
        let id = shop.operator().transfer("t1", &body).await.expect(201)["transfer"]["transfer_id"].clone();
        shop.operator().says(&id, "approve", Some(json!({"reviewer": "support-7"}))).await.expect(200);
        let path = format!("/v1/transfers/{}", id.as_str().expect("an id"));
        let whole = shop.operator().get(&path).await.expect(200);
        assert_eq!((&whole["agent"], &whole["reviewer"]), (&json!("support-1"), &json!("support-7")));
        let (sent, got) = (zahra(&shop).get(&path).await.expect(200), ali(&shop).get(&path).await.expect(200));
        for seen in [&sent, &got] {
            assert_eq!((&seen["agent"], &seen["reviewer"], &seen["status"]), (&Value::Null, &Value::Null, &json!("completed")));
        }
        assert_eq!((&sent["reason"], &got["reason"]), (&json!("She lost her telephone"), &Value::Null));
    }
}
