//! Tills that make their own keys: codes, public keys, their successors.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{BranchCode, KeyId, RegionCode, TillCode};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use web::Caller;

use crate::club::{Answer, Club, on_both};

const TILL: &str = "/v1/branches/tehran-vanak/tills/till-1";

async fn open(club: &Club) -> String {
    let opened = club.operator().post_nothing(&format!("{TILL}/enrolments")).await.expect(201);
    opened["code"].as_str().expect("a code").to_owned()
}

fn key(seed: u8) -> String {
    URL_SAFE_NO_PAD.encode([seed; 32])
}

async fn enrol(club: &Club, code: &str, key: &str) -> Answer {
    club.anonymous().post("/v1/till-enrolments", json!({"code": code, "public_key": key})).await
}

async fn resolve(club: &Club, keyid: &Value) -> Answer {
    let digest = URL_SAFE_NO_PAD.decode(keyid.as_str().expect("a keyid")).expect("base64url");
    let hex: String = digest.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    club.service().post("/internal/v1/till-keys/resolve", json!({"digest": hex})).await
}

/// Till `till` of the branch, by this key.
fn till(till: &str, key_id: &Value) -> Caller {
    Caller::Till {
        branch: BranchCode::parse("tehran-vanak").expect("a code"),
        region: RegionCode::parse("tehran").expect("a code"),
        till: TillCode::parse(till).expect("a code"),
        key_id: key_id.as_str().expect("an id").parse::<KeyId>().expect("an id"),
    }
}

on_both! {
    async fn a_till_brings_its_key_by_a_code_that_is_good_once(club: Club) {
        let club = club.with_places().await;
        let code = open(&club).await;
        let registered = enrol(&club, &code.to_lowercase(), &key(1)).await.expect(201);
        assert_eq!((&registered["branch"], &registered["till"]), (&json!("tehran-vanak"), &json!("till-1")));
        let named = URL_SAFE_NO_PAD.encode(digest(&SHA256, &[1; 32]));
        assert_eq!(registered["keyid"], named);
        let found = resolve(&club, &registered["keyid"]).await.expect(200);
        assert_eq!((&found["public_key"], &found["key_id"]), (&json!(key(1)), &registered["key_id"]));
        assert_eq!(enrol(&club, &code, &key(1)).await.expect(200), registered);
        enrol(&club, &code, &key(2)).await.refused(422, "membership.enrolment_refused");
        let listed = club.operator().get("/v1/branches/tehran-vanak/tills").await.expect(200);
        assert_eq!(listed["tills"][0]["keys"][0]["keyid"], registered["keyid"]);
    }

    async fn codes_end_with_time_with_attempts_and_with_the_next_code(club: Club) {
        let club = club.with_places().await;
        let first = open(&club).await;
        let code = open(&club).await;
        enrol(&club, &first, &key(1)).await.refused(422, "membership.enrolment_refused");
        let last = if code.ends_with('0') { "1" } else { "0" };
        let wrong = format!("{}{last}", &code[..13]);
        for _ in 0..5 {
            enrol(&club, &wrong, &key(1)).await.refused(422, "membership.enrolment_refused");
        }
        enrol(&club, &code, &key(1)).await.refused(422, "membership.enrolment_refused");
        let code = open(&club).await;
        club.wait_s(15 * 60);
        enrol(&club, &code, &key(1)).await.refused(422, "membership.enrolment_refused");
        let code = open(&club).await;
        club.wait_s(15 * 60 - 1);
        enrol(&club, &code, &key(1)).await.expect(201);
    }

    async fn twenty_tills_with_one_code_register_one_key(club: Club) {
        let club = club.with_places().await;
        let code = open(&club).await;
        let keys: Vec<String> = (1..=20).map(key).collect();
        let all = keys.iter().map(|key| enrol(&club, &code, key));
        let answers = futures_util::future::join_all(all).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
        assert_eq!(answers.iter().filter(|answer| answer.status == 422).count(), 19);
    }

    async fn a_key_belongs_to_one_till_and_is_never_good_again(club: Club) {
        let club = club.with_places().await;
        let operator = club.operator();
        let code = open(&club).await;
        let registered = enrol(&club, &code, &key(1)).await.expect(201);
        operator.put_nothing("/v1/branches/tehran-vanak/tills/till-2").await.expect(201);
        let other = operator.post_nothing("/v1/branches/tehran-vanak/tills/till-2/enrolments").await.expect(201);
        let taken = enrol(&club, other["code"].as_str().expect("a code"), &key(1)).await;
        taken.refused(409, "membership.public_key_taken");
        let path = format!("/v1/till-keys/{}", registered["key_id"].as_str().expect("an id"));
        operator.delete(&path).await.expect(204);
        resolve(&club, &registered["keyid"]).await.refused(410, "membership.till_key_revoked");
        let code = open(&club).await;
        enrol(&club, &code, &key(1)).await.refused(409, "membership.public_key_taken");
    }

    async fn a_key_names_its_successor_and_a_plain_one_does_not(club: Club) {
        let club = club.with_places().await;
        let code = open(&club).await;
        let first = enrol(&club, &code, &key(1)).await.expect(201);
        let body = json!({"public_key": key(2)});
        let signed = club.sender(till("till-1", &first["key_id"]));
        let next = signed.post("/v1/till-keys", body.clone()).await.expect(201);
        assert_eq!(signed.post("/v1/till-keys", body.clone()).await.expect(200), next);
        let old = format!("/v1/till-keys/{}", first["key_id"].as_str().expect("an id"));
        club.sender(till("till-2", &next["key_id"])).delete(&old).await.refused(404, "membership.till_key_unknown");
        club.sender(till("till-1", &next["key_id"])).delete(&old).await.expect(204);
        resolve(&club, &first["keyid"]).await.refused(410, "membership.till_key_revoked");
        resolve(&club, &next["keyid"]).await.expect(200);
        signed.post("/v1/till-keys", json!({"public_key": key(3)})).await.refused(409, "membership.till_key_plain");
        let plain = club.operator().post_nothing(&format!("{TILL}/keys")).await.expect(201);
        let plain = club.sender(till("till-1", &plain["key_id"]));
        plain.post("/v1/till-keys", json!({"public_key": key(3)})).await.refused(409, "membership.till_key_plain");
    }

    async fn what_is_no_key_and_no_till_is_refused(club: Club) {
        let club = club.with_places().await;
        for wrong in ["", "AAAA", &"A".repeat(44), "*".repeat(43).as_str()] {
            let code = open(&club).await;
            enrol(&club, &code, wrong).await.refused(422, "membership.public_key_invalid");
        }
        enrol(&club, "short", &key(1)).await.refused(422, "membership.enrolment_refused");
        enrol(&club, "0000-0000-0000", &key(1)).await.refused(422, "membership.enrolment_refused");
        let nowhere = "/v1/branches/tehran-vanak/tills/none/enrolments";
        club.operator().post_nothing(nowhere).await.refused(404, "membership.till_unknown");
        for _ in 0..8 {
            club.operator().post_nothing(&format!("{TILL}/keys")).await.expect(201);
        }
        let code = open(&club).await;
        enrol(&club, &code, &key(1)).await.refused(409, "membership.till_keys_too_many");
    }
}
