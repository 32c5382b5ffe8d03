//! The card on a phone: a number for a minute, and pictures of numbers (J3).

use futures_util::future::join_all;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use crate::{
    club::{Club, on_both},
    sign_in::join as member,
};

async fn show(club: &Club, member: &str) -> Value {
    club.clock.advance_millis(1);
    club.signed_in(member).post_nothing(&format!("/v1/members/{member}/virtual-card")).await.expect(201)
}

async fn tokens(club: &Club) -> i64 {
    let on = club.database.connection();
    let sql = Statement::from_string(on.get_database_backend(), "SELECT COUNT(*) FROM card_tokens");
    let row = on.query_one_raw(sql).await.expect("an answer");
    row.and_then(|row| row.try_get_by_index(0).ok()).expect("a count")
}

on_both! {
    async fn a_number_on_the_phone_leads_to_its_member_for_a_minute(club: Club) {
        let (zahra, ali) = (member(&club, "09121234567").await, member(&club, "09121234568").await);
        let shown = show(&club, &zahra).await;
        let number = shown["number"].as_str().expect("a number");
        assert!(number.starts_with("9971") && number.len() == 18, "{number}");
        assert_eq!(shown["renew_in_s"], 30);
        let spaced = format!("{} {}", &number[..4], &number[4..]);
        for qr in [shown["qr"].as_str(), shown["code128"].as_str()] {
            let groups = format!("<title>{spaced}");
            assert!(qr.is_some_and(|svg| svg.starts_with("<svg ") && svg.contains(&groups[..16])), "{qr:?}");
        }
        let lookup = json!({"card": number});
        assert_eq!(club.till().post("/v1/members/lookup", lookup.clone()).await.expect(200)["member_id"], zahra.as_str());
        let others = show(&club, &ali).await;
        assert_ne!(others["number"], shown["number"]);
        club.wait_s(59);
        club.till().post("/v1/members/lookup", lookup.clone()).await.expect(200);
        club.wait_s(1);
        club.till().post("/v1/members/lookup", lookup).await.refused(410, "membership.card_token_lapsed");
        assert_eq!(club.told().await.len(), 4, "nothing is told of it");
    }

    async fn the_number_before_is_good_until_it_lapses_and_older_ones_are_gone(club: Club) {
        let zahra = member(&club, "09121234567").await;
        let (first, second, third) = (show(&club, &zahra).await, show(&club, &zahra).await, show(&club, &zahra).await);
        let lookup = async |shown: &Value| club.till().post("/v1/members/lookup", json!({"card": shown["number"]})).await.status;
        assert_eq!((lookup(&first).await, lookup(&second).await, lookup(&third).await), (410, 200, 200));
        let me = club.signed_in(&zahra);
        let path = format!("/v1/members/{zahra}/virtual-card");
        let made = join_all((0..6).map(|_| me.post_nothing(&path))).await;
        assert!(made.iter().all(|answer| answer.status == 201), "{made:?}");
        assert_eq!(tokens(&club).await, 2);
    }

    async fn a_number_for_a_minute_becomes_nobodys_card(club: Club) {
        let (zahra, ali) = (member(&club, "09121234567").await, member(&club, "09121234568").await);
        let number = show(&club, &zahra).await["number"].clone();
        let till = club.till();
        till.post(&format!("/v1/members/{ali}/cards"), json!({"number": number})).await.refused(422, "membership.card_is_token");
        let join = json!({"phone": "09121234569", "first_name": "Sara", "card": number});
        till.post("/v1/members", join).await.refused(422, "membership.card_is_token");
        let card = till.post(&format!("/v1/members/{ali}/cards"), json!({})).await.expect(201);
        let listed = till.get(&format!("/v1/members/{ali}/cards")).await.expect(200);
        let path = format!("/v1/members/{ali}/cards/{}/replacement", listed["cards"][0]["card_id"].as_str().expect("an id"));
        till.post(&path, json!({"reason": "lost", "number": number})).await.refused(422, "membership.card_is_token");
        till.post("/v1/members/lookup", json!({"card": card["number"]})).await.expect(200);
    }

    async fn only_the_member_shows_their_card(club: Club) {
        let (zahra, ali) = (member(&club, "09121234567").await, member(&club, "09121234568").await);
        let path = format!("/v1/members/{zahra}/virtual-card");
        for other in [club.signed_in(&ali), club.till(), club.operator()] {
            other.post_nothing(&path).await.refused(403, "web.access_denied");
        }
        club.unconfirmed(&zahra).post_nothing(&path).await.refused(403, "membership.phone_not_confirmed");
        let nobody = "0192f3a1-7c00-7000-8000-000000000002";
        club.signed_in(nobody).post_nothing(&format!("/v1/members/{nobody}/virtual-card")).await
            .refused(404, "membership.member_unknown");
    }

    async fn services_are_told_not_to_keep_such_a_number(club: Club) {
        let zahra = member(&club, "09121234567").await;
        let number = show(&club, &zahra).await["number"].as_str().expect("a number").to_owned();
        let digest = club.secrets.blind_keys.digests(kernel::IdentifierKind::Card, &number).first();
        let question = json!({"digest": digest, "kind": "card"});
        let path = "/internal/v1/identifiers/resolve";
        let found = club.service().post(path, question.clone()).await.expect(200);
        assert_eq!((&found["member_id"], &found["temporary"]), (&json!(zahra), &json!(true)));
        let as_phone = json!({"digest": digest, "kind": "phone"});
        club.service().post(path, as_phone).await.refused(404, "membership.identifier_unknown");
        club.wait_s(60);
        club.service().post(path, question).await.refused(404, "membership.identifier_unknown");
    }

    async fn a_cards_number_is_drawn_for_its_member(club: Club) {
        let (zahra, ali) = (member(&club, "09121234567").await, member(&club, "09121234568").await);
        club.till().post(&format!("/v1/members/{zahra}/cards"), json!({"number": "4111111111111111"})).await.expect(201);
        let me = club.signed_in(&zahra);
        let listed = me.get(&format!("/v1/members/{zahra}/cards")).await.expect(200);
        let path = format!("/v1/members/{zahra}/cards/{}", listed["cards"][0]["card_id"].as_str().expect("an id"));
        for (query, width) in [("", "21.75mm"), ("?symbology=qr", "21.75mm"), ("?symbology=code128", "47.19mm")] {
            let picture = me.get(&format!("{path}/picture{query}")).await;
            assert_eq!(picture.status, 200);
            assert!(picture.text.starts_with("<svg ") && picture.text.contains(width), "{}", picture.text);
            assert!(picture.text.contains("4111 1111 1111 1111"), "{}", picture.text);
        }
        me.get(&format!("{path}/picture?symbology=aztec")).await.refused(400, "web.query_parameter_invalid");
        club.signed_in(&ali).get(&format!("{path}/picture")).await.refused(403, "web.access_denied");
        let of_ali = path.replace(&zahra, &ali);
        club.operator().get(&format!("{of_ali}/picture")).await.refused(404, "membership.card_unknown");
        me.post(&format!("{path}/block"), json!({"reason": "lost"})).await.expect(200);
        me.get(&format!("{path}/picture")).await.refused(410, "membership.card_blocked");
    }
}
