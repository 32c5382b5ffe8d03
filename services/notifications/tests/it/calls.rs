//! People call members who are worth their time: those who may be called, once a list, and what came of it is recorded.

use contracts::{
    FactData,
    membership::{self, MemberErased},
};
use kernel::Role;
use notifications::commands::forget_kept::forget_kept;
use serde_json::{Value, json};

use crate::house::{House, member, on_both, text};

/// Five members: one without a phone, one who did not consent.
fn peopled(house: &House) {
    for number in 1..=5_u32 {
        let mut contact = json!({"language": "fa", "phone": format!("+98912000000{number}"), "consents": ["offers-by-call"]});
        if number == 4 {
            contact["phone"] = Value::Null;
        }
        if number == 5 {
            contact["consents"] = json!([]);
        }
        house.club.says(member(number.into()), contact);
    }
    house.club.segment("best", (1..=5).map(member));
}

async fn fill(house: &House, list: &str, why: &str) -> Value {
    let body = json!({"segment": "best", "why": why}).to_string();
    house.operator().send("PUT", &format!("/v1/call-lists/{list}"), Some(body)).await.expect(200)
}

async fn calls(house: &House, list: &str, state: &str) -> Vec<Value> {
    let path = format!("/v1/call-lists/{list}/calls?state={state}");
    house.operator().get(&path).await.expect(200)["calls"].as_array().expect("a list").clone()
}

async fn outcome(house: &House, call: &Value, word: &str) -> crate::house::Answer {
    let path = format!("/v1/calls/{}/outcome", text(call, "call_id"));
    house
        .staff(Role::SupportAgent)
        .saying("member_asked")
        .send("PUT", &path, Some(json!({"outcome": word}).to_string()))
        .await
}

on_both! {
    async fn those_who_may_be_called_are_on_a_list_once(house: House) {
        peopled(&house);
        assert_eq!(fill(&house, "vip", "valuable").await, json!({"added": 3, "left_out": 2, "listed": 3}));
        assert_eq!(fill(&house, "vip", "valuable").await, json!({"added": 0, "left_out": 2, "listed": 3}));
        // Who has reason to complain is called though they want no offers.
        assert_eq!(fill(&house, "sorry", "apology").await, json!({"added": 4, "left_out": 1, "listed": 4}));
        let open = calls(&house, "vip", "open").await;
        assert_eq!((open.len(), &open[0]["why"]), (3, &json!("valuable")));
        let first = house.operator().get("/v1/call-lists/vip/calls?limit=2").await.expect(200);
        let next = format!("/v1/call-lists/vip/calls?limit=2&cursor={}", text(&first, "next_cursor"));
        assert_eq!(house.operator().get(&next).await.expect(200)["calls"].as_array().map(Vec::len), Some(1));
    }

    async fn what_came_of_a_call_is_recorded_by_whoever_made_it(house: House) {
        peopled(&house);
        fill(&house, "vip", "valuable").await;
        let open = calls(&house, "vip", "open").await;
        let tried = outcome(&house, &open[0], "no_answer").await.expect(200);
        assert_eq!(tried["state"], "unreachable");
        let reached = outcome(&house, &open[0], "interested").await.expect(200);
        assert_eq!((&reached["state"], reached["done_by"].is_string()), (&json!("reached"), true));
        assert_eq!(outcome(&house, &open[0], "interested").await.expect(200), reached);
        assert_eq!(outcome(&house, &open[0], "no_answer").await.refused(409, "notifications.call_over")["state"], "reached");
        assert_eq!(outcome(&house, &open[1], "no_more_calls").await.expect(200)["state"], "declined");
        outcome(&house, &open[1], "gossip").await.refused(400, "web.field_choice");
        let none = json!({"call_id": member(77)});
        outcome(&house, &none, "content").await.refused(404, "notifications.call_unknown");
        assert_eq!((calls(&house, "vip", "open").await.len(), calls(&house, "vip", "reached").await.len()), (1, 1));
    }

    async fn calls_are_looks_and_leave_with_their_members_and_their_time(house: House) {
        peopled(&house);
        fill(&house, "vip", "valuable").await;
        let agent = house.staff(Role::SupportAgent);
        agent.get("/v1/call-lists/vip/calls").await.refused(400, "web.look_reason_missing");
        house.staff(Role::SupportAgent).saying("member_asked").get("/v1/call-lists/vip/calls").await.expect(200);
        house.staff(Role::Finance).get("/v1/call-lists/vip/calls").await.refused(403, "web.access_denied");
        let erased = MemberErased { member_id: member(1), ..MemberErased::sample() };
        house.hear(&[house.fact(membership::SOURCE, &erased)]).await;
        assert_eq!(calls(&house, "vip", "open").await.len(), 2);
        house.wait_s(91 * 24 * 60 * 60);
        while forget_kept(&house.desk).await.expect("it forgets") {}
        assert_eq!(house.rows("calls").await, 0);
    }

    async fn what_stands_against_a_list_is_told(house: House) {
        peopled(&house);
        let nowhere = json!({"segment": "nowhere", "why": "valuable"}).to_string();
        house.operator().send("PUT", "/v1/call-lists/vip", Some(nowhere)).await.refused(422, "notifications.campaign_segment_unknown");
        let best = json!({"segment": "best", "why": "valuable"}).to_string();
        house.club.away(true);
        house.operator().send("PUT", "/v1/call-lists/vip", Some(best.clone())).await.refused(503, "notifications.points_silent");
        house.club.away(false);
        house.club.speechless(true);
        house.operator().send("PUT", "/v1/call-lists/vip", Some(best.clone())).await.refused(503, "notifications.membership_silent");
        house.club.speechless(false);
        for number in 10..5_020_u32 {
            house.club.says(member(number.into()), json!({"language": "fa", "phone": "+989120000000", "consents": ["offers"]}));
        }
        house.club.segment("best", (10..5_020).map(member));
        house.operator().send("PUT", "/v1/call-lists/vip", Some(best)).await.refused(422, "notifications.call_list_full");
    }
}
