//! Partners: what their keys open, how a key is changed without a stop, and that a key that has ended stays so.

use std::fmt::Write as _;

use kernel::{Ids as _, KeyId, PartnerCode, Scope};
use ring::digest::{SHA256, digest};
use runtime::SystemIds;
use serde_json::{Value, json};
use web::Caller;

use crate::{
    club::{Answer, Club, on_both},
    sign_in::join,
};

const PARTNER: &str = "/v1/partners/mellat";
const NOBODYS: &str = "/v1/partner-keys/0192f3a1-7c00-7000-8000-00000000dead";

fn terms() -> Value {
    json!({"name": "بانک ملت", "scopes": ["points:read", "actions:record", "points:read"], "networks": ["192.0.2.0/24"]})
}

async fn issue(club: &Club) -> Value {
    club.operator().post_nothing(&format!("{PARTNER}/keys")).await.expect(201)
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().expect("a text")
}

fn path(key: &Value, rest: &str) -> String {
    format!("/v1/partner-keys/{}{rest}", text(key, "key_id"))
}

/// Asks as the gateway does: by the SHA-256 of the key's text.
async fn resolve(club: &Club, key: &Value) -> Answer {
    let mut hex = String::new();
    for byte in digest(&SHA256, text(key, "key").as_bytes()).as_ref() {
        write!(hex, "{byte:02x}").expect("a String takes every text");
    }
    club.service().post("/internal/v1/partner-keys/resolve", json!({ "digest": hex })).await
}

async fn rotate(club: &Club, key: &Value, overlap_s: u32) -> Answer {
    club.operator().post(&path(key, "/rotation"), json!({ "overlap_s": overlap_s })).await
}

fn partner(scopes: &[Scope]) -> Caller {
    Caller::Partner {
        partner: PartnerCode::parse("mellat").expect("a code"),
        key_id: KeyId::from_uuid(SystemIds::default().uuid()),
        scopes: scopes.into(),
    }
}

on_both! {
    async fn a_key_is_shown_once_and_leads_to_its_partner_and_what_that_may(club: Club) {
        let made = club.operator().put(PARTNER, terms()).await.expect(201);
        assert_eq!(made["scopes"], json!(["points:read", "actions:record"]));
        let issued = issue(&club).await;
        let key = text(&issued, "key");
        assert!(key.starts_with("vp_") && key.len() == 3 + 64, "{key}");
        let found = resolve(&club, &issued).await.expect(200);
        assert_eq!((&found["partner"], &found["key_id"]), (&json!("mellat"), &issued["key_id"]));
        assert_eq!((&found["scopes"], &found["networks"]), (&made["scopes"], &json!(["192.0.2.0/24"])));
        let read = club.operator().get(PARTNER).await;
        assert!(!read.text.contains(&key[3..]));
        assert_eq!(read.expect(200)["keys"][0]["key_id"], issued["key_id"]);
        let others = json!({"name": "Mellat", "scopes": []});
        assert_eq!(club.operator().put(PARTNER, others).await.expect(200)["keys"][0]["key_id"], issued["key_id"]);
        let now = resolve(&club, &issued).await.expect(200);
        assert_eq!((&now["scopes"], &now["networks"]), (&json!([]), &json!([])), "what was taken away opens nothing");
        assert!(club.told().await.is_empty());
    }

    async fn a_key_is_replaced_with_an_overlap_and_not_revived(club: Club) {
        club.operator().put(PARTNER, terms()).await.expect(201);
        let old = issue(&club).await;
        let new = rotate(&club, &old, 60).await.expect(201);
        assert_eq!(new["replaces"]["key_id"], old["key_id"]);
        assert!(new["replaces"]["ends_at"].is_string() && new["key"] != old["key"]);
        assert_eq!(resolve(&club, &old).await.expect(200)["ends_at"], new["replaces"]["ends_at"]);
        assert!(resolve(&club, &new).await.expect(200).get("ends_at").is_none());
        club.wait_s(61);
        resolve(&club, &old).await.refused(410, "membership.partner_key_over");
        resolve(&club, &new).await.expect(200);
        rotate(&club, &old, 60).await.refused(410, "membership.partner_key_over");
        let at_once = rotate(&club, &new, 0).await.expect(201);
        resolve(&club, &new).await.refused(410, "membership.partner_key_over");
        resolve(&club, &at_once).await.expect(200);
    }

    async fn a_revoked_key_is_refused_and_so_are_all_of_them(club: Club) {
        club.operator().put(PARTNER, terms()).await.expect(201);
        let keys = [issue(&club).await, issue(&club).await, issue(&club).await];
        for _ in 0..2 {
            club.operator().delete(&path(&keys[0], "")).await.expect(204);
        }
        resolve(&club, &keys[0]).await.refused(410, "membership.partner_key_over");
        resolve(&club, &keys[1]).await.expect(200);
        let ended = club.operator().get(PARTNER).await.expect(200)["keys"][0]["ends_at"].clone();
        club.wait_s(1);
        for _ in 0..2 {
            club.operator().delete(&format!("{PARTNER}/keys")).await.expect(204);
        }
        for key in &keys {
            resolve(&club, key).await.refused(410, "membership.partner_key_over");
        }
        assert_eq!(club.operator().get(PARTNER).await.expect(200)["keys"][0]["ends_at"], ended, "it ended once");
    }

    async fn a_fifth_good_key_is_refused_until_one_ends(club: Club) {
        club.operator().put(PARTNER, terms()).await.expect(201);
        let first = issue(&club).await;
        for _ in 1..4 {
            issue(&club).await;
        }
        let more = club.operator().post_nothing(&format!("{PARTNER}/keys")).await;
        assert_eq!(more.refused(409, "membership.partner_keys_too_many")["limit"], 4);
        rotate(&club, &first, 60).await.refused(409, "membership.partner_keys_too_many");
        assert!(resolve(&club, &first).await.expect(200).get("ends_at").is_none(), "a refusal changes nothing");
        rotate(&club, &first, 0).await.expect(201);
    }

    async fn each_mistake_about_partners_has_its_code(club: Club) {
        let operator = club.operator();
        operator.put(PARTNER, terms()).await.expect(201);
        let key = issue(&club).await;
        let many = vec!["192.0.2.1"; 21];
        for (body, status, code, pointer) in [
            (json!({"name": " ", "scopes": []}), 422, "membership.partner_name_invalid", "/name"),
            (json!({"name": "x".repeat(61), "scopes": []}), 422, "membership.partner_name_invalid", "/name"),
            (json!({"name": "A", "scopes": ["members:write"]}), 400, "web.field_choice", "/scopes/0"),
            (json!({"name": "A", "scopes": [], "networks": ["192.0.2.1", "all"]}), 422, "membership.partner_networks_invalid", "/networks/1"),
            (json!({"name": "A", "scopes": [], "networks": ["a,b"]}), 422, "membership.partner_networks_invalid", "/networks/0"),
            (json!({"name": "A", "scopes": [], "networks": many}), 422, "membership.partner_networks_invalid", "/networks"),
        ] {
            assert_eq!(operator.put(PARTNER, body).await.refused(status, code)["pointer"], pointer, "{code}");
        }
        rotate(&club, &key, 2_592_001).await.refused(422, "membership.partner_overlap");
        for path in ["/v1/partners/none", "/v1/partners/none/keys"] {
            let refused = if path.ends_with("keys") { operator.delete(path).await } else { operator.get(path).await };
            refused.refused(404, "membership.partner_unknown");
        }
        operator.post_nothing("/v1/partners/none/keys").await.refused(404, "membership.partner_unknown");
        operator.delete(NOBODYS).await.refused(404, "membership.partner_key_unknown");
        let rotation = operator.post(&format!("{NOBODYS}/rotation"), json!({"overlap_s": 1})).await;
        rotation.refused(404, "membership.partner_key_unknown");
        let nothing = json!({"key": "vp_nothing"});
        resolve(&club, &nothing).await.refused(404, "membership.partner_key_unknown");
        let question = club.service().post("/internal/v1/partner-keys/resolve", json!({"digest": "xyz"})).await;
        question.refused(400, "membership.digest_invalid");
        for (language, word) in [("fa", "شریک"), ("ar", "الشريك"), ("en", "partner")] {
            let refused = club.operator().speaking(language).get("/v1/partners/none").await;
            let refused = refused.refused(404, "membership.partner_unknown");
            assert!(text(&refused, "title").contains(word), "{language}: {refused}");
        }
    }

    async fn partners_are_listed_in_pages(club: Club) {
        for code in ["c", "a", "b"] {
            club.operator().put(&format!("/v1/partners/{code}"), terms()).await.expect(201);
        }
        let first = club.operator().get("/v1/partners?limit=2").await.expect(200);
        assert_eq!((&first["partners"][0]["partner"], &first["partners"][1]["partner"]), (&json!("a"), &json!("b")));
        let next = format!("/v1/partners?limit=2&cursor={}", text(&first, "next_cursor"));
        let second = club.operator().get(&next).await.expect(200);
        assert_eq!((&second["partners"][0]["partner"], &second["has_more"]), (&json!("c"), &json!(false)));
        club.operator().get("/v1/partners?limit=0").await.refused(400, "membership.limit_out_of_range");
        club.operator().get("/v1/partners?cursor=b3Bz").await.refused(400, "membership.cursor_invalid");
    }

    async fn the_service_itself_compares_a_partners_scopes(club: Club) {
        let member = join(&club, "+989121234567").await;
        let read = format!("/v1/members/{member}");
        let lookup = json!({"phone": "+989121234567"});
        for (scopes, status) in [(&[Scope::MembersRead][..], 200), (&[Scope::PlacesRead], 403), (&[], 403)] {
            let sender = club.sender(partner(scopes));
            assert_eq!(sender.get(&read).await.status, status, "{scopes:?}");
            assert_eq!(sender.post("/v1/members/lookup", lookup.clone()).await.status, status, "{scopes:?}");
        }
        let places = club.sender(partner(&[Scope::PlacesRead]));
        places.get("/v1/branches").await.expect(200);
        assert_eq!(places.get(&read).await.refused(403, "web.scope_missing")["scope"], "members:read");
        places.put(PARTNER, terms()).await.refused(403, "web.access_denied");
    }
}
