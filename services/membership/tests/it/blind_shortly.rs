//! What hangs on the key of the blind index beside phones and cards: cards that were replaced, wait in batches or are shown, invitations,
//! codes, changes of phones, birthdays.

use std::time::Duration;

use contracts::membership::OccasionReached;
use membership::commands::{mark_occasions::mark_occasions, move_blind_index::Moved};
use serde_json::{Value, json};

use crate::{
    blind_index::{both, finds, join, moved, new},
    club::{Club, on_both},
    profile::question,
};

/// A member's cards.
async fn cards(club: &Club, member: &str) -> Vec<Value> {
    let listed = club.till().get(&format!("/v1/members/{member}/cards")).await.expect(200);
    listed["cards"].as_array().expect("a list").clone()
}

async fn received(club: &Club, member: &str) -> Vec<Value> {
    let listed = club.signed_in(member).get(&format!("/v1/members/{member}/household/invitations")).await;
    listed.expect(200)["received"].as_array().expect("a list").clone()
}

async fn invite(club: &Club, from: &str, whom: Value) {
    let path = format!("/v1/members/{from}/household/invitations");
    club.signed_in(from).post(&path, whom).await.expect(201);
}

async fn signs_in(club: &Club, asked: &Value, code: &str) -> Value {
    let body = json!({"sign_in_id": asked["sign_in_id"], "code": code});
    club.anonymous().post("/v1/sign-in/tokens", body).await.expect(200)
}

on_both! {
    async fn cards_that_were_replaced_name_each_other_by_their_new_ids(club: Club) {
        let zahra = join(&club, "09121234567", "Zahra").await;
        club.till().post(&format!("/v1/members/{zahra}/cards"), json!({"number": "4111111111111111"})).await.expect(201);
        let lost = cards(&club, &zahra).await[0]["card_id"].clone();
        let path = format!("/v1/members/{zahra}/cards/{}", lost.as_str().expect("an id"));
        club.till().post(&format!("{path}/replacement"), json!({"reason": "lost"})).await.expect(201);
        let club = club.hashing(both()).await;
        let before = cards(&club, &zahra).await;
        moved(&club).await;
        let after = cards(&club, &zahra).await;
        let of = |cards: &[Value], number: &Value| {
            cards.iter().find(|card| card["card_id"] == *number).cloned().expect("a card")
        };
        assert_eq!((before.len(), after.len()), (2, 2));
        let blocked = after.iter().find(|card| card["replaced_by"].is_string()).expect("the lost one");
        assert_ne!(blocked["card_id"], lost);
        assert_eq!(of(&after, &blocked["replaced_by"])["status"], of(&before, &of(&before, &lost)["replaced_by"])["status"]);
        // An app that knows a card by the id from before goes on while both keys are there.
        let former = before.iter().find(|card| !card["replaced_by"].is_string()).expect("the good one");
        let path = format!("/v1/members/{zahra}/cards/{}/block", former["card_id"].as_str().expect("an id"));
        club.till().post(&path, json!({"reason": "lost"})).await.expect(200);
    }

    async fn cards_of_batches_are_linked_before_and_after(club: Club) {
        let batch = "/v1/card-batches/0192f3a1-7c00-7000-8000-0000000000b1";
        club.operator().put(batch, json!({"name": "Spring", "size": 450})).await.expect(201);
        for _ in 0..600 {
            if club.operator().get(batch).await.expect(200)["status"] == "ready" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let file = club.operator().get(&format!("{batch}/cards")).await.text;
        let numbers: Vec<String> =
            file.lines().skip(1).filter_map(|line| Some(line.split_once(',')?.1.to_owned())).collect();
        let zahra = join(&club, "09121234567", "Zahra").await;
        let club = club.hashing(both()).await;
        let link = async |club: &Club, number: &str, status: u16| {
            club.till().post(&format!("/v1/members/{zahra}/cards"), json!({"number": number})).await.expect(status);
        };
        link(&club, &numbers[0], 201).await;
        let done = moved(&club).await;
        assert_eq!((done.members, done.cards, done.broken), (1, 450, 0));
        link(&club, &numbers[0], 200).await;
        link(&club, &numbers[1], 201).await;
        assert_eq!(moved(&club).await, Moved { key: 2, ..Moved::default() });
        let club = club.hashing(new()).await;
        link(&club, &numbers[2], 201).await;
        let shown = club.operator().get(batch).await.expect(200);
        assert_eq!((&shown["made"], &shown["linked"]), (&json!(450), &json!(3)));
        assert_eq!(club.operator().get(&format!("{batch}/cards")).await.text, file);
    }

    async fn a_card_that_is_shown_is_good_over_the_change(club: Club) {
        let zahra = join(&club, "09121234567", "Zahra").await;
        let club = club.hashing(both()).await;
        let shown = club.signed_in(&zahra).post_nothing(&format!("/v1/members/{zahra}/virtual-card")).await.expect(201);
        moved(&club).await;
        finds(&club, json!({"card": shown["number"]}), &zahra).await;
    }

    async fn an_invitation_reaches_its_guest_whenever_both_join(club: Club) {
        let zahra = join(&club, "09121234561", "Zahra").await;
        let ali = join(&club, "09121234562", "Ali").await;
        invite(&club, &zahra, json!({"phone": "09121234562", "role": "member"})).await;
        invite(&club, &zahra, json!({"phone": "09121234563", "role": "child"})).await;
        let club = club.hashing(both()).await;
        moved(&club).await;
        assert_eq!(received(&club, &ali).await.len(), 1);
        let sara = join(&club, "09121234563", "Sara").await;
        assert_eq!(received(&club, &sara).await.len(), 1, "made before the change, to somebody who joins after it");
        let club = club.hashing(new()).await;
        let invitation = received(&club, &ali).await[0]["invitation_id"].as_str().expect("an id").to_owned();
        let path = format!("/v1/members/{ali}/household/invitations/{invitation}/acceptance");
        club.signed_in(&ali).post_nothing(&path).await.expect(200);
    }

    async fn a_code_that_is_on_its_way_is_good(club: Club) {
        join(&club, "09121234567", "Zahra").await;
        let club = club.hashing(both()).await;
        let phone = "+989121234567";
        let asked = club.anonymous().post("/v1/sign-in/codes", json!({"phone": phone})).await.expect(202);
        let code = club.code_for(phone, 1).await;
        moved(&club).await;
        signs_in(&club, &asked, &code).await;
        // And the next one, which is made under the new key.
        club.wait_s(61);
        let asked = club.anonymous().post("/v1/sign-in/codes", json!({"phone": phone})).await.expect(202);
        let code = club.code_for(phone, 2).await;
        signs_in(&club, &asked, &code).await;
    }

    async fn a_birthday_is_told_over_the_change_and_after_it(club: Club) {
        club.operator().put("/v1/questions/birthday", question("birthday", 1)).await.expect(201);
        let (zahra, ali) = (join(&club, "09121234561", "Zahra").await, join(&club, "09121234562", "Ali").await);
        let born = json!({"answer": {"calendar": "gregorian", "month": 11, "day": 21}});
        let says = async |club: &Club, member: &str| {
            let path = format!("/v1/members/{member}/answers/birthday");
            club.signed_in(member).put(&path, born.clone()).await.expect(201);
        };
        says(&club, &zahra).await;
        let club = club.hashing(both()).await;
        moved(&club).await;
        says(&club, &ali).await;
        let club = club.hashing(new()).await;
        assert_eq!(mark_occasions(&club.desk, &club.chain).await.expect("they are marked"), 2);
        let facts = club.facts().await;
        let told = facts.iter().filter_map(|fact| fact.read::<OccasionReached>().ok());
        let mut members: Vec<String> = told.map(|told| told.member_id.to_string()).collect();
        members.sort();
        let mut expected = [zahra, ali];
        expected.sort();
        assert_eq!(members, expected);
    }
}
