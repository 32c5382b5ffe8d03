//! A code that a member tells at the till vouches for them there, and for some minutes (J8, P8).

use serde_json::{Value, json};

use crate::{
    club::{Answer, Club, on_both},
    retention::looked,
    sign_in::{ask, count, exchange, join, other_than},
};

const PHONE: &str = "+989121234567";
const OTHER: &str = "+989121234568";

async fn vouch(club: &Club, member: &str, sign_in: &str, code: &str) -> Answer {
    let body = json!({"sign_in_id": sign_in, "code": code});
    club.till().post(&format!("/v1/members/{member}/vouchings"), body).await
}

/// What points is told of a member at a counter.
async fn shown(club: &Club, member: &str, place: Value) -> Value {
    let answers = club
        .service()
        .post("/internal/v1/proofs", json!({"asked": [asking(member, &place)]}))
        .await
        .expect(200);
    answers[0].clone()
}

fn asking(member: &str, place: &Value) -> Value {
    json!({"member_id": member, "place": place})
}

/// The till of the tests, as points names it.
async fn here(club: &Club, member: &str) -> Value {
    shown(club, member, json!({"branch": "tehran-vanak", "till": "till-1"})).await
}

on_both! {
    async fn a_code_vouches_at_its_till_for_five_minutes_and_confirms_the_phone(club: Club) {
        let member = join(&club, PHONE).await;
        assert_eq!(here(&club, &member).await, json!({"phone_confirmed": false}));
        let id = ask(&club, PHONE).await;
        let code = club.code_for(PHONE, 1).await;
        let vouched = vouch(&club, &member, &id, &code).await.expect(201);
        assert_eq!(vouched["member_id"], json!(member));
        let expected = club.now().plus_millis(300_000);
        assert_eq!(vouched["until"], json!(expected));
        assert_eq!(here(&club, &member).await, json!({"phone_confirmed": true, "vouched_until": expected}));
        let elsewhere = [json!({"branch": "tehran-vanak", "till": "till-2"}), json!({"staff_id": member}), json!({})];
        for place in elsewhere {
            assert_eq!(shown(&club, &member, place).await, json!({"phone_confirmed": true}));
        }
        assert_eq!(club.told().await.last().map(String::as_str), Some("phone_confirmed 3"));
        // It is used up, signs nobody in, and is over after its time.
        vouch(&club, &member, &id, &code).await.refused(410, "membership.code_spent");
        exchange(&club, &id, &code).await.refused(410, "membership.code_spent");
        assert_eq!(count(&club, "sessions").await, 0);
        club.wait_s(300);
        assert_eq!(here(&club, &member).await, json!({"phone_confirmed": true}));
        assert_eq!(count(&club, "vouchings").await, 1);
        let club = club.later(2 * 3_600).await;
        looked(&club).await;
        assert_eq!(count(&club, "vouchings").await, 0);
    }

    async fn the_operator_vouches_for_themselves_alone_and_again(club: Club) {
        let member = join(&club, PHONE).await;
        for round in 1..=2 {
            let id = ask(&club, PHONE).await;
            let code = club.code_for(PHONE, round).await;
            let body = json!({"sign_in_id": id, "code": code});
            club.operator().post(&format!("/v1/members/{member}/vouchings"), body).await.expect(201);
            club.wait_s(60);
        }
        let until = club.now().plus_millis(240_000);
        assert_eq!(shown(&club, &member, json!({})).await["vouched_until"], json!(until), "the later end counts");
        assert_eq!(here(&club, &member).await.get("vouched_until"), None);
        assert_eq!(count(&club, "vouchings").await, 1);
    }

    async fn a_wrong_code_counts_and_anothers_vouches_for_nobody(club: Club) {
        let member = join(&club, PHONE).await;
        join(&club, OTHER).await;
        let id = ask(&club, PHONE).await;
        let code = club.code_for(PHONE, 1).await;
        let refused = vouch(&club, &member, &id, &other_than(&code)).await.refused(422, "membership.code_wrong");
        assert_eq!(refused["tries_left"], 4);
        vouch(&club, &member, &id, "12").await.refused(422, "membership.code_malformed");
        let theirs = ask(&club, OTHER).await;
        let other = club.code_for(OTHER, 1).await;
        vouch(&club, &member, &theirs, &other).await.refused(410, "membership.code_spent");
        assert_eq!(here(&club, &member).await, json!({"phone_confirmed": false}));
        exchange(&club, &theirs, &other).await.refused(410, "membership.code_spent");
        for left in [3, 2, 1, 0] {
            let refused = vouch(&club, &member, &id, &other_than(&code)).await.refused(422, "membership.code_wrong");
            assert_eq!(refused["tries_left"], left);
        }
        vouch(&club, &member, &id, &code).await.refused(410, "membership.code_spent");
        assert_eq!(count(&club, "vouchings").await, 0);
    }

    async fn it_goes_with_whoever_leaves_and_members_do_not_vouch_for_themselves(club: Club) {
        let member = join(&club, PHONE).await;
        let id = ask(&club, PHONE).await;
        let code = club.code_for(PHONE, 1).await;
        let body = json!({"sign_in_id": id, "code": code});
        let path = format!("/v1/members/{member}/vouchings");
        club.signed_in(&member).post(&path, body.clone()).await.refused(403, "web.access_denied");
        club.anonymous().post(&path, body).await.refused(401, "web.caller_required");
        vouch(&club, &member, &id, &code).await.expect(201);
        club.operator().post(&format!("/v1/members/{member}/leaving"), json!({"reason": "asked"})).await.expect(200);
        assert_eq!(count(&club, "vouchings").await, 0);
        assert!(shown(&club, &member, json!({})).await.is_null());
        club.till().post("/internal/v1/proofs", json!({"asked": []})).await.refused(403, "web.access_denied");
    }

    async fn many_are_answered_at_once_each_for_their_own_counter(club: Club) {
        let (sara, ali) = (join(&club, PHONE).await, join(&club, OTHER).await);
        let id = ask(&club, PHONE).await;
        let code = club.code_for(PHONE, 1).await;
        vouch(&club, &sara, &id, &code).await.expect(201);
        let till = |till: &str| json!({"branch": "tehran-vanak", "till": till});
        let nobody = "0192f3a1-7c00-7000-8000-000000000bad";
        let asked = json!({"asked": [
            asking(&ali, &till("till-1")), asking(&sara, &till("till-2")), asking(nobody, &till("till-1")),
            asking(&sara, &till("till-1")), asking(&sara, &till("till-1")),
        ]});
        let found = club.service().post("/internal/v1/proofs", asked).await.expect(200);
        let vouched = |place: usize| found[place]["vouched_until"].is_string();
        assert_eq!([0, 1, 3, 4].map(vouched), [false, false, true, true]);
        assert_eq!((&found[0], &found[1], &found[2]), (&json!({"phone_confirmed": false}), &json!({"phone_confirmed": true}), &Value::Null));
        assert_eq!(club.service().post("/internal/v1/proofs", json!({"asked": []})).await.expect(200), json!([]));
    }
}
