//! Where members are reached: asked by services alone, many at once, and never about who is gone.

use serde_json::{Value, json};

use crate::{
    club::{Club, on_both},
    merging::merge,
    profile::question,
};

const CONTACTS: &str = "/internal/v1/contacts";
const NOBODY: &str = "0192f3a1-7c00-7000-8000-000000000002";

async fn joins(club: &Club, phone: &str, name: &str) -> String {
    let body = json!({"phone": phone, "first_name": name, "language": "ar"});
    let joined = club.till().post("/v1/members", body).await.expect(201);
    joined["member_id"].as_str().expect("an id").to_owned()
}

async fn contacts(club: &Club, members: &[&str]) -> Vec<Value> {
    let answer = club.service().post(CONTACTS, json!({ "members": members })).await.expect(200);
    answer["contacts"].as_array().expect("a list").clone()
}

on_both! {
    async fn services_learn_where_members_are_reached(club: Club) {
        let club = club.with_places().await;
        let office = club.operator();
        office.put("/v1/questions/mail", question("email", 1)).await.expect(201);
        office.put("/v1/questions/city", question("city", 2)).await.expect(201);
        let words = json!({"texts": {"fa": "پیشنهاد", "ar": "عروض", "en": "Offers"}});
        for purpose in ["offers-by-sms", "profiling"] {
            office.put(&format!("/v1/consent-purposes/{purpose}"), words.clone()).await.expect(201);
        }
        let zahra = joins(&club, "09121234567", "Zahra").await;
        let ali = joins(&club, "09121234568", "Ali").await;
        office.put(&format!("/v1/members/{zahra}/answers/city"), json!({"answer": "Shiraz"})).await.expect(201);
        office.put(&format!("/v1/members/{zahra}/answers/mail"), json!({"answer": "zahra@example.ir"})).await.expect(201);
        let yes = json!({"text_version": 1, "language": "fa"});
        for purpose in ["offers-by-sms", "profiling"] {
            club.till().put(&format!("/v1/members/{zahra}/consents/{purpose}"), yes.clone()).await.expect(201);
        }
        club.till().delete(&format!("/v1/members/{zahra}/consents/profiling")).await;
        let found = contacts(&club, &[&zahra, NOBODY, &ali]).await;
        assert_eq!(found, [
            json!({"member_id": zahra, "status": "active", "language": "ar", "name": "Zahra", "phone": "+989121234567",
                "email": "zahra@example.ir", "consents": ["offers-by-sms"]}),
            json!({"member_id": ali, "status": "active", "language": "ar", "name": "Ali", "phone": "+989121234568", "consents": []}),
        ]);
    }

    async fn who_was_absorbed_is_who_stayed(club: Club) {
        let stays = joins(&club, "+989121234567", "Zahra").await;
        club.clock.advance_millis(1);
        let goes = joins(&club, "+989121234568", "Z").await;
        merge(&club, (&stays, "+989121234567"), (&goes, "+989121234568")).await;
        let found = contacts(&club, &[&goes]).await;
        assert_eq!((&found[0]["member_id"], &found[0]["name"]), (&json!(goes), &json!("Zahra")));
    }

    async fn five_hundred_at_once_and_nobody_else_asks(club: Club) {
        let one = joins(&club, "09121234567", "Zahra").await;
        let mut many = vec![NOBODY; 499];
        many.push(&one);
        assert_eq!(contacts(&club, &many).await.len(), 1);
        many.push(NOBODY);
        club.service().post(CONTACTS, json!({ "members": many })).await.refused(400, "membership.limit_out_of_range");
        for caller in [club.operator(), club.till(), club.anonymous()] {
            let answer = caller.post(CONTACTS, json!({"members": [one]})).await;
            assert!(matches!(answer.status, 401 | 403), "{}", answer.text);
        }
    }
}
