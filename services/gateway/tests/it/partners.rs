//! Partners are known by their keys: what opens to them, from where, until when, and how much they may send.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State};
use serde_json::{Value, json};
use tokio::time::advance;
use web::{Access, Body, Problem, RouteSpec};

use crate::chain::{Call, Chain, KEY_REVOKED, KEY_UNKNOWN, Membership, Question, Shape};

pub const RESOLVE: RouteSpec =
    RouteSpec::post("/internal/v1/partner-keys/resolve", "resolve_partner_key", Access::Services);

/// What membership says of a partner's key in each state.
pub async fn resolve(
    State(membership): State<Arc<Membership>>,
    Body(question): Body<Question>,
) -> Result<Json<Value>, Problem> {
    let state = membership.keys.lock().unwrap().get(&question.digest).copied();
    let mut answer = json!({
        "partner": "mellat", "key_id": "00000000-0000-0000-0000-000000000011", "scopes": ["points:read"],
    });
    match state {
        Some("live") => {}
        Some("other") => answer["partner"] = "saderat".into(),
        Some("history") => answer["scopes"] = json!(["history:read"]),
        Some("listed") => answer["networks"] = json!(["192.0.2.0/24", "2001:db8::/32"]),
        Some("ending") => answer["ends_at"] = "1970-01-01T01:00:00Z".into(),
        Some("ended") => answer["ends_at"] = "1970-01-01T00:00:00Z".into(),
        Some(_) => return Err(Problem::new(&KEY_REVOKED)),
        None => return Err(Problem::new(&KEY_UNKNOWN)),
    }
    Ok(Json(answer))
}

fn show(key: &str) -> Call {
    Call::get("/v1/baskets/1").bearer(key)
}

async fn chain(shape: Shape, changes: &[(&str, &str)]) -> Chain {
    let chain = Chain::start(shape, changes).await;
    for state in ["live", "other", "history", "listed", "ending", "ended", "revoked"] {
        chain.set_key(&format!("vp_{state}"), state);
    }
    chain
}

#[tokio::test]
async fn a_partner_is_known_by_their_key_in_both_shapes() {
    for shape in [Shape::OneProcess, Shape::OverHttp] {
        let chain = chain(shape, &[]).await;
        for key in ["vp_live", "vp_ending"] {
            let answer = chain.send(show(key)).await;
            assert_eq!((answer.status.as_u16(), &answer.body["caller"]), (200, &"partner".into()), "{key}");
            assert_eq!(answer.headers["ratelimit-policy"], "\"partner\";q=100;w=2");
        }
        let lacking = chain.send(show("vp_history")).await;
        assert_eq!(lacking.refusal(), (403, "web.scope_missing"));
        let sale = Call::new(http::Method::POST, "/v1/baskets").bearer("vp_live");
        assert_eq!(chain.send(sale).await.refusal(), (403, "web.access_denied"));
    }
}

#[tokio::test]
async fn each_way_of_having_no_good_key_has_its_own_code() {
    let chain = chain(Shape::OneProcess, &[]).await;
    for (key, code) in [
        ("vp_nobody", "gateway.key_unknown"),
        ("vp_revoked", "gateway.partner_key_revoked"),
        ("vp_ended", "gateway.partner_key_revoked"),
    ] {
        let answer = chain.send(show(key)).await;
        assert_eq!(answer.refusal(), (401, code));
        assert!(answer.headers.contains_key("www-authenticate"), "{code}");
    }
}

#[tokio::test]
async fn a_key_with_a_list_opens_from_its_addresses_alone() {
    let chain = chain(Shape::OneProcess, &[]).await;
    for (address, status) in
        [("192.0.2.200", 200), ("192.0.3.1", 403), ("2001:db8::9", 200), ("2001:db9::9", 403)]
    {
        let answer = chain.send(show("vp_listed").at_address(address)).await;
        assert_eq!(answer.status, status, "{address}");
    }
    let unseen = chain.send(show("vp_listed")).await;
    assert_eq!(unseen.refusal(), (403, "gateway.address_not_listed"));
    let said = show("vp_listed").at_address("192.0.3.1").header("x-forwarded-for", "192.0.2.1");
    assert_eq!(chain.send(said).await.refusal(), (403, "gateway.address_not_listed"), "not a proxy of ours");
}

#[tokio::test]
async fn a_partner_has_one_limit_for_all_keys_and_others_have_their_own() {
    let changes = [("gateway.partner_burst", "3"), ("gateway.partner_rate_per_s", "1")];
    let chain = chain(Shape::OneProcess, &changes).await;
    for key in ["vp_live", "vp_ending", "vp_live"] {
        assert_eq!(chain.send(show(key)).await.status, 200);
    }
    assert_eq!(chain.send(show("vp_ending")).await.refusal(), (429, "gateway.rate_limited"));
    assert_eq!(chain.send(show("vp_other")).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_revoked_opens_nothing_within_five_seconds() {
    let chain = chain(Shape::OneProcess, &[]).await;
    assert_eq!(chain.send(show("vp_live")).await.status, 200);
    chain.set_key("vp_live", "revoked");
    advance(Duration::from_secs(5)).await;
    assert_eq!(chain.send(show("vp_live")).await.refusal(), (401, "gateway.partner_key_revoked"));
}
