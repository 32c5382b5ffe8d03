//! Joining by text: the body is the first name, the provider's id makes it one, and nobody learns who was a member (J1).

use contracts::membership::{JoinChannel, MemberJoined};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    club::{Answer, Club, START, on_both},
    secrecy::leaks,
};

const PHONE: &str = "+989121234567";

fn text(id: &str, body: &str) -> Value {
    json!({"phone": PHONE, "text": body, "message_id": id, "received_at": START})
}

async fn sends(club: &Club, body: Value) -> Answer {
    club.operator().post("/v1/inbound-texts", body).await
}

async fn known(club: &Club) -> Value {
    club.operator().post("/v1/members/lookup", json!({"phone": PHONE})).await.expect(200)
}

on_both! {
    async fn a_text_makes_a_member_once_and_known_ones_get_the_same_answer(club: Club) {
        let first = sends(&club, text("m1", "\u{200F}علي ")).await.expect(200);
        assert_eq!(first, json!({"reply": "welcome"}));
        let member = known(&club).await;
        assert_eq!((&member["first_name"], &member["phone_confirmed"], &member["language"]), (&json!("علی"), &json!(false), &json!("fa")));
        assert_eq!(sends(&club, text("m1", "\u{200F}علي ")).await.expect(200), first, "the same text");
        assert_eq!(sends(&club, text("m2", "Sara")).await.expect(200), first, "who is a member already");
        assert_eq!(known(&club).await, member);
        assert_eq!(club.told().await, ["member_joined 1", "identifier_linked 2"]);
        let joined: MemberJoined = club.facts().await[0].read().expect("a member");
        assert_eq!((joined.channel, joined.branch), (JoinChannel::Text, None));
        sends(&club, text("m1", "Sara")).await.refused(409, "membership.text_taken");
    }

    async fn what_is_no_name_is_refused_and_counts(club: Club) {
        for (id, body, reason) in [("n1", "STOP", "keyword"), ("n2", "www.example.com", "link"), ("n3", "۱۲۳", "digits"), ("n4", "🌸", "letters")] {
            let refused = sends(&club, text(id, body)).await.refused(422, "membership.text_no_name");
            assert_eq!((&refused["reason"], &refused["pointer"]), (&json!(reason), &json!("/text")));
            sends(&club, text(id, body)).await.refused(422, "membership.text_no_name");
        }
        sends(&club, text("n5", "Zahra")).await.expect(200);
        let refused = sends(&club, text("n6", "Zahra")).await.refused(429, "membership.texts_too_many");
        assert_eq!(refused["status"], 429);
        sends(&club, text("n5", "Zahra")).await.expect(200);
        let mut other = text("n7", "Sara");
        other["phone"] = json!("09121234568");
        sends(&club, other).await.expect(200);
        club.wait_s(24 * 3_600);
        sends(&club, text("n6", "Zahra")).await.expect(200);
    }

    async fn what_no_provider_sends_is_refused(club: Club) {
        let with = |field: &str, value: Value| { let mut body = text("x1", "Zahra"); body[field] = value; body };
        for id in ["", "a b", "پیام", &"a".repeat(129)] {
            sends(&club, with("message_id", json!(id))).await.refused(422, "membership.text_id_invalid");
        }
        for at in ["2026-11-19T07:59:59Z", "2026-11-21T08:05:01Z"] {
            sends(&club, with("received_at", json!(at))).await.refused(422, "membership.text_out_of_time");
        }
        sends(&club, with("phone", json!("0912"))).await.refused(422, "membership.phone_invalid");
        sends(&club, with("phone", json!("02188776655"))).await.refused(422, "membership.phone_not_mobile");
        sends(&club, with("phone", json!("+971501234567"))).await.refused(422, "membership.phone_country_closed");
        club.till().post("/v1/inbound-texts", text("x1", "Zahra")).await.refused(403, "web.access_denied");
        club.anonymous().post("/v1/inbound-texts", text("x1", "Zahra")).await.refused(401, "web.caller_required");
        for (language, word) in [("fa", "نام"), ("ar", "اسم"), ("en", "name")] {
            let refused = club.operator().speaking(language).post("/v1/inbound-texts", text("x2", "STOP")).await;
            let refused = refused.refused(422, "membership.text_no_name");
            assert!(refused["title"].as_str().expect("a title").contains(word), "{refused}");
        }
    }

    async fn a_chain_may_ask_for_a_code_before_anybody_joins(club: Club) {
        let club = club.with(&[("texts_confirmed", "true")]).await;
        let asked = sends(&club, text("c1", "زهرا")).await.expect(200);
        let code = asked["code"].as_str().expect("a code").to_owned();
        assert_eq!(asked["reply"], "confirm");
        assert_eq!(sends(&club, text("c1", "زهرا")).await.expect(200), asked, "the same text, the same code");
        club.operator().post("/v1/members/lookup", json!({"phone": PHONE})).await.refused(404, "membership.identifier_unknown");
        let wrong = if code == "000000" { "000001" } else { "000000" };
        let again = sends(&club, text("c2", &format!("زهرا {wrong}"))).await.expect(200);
        assert_eq!(again["reply"], "confirm");
        sends(&club, text("c3", &format!("زهرا {code}"))).await.expect(200);
        club.operator().post("/v1/members/lookup", json!({"phone": PHONE})).await.refused(404, "membership.identifier_unknown");
        club.wait_s(24 * 3_600);
        let mut late = text("c4", "زهرا");
        late["received_at"] = json!("2026-11-22T08:00:00Z");
        let code = sends(&club, late.clone()).await.expect(200)["code"].as_str().expect("a code").to_owned();
        let local = locale::digits::to_local(&code, kernel::Language::Fa).into_owned();
        (late["message_id"], late["text"]) = (json!("c5"), json!(format!("زهرا {local}")));
        assert_eq!(sends(&club, late).await.expect(200), json!({"reply": "welcome"}));
        assert_eq!(known(&club).await["first_name"], "زهرا");
    }

    async fn many_at_once_make_one_member(club: Club) {
        let all = join_all((0..5).map(|number| sends(&club, text(&format!("t{}", number % 2), "Zahra")))).await;
        assert!(all.iter().all(|answer| answer.status == 200), "{all:?}");
        assert_eq!(club.told().await, ["member_joined 1", "identifier_linked 2"]);
    }

    async fn texts_leave_nothing_of_their_senders(club: Club) {
        sends(&club, text("l1", "Canarybird")).await.expect(200);
        sends(&club, text("l2", "Canarybird STOP www.canary.example")).await.refused(422, "membership.text_no_name");
        assert_eq!(leaks(&club, &["Canarybird", "canary.example", "9121234567"]).await, Vec::<String>::new());
    }
}
