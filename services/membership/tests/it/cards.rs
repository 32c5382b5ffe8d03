//! Cards: handed over, made, taken.

use serde_json::{Value, json};

use crate::club::{Club, on_both};

async fn member(club: &Club, phone: &str) -> String {
    let body = json!({"phone": phone, "first_name": "Zahra"});
    let joined: Value = club.till().post("/v1/members", body).await.expect(201);
    joined["member_id"].as_str().expect("an id").to_owned()
}

on_both! {
    async fn a_card_in_hand_is_linked_once(club: Club) {
        let (zahra, ali) = (member(&club, "09121234567").await, member(&club, "09121234568").await);
        let number = json!({"number": "4111-1111-1111-1111"});
        let path = format!("/v1/members/{zahra}/cards");
        assert_eq!(club.till().post(&path, number.clone()).await.expect(201)["number"], "4111111111111111");
        club.till().post(&path, number.clone()).await.expect(200);
        club.till().post(&format!("/v1/members/{ali}/cards"), number).await.refused(409, "membership.card_taken");
        let shown = club.till().get(&format!("/v1/members/{zahra}")).await.expect(200);
        assert_eq!((&shown["cards"], &shown["version"]), (&json!(["••••1111"]), &json!(3)));
        assert_eq!(club.told().await[4..], ["identifier_linked 3"]);
    }

    async fn a_fresh_card_has_the_chains_prefix_and_finds_its_member(club: Club) {
        let zahra = member(&club, "09121234567").await;
        let made = club.till().post(&format!("/v1/members/{zahra}/cards"), json!({})).await.expect(201);
        let number = made["number"].as_str().expect("a number");
        assert!(number.starts_with("9970") && number.len() == 16, "{number}");
        let found = club.till().post("/v1/members/lookup", json!({"card": number})).await.expect(200);
        assert_eq!(found["member_id"], zahra.as_str());
    }

    async fn an_eleventh_card_is_refused(club: Club) {
        let zahra = member(&club, "09121234567").await;
        let path = format!("/v1/members/{zahra}/cards");
        for _ in 0..10 {
            club.till().post(&path, json!({})).await.expect(201);
        }
        assert_eq!(club.till().post(&path, json!({})).await.refused(409, "membership.cards_too_many")["limit"], 10);
    }

    async fn parallel_cards_of_one_member_are_numbered_without_a_gap(club: Club) {
        let zahra = member(&club, "09121234567").await;
        let (path, till) = (format!("/v1/members/{zahra}/cards"), club.till());
        let made = futures_util::future::join_all((0..8).map(|_| till.post(&path, json!({})))).await;
        assert!(made.iter().all(|answer| answer.status == 201), "{made:?}");
        let told: Vec<u64> = club.facts().await.iter().map(|fact| fact.seq).collect();
        assert_eq!(told, (1..=10).collect::<Vec<_>>());
    }

    async fn a_card_of_nobody_is_not_linked(club: Club) {
        let path = "/v1/members/0192f3a1-7c00-7000-8000-000000000002/cards";
        club.till().post(path, json!({})).await.refused(404, "membership.member_unknown");
        club.till().post(path, json!({"number": "4111111111111111"})).await.refused(404, "membership.member_unknown");
        let zahra = member(&club, "09121234567").await;
        club.till().post(&format!("/v1/members/{zahra}/cards"), json!({"number": "4111111111111111"})).await.expect(201);
        club.till().post(path, json!({"number": "4111111111111111"})).await.refused(404, "membership.member_unknown");
    }
}
