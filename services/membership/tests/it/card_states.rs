//! Cards over time: blocked, found again, replaced, handed over (J3, J3b).

use contracts::membership::{CardHandedOver, IdentifierLinked};
use serde_json::{Value, json};

use crate::{
    club::{Club, on_both},
    sign_in::join as member,
};

const NOBODY: &str = "0192f3a1-7c00-7000-8000-000000000002";

/// A fresh card of the member: its id and its number.
async fn card(club: &Club, member: &str) -> (String, String) {
    let made = club.till().post(&format!("/v1/members/{member}/cards"), json!({})).await.expect(201);
    let number = made["number"].as_str().expect("a number").to_owned();
    let listed = list(club, member).await;
    (listed.last().expect("a card")["card_id"].as_str().expect("an id").to_owned(), number)
}

async fn list(club: &Club, member: &str) -> Vec<Value> {
    club.clock.advance_millis(1);
    let listed = club.signed_in(member).get(&format!("/v1/members/{member}/cards")).await.expect(200);
    listed["cards"].as_array().expect("a list").clone()
}

fn at(member: &str, card: &str, deed: &str) -> String {
    format!("/v1/members/{member}/cards/{card}/{deed}")
}

/// What was told of links of cards: whose, and whether it leads to them.
async fn links(club: &Club) -> Vec<(String, bool)> {
    let facts = club.facts().await;
    let links = facts.iter().filter_map(|fact| fact.read::<IdentifierLinked>().ok());
    let of_cards = links.filter(|link| link.kind == kernel::IdentifierKind::Card);
    of_cards.map(|link| (link.member_id.to_string(), link.active)).collect()
}

on_both! {
    async fn a_lost_card_is_blocked_and_found_again(club: Club) {
        let zahra = member(&club, "09121234567").await;
        let (id, number) = card(&club, &zahra).await;
        let me = club.signed_in(&zahra);
        let blocked = me.post(&at(&zahra, &id, "block"), json!({"reason": "lost"})).await.expect(200);
        assert_eq!((&blocked["status"], &blocked["reason"]), (&json!("blocked"), &json!("lost")));
        let again = me.post(&at(&zahra, &id, "block"), json!({"reason": "stolen"})).await.expect(200);
        assert_eq!(again["reason"], "lost", "blocked is blocked");
        let lookup = json!({"card": number});
        club.till().post("/v1/members/lookup", lookup.clone()).await.refused(410, "membership.card_blocked");
        let taken = club.till().post(&format!("/v1/members/{zahra}/cards"), json!({"number": number})).await;
        taken.refused(409, "membership.card_taken");
        let found = me.post_nothing(&at(&zahra, &id, "unblock")).await.expect(200);
        assert_eq!((&found["status"], found.get("reason")), (&json!("active"), None));
        me.post_nothing(&at(&zahra, &id, "unblock")).await.expect(200);
        assert_eq!(club.till().post("/v1/members/lookup", lookup).await.expect(200)["member_id"], zahra.as_str());
        let of = |active| (zahra.clone(), active);
        assert_eq!(links(&club).await, [of(true), of(false), of(true)]);
    }

    async fn a_stolen_card_stays_blocked_and_is_replaced_in_one_decision(club: Club) {
        let zahra = member(&club, "09121234567").await;
        let (id, number) = card(&club, &zahra).await;
        let till = club.till();
        till.post(&at(&zahra, &id, "block"), json!({"reason": "stolen"})).await.expect(200);
        till.post_nothing(&at(&zahra, &id, "unblock")).await.refused(422, "membership.card_stays_blocked");
        let hand = json!({"reason": "damaged", "number": "4111111111111111"});
        club.signed_in(&zahra).post(&at(&zahra, &id, "replacement"), hand.clone()).await.refused(403, "web.access_denied");
        club.clock.advance_millis(1);
        let replaced = till.post(&at(&zahra, &id, "replacement"), hand.clone()).await.expect(201);
        assert_eq!((&replaced["number"], &replaced["replaced"]["reason"]), (&json!("4111111111111111"), &json!("stolen")));
        assert_eq!(replaced["replaced"]["replaced_by"], replaced["card_id"]);
        till.post(&at(&zahra, &id, "replacement"), hand).await.refused(422, "membership.card_stays_blocked");
        till.post("/v1/members/lookup", json!({"card": number})).await.refused(410, "membership.card_blocked");
        till.post("/v1/members/lookup", json!({"card": "4111111111111111"})).await.expect(200);
        let of = |active| (zahra.clone(), active);
        assert_eq!(links(&club).await, [of(true), of(false), of(true)]);
        let second = replaced["card_id"].as_str().expect("an id");
        club.clock.advance_millis(1);
        let fresh = club.signed_in(&zahra).post(&at(&zahra, second, "replacement"), json!({"reason": "lost"})).await.expect(201);
        assert!(fresh["number"].as_str().is_some_and(|number| number.starts_with("9970")));
        let states: Vec<_> = list(&club, &zahra).await.iter().map(|card| card["status"].clone()).collect();
        assert_eq!(states, ["blocked", "blocked", "active"]);
    }

    async fn a_card_that_is_taken_replaces_none(club: Club) {
        let (zahra, ali) = (member(&club, "09121234567").await, member(&club, "09121234568").await);
        let ((id, _), (_, others)) = (card(&club, &zahra).await, card(&club, &ali).await);
        let body = json!({"reason": "damaged", "number": others});
        club.till().post(&at(&zahra, &id, "replacement"), body).await.refused(409, "membership.card_taken");
        assert_eq!(list(&club, &zahra).await[0]["status"], "active");
    }

    async fn a_card_goes_over_to_another_member(club: Club) {
        let (zahra, ali) = (member(&club, "09121234567").await, member(&club, "09121234568").await);
        let (id, number) = card(&club, &zahra).await;
        let path = at(&zahra, &id, "hand-over");
        let gone = club.operator().post(&path, json!({"phone": "09121234568"})).await.expect(200);
        assert_eq!((&gone["from"], &gone["to"], &gone["card_id"]), (&json!(zahra), &json!(ali), &json!(id)));
        let found = club.till().post("/v1/members/lookup", json!({"card": number})).await.expect(200);
        assert_eq!(found["member_id"], ali.as_str());
        assert!(list(&club, &zahra).await.is_empty());
        assert_eq!(list(&club, &ali).await[0]["card_id"], id.as_str());
        club.operator().post(&path, json!({"member_id": ali})).await.refused(404, "membership.card_unknown");
        let facts = club.facts().await;
        let told: Vec<_> = facts.iter().filter_map(|fact| Some((fact.seq, fact.subject.clone(), fact.read::<CardHandedOver>().ok()?))).collect();
        assert_eq!(told.len(), 1);
        let (seq, subject, fact) = &told[0];
        assert_eq!((*seq, subject, fact.to.to_string()), (4, &zahra, ali.clone()));
        assert_eq!(links(&club).await, [(zahra, true), (ali, true)]);
    }

    async fn members_hand_over_in_a_raised_session_without_learning_who_is_a_member(club: Club) {
        let (zahra, ali) = (member(&club, "09121234567").await, member(&club, "09121234568").await);
        let (id, _) = card(&club, &zahra).await;
        let path = at(&zahra, &id, "hand-over");
        let to_ali = json!({"member_id": ali});
        club.signed_in(&zahra).post(&path, to_ali.clone()).await.refused(403, "membership.step_up_needed");
        club.unconfirmed(&zahra).post(&path, to_ali.clone()).await.refused(403, "membership.phone_not_confirmed");
        let raised = club.raised(&zahra);
        for not_one in [json!({"phone": "09121234568"}), json!({}), json!({"card": "4111111111111111", "member_id": ali})] {
            raised.post(&path, not_one).await.refused(400, "membership.receiver_needs_one");
        }
        raised.post(&path, json!({"member_id": zahra})).await.refused(422, "membership.card_to_self");
        raised.post(&path, json!({"member_id": NOBODY})).await.refused(404, "membership.member_unknown");
        raised.post(&path, json!({"card": "4111111111111111"})).await.refused(404, "membership.identifier_unknown");
        club.till().post(&at(&zahra, &id, "block"), json!({"reason": "lost"})).await.expect(200);
        raised.post(&path, to_ali.clone()).await.refused(410, "membership.card_blocked");
        club.till().post_nothing(&at(&zahra, &id, "unblock")).await.expect(200);
        raised.post(&path, to_ali).await.expect(200);
        club.signed_in(&ali).get(&format!("/v1/members/{zahra}/cards")).await.refused(403, "web.access_denied");
        club.operator().get(&format!("/v1/members/{NOBODY}/cards")).await.refused(404, "membership.member_unknown");
    }

    async fn a_member_has_ten_cards_and_had_a_hundred_at_most(club: Club) {
        let zahra = member(&club, "09121234567").await;
        let till = club.till();
        let (mut last, _) = card(&club, &zahra).await;
        for _ in 1..100 {
            let replaced = till.post(&at(&zahra, &last, "replacement"), json!({"reason": "damaged"})).await.expect(201);
            replaced["card_id"].as_str().expect("an id").clone_into(&mut last);
        }
        let refused = till.post(&at(&zahra, &last, "replacement"), json!({"reason": "damaged"})).await;
        assert_eq!(refused.refused(409, "membership.cards_too_many")["limit"], 100);
        let refused = till.post(&format!("/v1/members/{zahra}/cards"), json!({})).await;
        assert_eq!(refused.refused(409, "membership.cards_too_many")["limit"], 100);
    }
}
