//! Joining and being recognised (J1, J3).

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::club::{Club, START, on_both};

fn zahra() -> Value {
    json!({"phone": "۰۹۱۲ ۱۲۳ ۴۵۶۷", "first_name": " زهرا "})
}

on_both! {
    async fn a_customer_joins_at_the_till_with_phone_and_first_name(club: Club) {
        let joined = club.till().post("/v1/members", zahra()).await.expect(201);
        assert_eq!((&joined["first_name"], &joined["phone"]), (&json!("زهرا"), &json!("••••4567")));
        assert_eq!((&joined["joined_branch"], &joined["joined_at"]), (&json!("tehran-vanak"), &json!(START)));
        assert_eq!((&joined["language"], &joined["status"]), (&json!("fa"), &json!("active")));
        assert_eq!((&joined["cards"], &joined["version"]), (&json!([]), &json!(2)));
        assert_eq!(club.told().await, ["member_joined 1", "identifier_linked 2"]);
        let shown = club.till().get(&format!("/v1/members/{}", joined["member_id"].as_str().expect("an id"))).await;
        assert_eq!(shown.expect(200), joined);
    }

    async fn the_same_phone_again_is_the_same_member_unchanged(club: Club) {
        let first = club.till().post("/v1/members", zahra()).await.expect(201);
        let other_words = json!({"phone": "+98 912 123 4567", "first_name": "Someone", "language": "en"});
        let again = club.operator().post("/v1/members", other_words).await.expect(200);
        assert_eq!(again, first);
        assert_eq!(club.told().await.len(), 2);
    }

    async fn parallel_joins_make_one_member(club: Club) {
        let till = club.till();
        let answers = join_all((0..12).map(|_| till.post("/v1/members", zahra()))).await;
        let created = answers.iter().filter(|answer| answer.status == 201).count();
        let known = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!((created, known), (1, 11), "{answers:?}");
        let ids: std::collections::BTreeSet<String> = answers.iter().map(|a| a.body["member_id"].to_string()).collect();
        assert_eq!(ids.len(), 1);
        assert_eq!(club.told().await, ["member_joined 1", "identifier_linked 2"]);
    }

    async fn a_customer_joins_with_a_card_in_hand(club: Club) {
        let card = "4111111111111111";
        let body = json!({"phone": "+989121234567", "first_name": "Zahra", "language": "en", "card": "۴۱۱۱ ۱۱۱۱ ۱۱۱۱ ۱۱۱۱"});
        let joined = club.operator().post("/v1/members", body.clone()).await.expect(201);
        assert_eq!((&joined["cards"], &joined["card_linked"]), (&json!(["••••1111"]), &json!(true)));
        assert!(joined["joined_branch"].is_null());
        assert_eq!(club.told().await, ["member_joined 1", "identifier_linked 2", "identifier_linked 3"]);
        // The same call again, as after a lost answer.
        assert_eq!(club.operator().post("/v1/members", body).await.expect(200), joined);
        let other = json!({"phone": "+989121234568", "first_name": "Ali", "card": card});
        club.operator().post("/v1/members", other).await.refused(409, "membership.card_taken");
        assert_eq!(club.told().await.len(), 3);
        club.till().post("/v1/members/lookup", json!({"phone": "+989121234568"})).await.refused(404, "membership.identifier_unknown");
        let found = club.till().post("/v1/members/lookup", json!({"card": card})).await.expect(200);
        assert_eq!(found["member_id"], joined["member_id"]);
    }

    async fn a_card_handed_to_two_customers_at_once_goes_to_one(club: Club) {
        let till = club.till();
        let join = |phone: u32| {
            let body = json!({"phone": format!("+9891212345{phone}"), "first_name": "Zahra", "card": "4111111111111111"});
            till.post("/v1/members", body)
        };
        let answers = join_all((10..18).map(join)).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 7, "{answers:?}");
        assert_eq!(club.told().await, ["member_joined 1", "identifier_linked 2", "identifier_linked 3"]);
    }

    async fn joining_again_links_no_card(club: Club) {
        club.till().post("/v1/members", zahra()).await.expect(201);
        let with_card = json!({"phone": "09121234567", "first_name": "زهرا", "card": "4111111111111111"});
        let again = club.till().post("/v1/members", with_card).await.expect(200);
        assert_eq!((&again["card_linked"], &again["cards"]), (&json!(false), &json!([])));
    }

    async fn an_unknown_phone_tells_the_till_how_to_join(club: Club) {
        let refusal = club.till().post("/v1/members/lookup", json!({"phone": "09121234567"})).await;
        let refusal = refusal.refused(404, "membership.identifier_unknown");
        assert_eq!(refusal["join"]["path"], "/v1/members");
        assert_eq!(refusal["join"]["needs"], json!(["phone", "first_name"]));
    }

    async fn other_services_resolve_a_keyed_hash(club: Club) {
        let joined = club.till().post("/v1/members", zahra()).await.expect(201);
        let digest = club.secrets.blind_keys.digests(kernel::IdentifierKind::Phone, "+989121234567").first().to_string();
        let ask = |kind: Value| json!({"digest": digest, "kind": kind});
        let path = "/internal/v1/identifiers/resolve";
        let found = club.service().post(path, ask(json!("phone"))).await.expect(200);
        assert_eq!((&found["member_id"], &found["active"]), (&joined["member_id"], &json!(true)));
        assert_eq!((&found["kind"], &found["status"]), (&json!("phone"), &json!("active")));
        club.service().post(path, json!({ "digest": digest })).await.expect(200);
        club.service().post(path, ask(json!("card"))).await.refused(404, "membership.identifier_unknown");
        let id = joined["member_id"].as_str().expect("an id");
        let member = club.service().get(&format!("/internal/v1/members/{id}")).await.expect(200);
        assert_eq!(member, json!({"member_id": id, "status": "active", "version": 2}));
        let nobody = "/internal/v1/members/0192f3a1-7c00-7000-8000-000000000002";
        club.service().get(nobody).await.refused(404, "membership.member_unknown");
    }

    async fn nobody_unknown_sees_a_member(club: Club) {
        let joined = club.till().post("/v1/members", zahra()).await.expect(201);
        let path = format!("/v1/members/{}", joined["member_id"].as_str().expect("an id"));
        club.anonymous().get(&path).await.refused(401, "web.caller_required");
        club.service().get(&path).await.refused(403, "web.access_denied");
        club.anonymous().post("/v1/members", zahra()).await.refused(401, "web.caller_required");
    }
}
