//! Who sent a text: asked by services alone; a stranger joins by a first name, a member never does again.

use serde_json::{Value, json};

use crate::club::{Club, on_both};

const PATH: &str = "/internal/v1/senders";

async fn asks(club: &Club, phone: &str, text: Option<(&str, &str)>) -> Value {
    let joins_by = text.map(|(id, said)| json!({"text": said, "message_id": id}));
    club.service().post(PATH, json!({"phone": phone, "joins_by": joins_by})).await.expect(200)
}

on_both! {
    async fn a_stranger_is_told_apart_and_joins_by_a_first_name(club: Club) {
        let stranger = asks(&club, "09121234567", None).await;
        assert_eq!((&stranger["phone"], &stranger["member_id"], &stranger["joining"]), (&json!("+989121234567"), &Value::Null, &Value::Null));
        assert_eq!(asks(&club, "+989121234567", Some(("m1", "http://x"))).await["joining"], "no_name");
        let joined = asks(&club, "۰۹۱۲۱۲۳۴۵۶۷", Some(("m2", "زهرا"))).await;
        assert_eq!((&joined["joining"], &joined["member_id"]), (&json!("welcome"), &Value::Null));
        let known = asks(&club, "09121234567", Some(("m3", "سارا"))).await;
        let found = club.operator().post("/v1/members/lookup", json!({"phone": "+989121234567"})).await.expect(200);
        assert_eq!((&known["member_id"], &known["joining"]), (&found["member_id"], &Value::Null));
        assert_eq!((&found["first_name"], &known["language"]), (&json!("زهرا"), &found["language"]));
    }

    async fn a_flood_of_names_is_told_and_numbers_that_are_none_are_refused(club: Club) {
        for number in 0..6 {
            asks(&club, "09121234567", Some((&format!("m{number}"), "123"))).await;
        }
        assert_eq!(asks(&club, "09121234567", Some(("m9", "Sara"))).await["joining"], "too_many");
        club.service().post(PATH, json!({"phone": "3000"})).await.refused(422, "membership.phone_invalid");
        for caller in [club.operator(), club.till(), club.anonymous()] {
            let answer = caller.post(PATH, json!({"phone": "09121234567"})).await;
            assert!(matches!(answer.status, 401 | 403), "{}", answer.text);
        }
    }
}
