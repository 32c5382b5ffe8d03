//! Cards that are printed before anybody has them (J3).

use std::{collections::HashSet, time::Duration};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    club::{Club, on_both},
    sign_in::join as member,
};

const SPRING: &str = "/v1/card-batches/0192f3a1-7c00-7000-8000-0000000000b1";
const AUTUMN: &str = "/v1/card-batches/0192f3a1-7c00-7000-8000-0000000000b2";

/// The batch, once all its numbers are made.
async fn ready(club: &Club, batch: &str) -> Value {
    for _ in 0..600 {
        let shown = club.operator().get(batch).await.expect(200);
        if shown["status"] != "making" {
            return shown;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the batch is not made");
}

async fn numbers(club: &Club, batch: &str) -> Vec<String> {
    let file = club.operator().get(&format!("{batch}/cards")).await;
    assert_eq!(file.status, 200, "{}", file.text);
    let mut lines = file.text.lines();
    assert_eq!(lines.next(), Some("place,number"));
    let rows = lines.zip(1..).map(|(line, place)| {
        let (at, number) = line.split_once(',').expect("two columns");
        assert_eq!(at, place.to_string());
        number.to_owned()
    });
    rows.collect()
}

on_both! {
    async fn a_batch_is_made_exported_and_its_cards_are_linked_at_the_till(club: Club) {
        let order = json!({"name": "نوروز", "size": 2_500});
        let office = club.operator();
        let ordered = office.put(SPRING, order.clone()).await.expect(201);
        assert_eq!((&ordered["status"], &ordered["size"], &ordered["linked"]), (&json!("making"), &json!(2_500), &json!(0)));
        office.put(SPRING, order).await.expect(200);
        let made = ready(&club, SPRING).await;
        assert_eq!((&made["made"], &made["status"]), (&json!(2_500), &json!("ready")));
        let all = numbers(&club, SPRING).await;
        assert_eq!((all.len(), all.iter().collect::<HashSet<_>>().len()), (2_500, 2_500));
        assert!(all.iter().all(|number| number.len() == 16 && number.starts_with("9970")));

        let zahra = member(&club, "09121234567").await;
        club.till().post("/v1/members/lookup", json!({"card": all[7]})).await.refused(404, "membership.identifier_unknown");
        let path = format!("/v1/members/{zahra}/cards");
        club.till().post(&path, json!({"number": all[7]})).await.expect(201);
        club.till().post(&path, json!({"number": all[7]})).await.expect(200);
        let joined = json!({"phone": "09121234568", "first_name": "Ali", "card": all[8]});
        club.till().post("/v1/members", joined).await.expect(201);
        club.till().post(&path, json!({"number": all[8]})).await.refused(409, "membership.card_taken");
        assert_eq!(office.get(SPRING).await.expect(200)["linked"], 2);
    }

    async fn one_card_leads_to_one_of_those_who_want_it_at_once(club: Club) {
        club.operator().put(SPRING, json!({"name": "Spring", "size": 1})).await.expect(201);
        ready(&club, SPRING).await;
        let number = numbers(&club, SPRING).await.remove(0);
        let mut paths = Vec::new();
        for n in 0..6 {
            paths.push(format!("/v1/members/{}/cards", member(&club, &format!("091212345{n:02}")).await));
        }
        let till = club.till();
        let all = join_all(paths.iter().map(|path| till.post(path, json!({"number": number})))).await;
        assert_eq!(all.iter().filter(|answer| answer.status == 201).count(), 1, "{all:?}");
        assert!(all.iter().all(|answer| matches!(answer.status, 201 | 409)), "{all:?}");
    }

    async fn cards_of_a_closed_batch_lead_to_nobody_and_those_that_do_go_on(club: Club) {
        let office = club.operator();
        office.put(SPRING, json!({"name": "Spring", "size": 3})).await.expect(201);
        ready(&club, SPRING).await;
        let all = numbers(&club, SPRING).await;
        let zahra = member(&club, "09121234567").await;
        let path = format!("/v1/members/{zahra}/cards");
        club.till().post(&path, json!({"number": all[0]})).await.expect(201);
        office.delete(SPRING).await.expect(204);
        office.delete(SPRING).await.expect(204);
        assert_eq!(office.get(SPRING).await.expect(200)["status"], "closed");
        club.till().post(&path, json!({"number": all[1]})).await.refused(422, "membership.card_not_open");
        let join = json!({"phone": "09121234568", "first_name": "Ali", "card": all[1]});
        club.till().post("/v1/members", join).await.refused(422, "membership.card_not_open");
        club.till().post("/v1/members/lookup", json!({"card": all[0]})).await.expect(200);
        let listed = club.till().get(&path).await.expect(200);
        let card = listed["cards"][0]["card_id"].as_str().expect("an id");
        let replace = format!("{path}/{card}/replacement");
        club.till().post(&replace, json!({"reason": "lost", "number": all[2]})).await.refused(422, "membership.card_not_open");
        club.till().post("/v1/members/lookup", json!({"card": all[0]})).await.expect(200);
    }

    async fn orders_have_limits(club: Club) {
        let office = club.operator();
        for size in [0, 100_001] {
            office.put(SPRING, json!({"name": "Spring", "size": size})).await.refused(422, "membership.card_batch_size");
        }
        office.put(SPRING, json!({"name": " ", "size": 1})).await.refused(422, "membership.card_batch_name");
        office.put(SPRING, json!({"name": "Spring", "size": 1})).await.expect(201);
        office.put(SPRING, json!({"name": "Spring", "size": 2})).await.refused(409, "membership.card_batch_taken");
        for path in [AUTUMN.to_owned(), format!("{AUTUMN}/cards")] {
            office.get(&path).await.refused(404, "membership.card_batch_unknown");
        }
        office.delete(AUTUMN).await.refused(404, "membership.card_batch_unknown");
        club.till().put(AUTUMN, json!({"name": "Autumn", "size": 1})).await.refused(403, "web.access_denied");
        office.put(AUTUMN, json!({"name": "Autumn", "size": 100_000})).await.expect(201);
        office.get(&format!("{AUTUMN}/cards")).await.refused(409, "membership.card_batch_not_ready");
        for n in 3..=9 {
            let path = format!("/v1/card-batches/0192f3a1-7c00-7000-8000-0000000000b{n}");
            let answer = office.put(&path, json!({"name": "More", "size": 100_000})).await;
            if answer.status == 409 {
                assert_eq!(answer.refused(409, "membership.card_batches_too_many")["limit"], 5);
                break;
            }
            assert!(n < 9, "somewhere there is an end");
        }
        let first = office.get("/v1/card-batches?limit=2").await.expect(200);
        let cursor = first["next_cursor"].as_str().expect("more follow");
        let second = office.get(&format!("/v1/card-batches?limit=2&cursor={cursor}")).await.expect(200);
        assert_ne!(first["batches"][0], second["batches"][0]);
        for n in 1..=9 {
            office.delete(&format!("/v1/card-batches/0192f3a1-7c00-7000-8000-0000000000b{n}")).await;
        }
    }

    async fn a_chain_may_want_only_cards_that_were_made(club: Club) {
        let zahra = member(&club, "09121234567").await;
        let path = format!("/v1/members/{zahra}/cards");
        club.till().post(&path, json!({"number": "9970918273645549"})).await.expect(201);
        let club = club.with(&[("cards_only_made", "true")]).await;
        club.till().post(&path, json!({"number": "9970000012345671"})).await.refused(422, "membership.card_not_made");
        club.till().post(&path, json!({"number": "4111111111111111"})).await.expect(201);
        club.till().post(&path, json!({})).await.expect(201);
    }
}
