//! Tills and their keys.

use std::fmt::Write as _;

use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::club::{Answer, Club, on_both};

const TILL: &str = "/v1/branches/tehran-vanak/tills/till-1";

async fn issue(club: &Club) -> Value {
    club.operator().post_nothing(&format!("{TILL}/keys")).await.expect(201)
}

/// Asks as the gateway does: by the SHA-256 of the key's text.
async fn resolve(club: &Club, key: &str) -> Answer {
    let mut hex = String::new();
    for byte in digest(&SHA256, key.as_bytes()).as_ref() {
        write!(hex, "{byte:02x}").expect("a String takes every text");
    }
    club.service().post("/internal/v1/till-keys/resolve", json!({ "digest": hex })).await
}

on_both! {
    async fn a_key_is_shown_once_and_leads_to_its_till(club: Club) {
        let club = club.with_places().await;
        let issued = issue(&club).await;
        let key = issued["key"].as_str().expect("a key");
        assert!(key.starts_with("vt_") && key.len() == 3 + 64, "{key}");
        let found = resolve(&club, key).await.expect(200);
        assert_eq!(found["key_id"], issued["key_id"]);
        assert_eq!((&found["branch"], &found["region"], &found["till"]), (&json!("tehran-vanak"), &json!("tehran"), &json!("till-1")));
        let listed = club.operator().get("/v1/branches/tehran-vanak/tills").await;
        assert!(!listed.text.contains(&key[3..]));
        assert_eq!(listed.expect(200)["tills"][0]["keys"][0]["key_id"], issued["key_id"]);
    }

    async fn a_revoked_key_is_refused(club: Club) {
        let club = club.with_places().await;
        let (old, new) = (issue(&club).await, issue(&club).await);
        let path = format!("/v1/till-keys/{}", old["key_id"].as_str().expect("an id"));
        club.operator().delete(&path).await.expect(204);
        club.operator().delete(&path).await.expect(204);
        resolve(&club, old["key"].as_str().expect("a key")).await.refused(410, "membership.till_key_revoked");
        resolve(&club, new["key"].as_str().expect("a key")).await.expect(200);
        let told = club.told().await;
        assert_eq!(told[2..], ["till_enrolled 1", "till_key_revoked 2"]);
    }

    async fn an_unknown_key_is_told_apart_from_a_malformed_question(club: Club) {
        resolve(&club, "vt_nothing").await.refused(404, "membership.till_key_unknown");
        let malformed = club.service().post("/internal/v1/till-keys/resolve", json!({"digest": "xyz"})).await;
        malformed.refused(400, "membership.digest_invalid");
    }

    async fn a_till_is_set_up_once_at_a_branch_that_exists(club: Club) {
        let club = club.with_places().await;
        club.operator().put_nothing(TILL).await.expect(200);
        club.operator().put_nothing("/v1/branches/none/tills/till-1").await.refused(404, "membership.branch_unknown");
        club.operator().post_nothing("/v1/branches/tehran-vanak/tills/none/keys").await.refused(404, "membership.till_unknown");
        let unknown = "/v1/till-keys/0192f3a1-7c00-7000-8000-000000000002";
        club.operator().delete(unknown).await.refused(404, "membership.till_key_unknown");
        club.operator().get("/v1/branches/none/tills").await.refused(404, "membership.branch_unknown");
    }

    async fn a_ninth_valid_key_is_refused_until_one_is_revoked(club: Club) {
        let club = club.with_places().await;
        let first = issue(&club).await;
        for _ in 1..8 {
            issue(&club).await;
        }
        let refused = club.operator().post_nothing(&format!("{TILL}/keys")).await;
        assert_eq!(refused.refused(409, "membership.till_keys_too_many")["limit"], 8);
        club.operator().delete(&format!("/v1/till-keys/{}", first["key_id"].as_str().expect("an id"))).await.expect(204);
        issue(&club).await;
    }

    async fn two_parallel_revocations_tell_one_fact(club: Club) {
        let club = club.with_places().await;
        let key = issue(&club).await;
        let path = format!("/v1/till-keys/{}", key["key_id"].as_str().expect("an id"));
        let operator = club.operator();
        let (a, b) = tokio::join!(operator.delete(&path), operator.delete(&path));
        assert_eq!((a.status, b.status), (204, 204));
        assert_eq!(club.told().await[3..], ["till_key_revoked 2"]);
    }

    async fn only_the_operator_handles_keys(club: Club) {
        let club = club.with_places().await;
        let path = format!("{TILL}/keys");
        club.till().post_nothing(&path).await.refused(403, "web.access_denied");
        club.anonymous().post_nothing(&path).await.refused(401, "web.caller_required");
        let question = json!({"digest": "00".repeat(32)});
        club.till().post("/internal/v1/till-keys/resolve", question).await.refused(403, "web.access_denied");
    }
}
