//! Members: their tokens are believed when membership signed them, in time, and the session is live (promises 19).

use std::{sync::atomic::Ordering, time::Duration};

use kernel::{MemberId, SessionId};
use tokio::time::advance;
use uuid::Uuid;
use web::{AccessClaims, TOKEN_ISSUER, TokenKey};

use crate::chain::{Answer, Call, Chain, Shape};

fn member(number: u128) -> MemberId {
    MemberId::from_uuid(Uuid::from_u128(number))
}

fn session(number: u128) -> SessionId {
    SessionId::from_uuid(Uuid::from_u128(100 + number))
}

fn key(seed: u8) -> TokenKey {
    TokenKey::from_seed(&[seed; 32])
}

/// A token of this member's session; the clock of the tests stands at zero.
fn claims(number: u128) -> AccessClaims {
    AccessClaims {
        iss: TOKEN_ISSUER.to_owned(),
        sub: member(number),
        sid: session(number),
        iat: 0,
        exp: 900,
        phone_confirmed: true,
        stepped_up_until: None,
    }
}

fn shows(chain: &Chain, keys: &[&TokenKey]) {
    chain.membership.shown.lock().unwrap().keys = keys.iter().map(|key| key.public().clone()).collect();
}

async fn chain(shape: Shape) -> Chain {
    let chain = Chain::start(shape, &[("gateway.member_burst", "10000")]).await;
    shows(&chain, &[&key(1)]);
    chain.membership.sessions.lock().unwrap().insert(session(1), Some(member(1)));
    chain
}

async fn own(chain: &Chain, of: u128, token: &str) -> Answer {
    chain.send(Call::get(&format!("/v1/members/{}/baskets", member(of))).bearer(token)).await
}

#[tokio::test]
async fn a_member_reads_their_own_things_and_nobody_elses_in_both_shapes() {
    for shape in [Shape::OneProcess, Shape::OverHttp] {
        let chain = chain(shape).await;
        let token = key(1).sign(&claims(1));
        let answer = own(&chain, 1, &token).await;
        assert_eq!((answer.status.as_u16(), &answer.body["caller"]), (200, &"member".into()), "{answer:?}");
        assert_eq!(answer.headers["ratelimit-policy"], "\"member\";q=10000;w=1000");
        assert_eq!(own(&chain, 2, &token).await.refusal(), (403, "web.access_denied"));
        let staff = Call::get("/v1/baskets/1").bearer(&token);
        assert_eq!(chain.send(staff).await.refusal(), (403, "web.access_denied"));
    }
}

#[tokio::test]
async fn each_way_of_having_no_good_token_has_its_own_code() {
    let chain = chain(Shape::OneProcess).await;
    chain.membership.sessions.lock().unwrap().insert(session(3), None);
    chain.membership.sessions.lock().unwrap().insert(session(4), Some(member(9)));
    let table = [
        (key(2).sign(&claims(1)), "gateway.token_invalid"),
        ("eyJub3QiOiJvdXJzIn0.e30.e30".to_owned(), "gateway.token_invalid"),
        ("eyJ".to_owned(), "gateway.token_invalid"),
        (format!("eyJ{}", "x".repeat(3_000)), "gateway.key_unknown"),
        (key(1).sign(&AccessClaims { exp: 0, ..claims(1) }), "gateway.token_lapsed"),
        (key(1).sign(&claims(2)), "gateway.session_ended"),
        (key(1).sign(&claims(3)), "gateway.session_ended"),
        (key(1).sign(&claims(4)), "gateway.session_ended"),
    ];
    for (token, code) in table {
        assert_eq!(own(&chain, 1, &token).await.refusal(), (401, code));
    }
    let asked = chain.membership.session_questions.load(Ordering::SeqCst);
    assert_eq!(asked, 3, "what membership did not sign asks it nothing");
}

#[tokio::test(start_paused = true)]
async fn an_ended_session_is_refused_within_five_seconds() {
    let chain = chain(Shape::OneProcess).await;
    let token = key(1).sign(&claims(1));
    assert_eq!(own(&chain, 1, &token).await.status, 200);
    chain.membership.sessions.lock().unwrap().insert(session(1), None);
    advance(Duration::from_secs(4)).await;
    assert_eq!(own(&chain, 1, &token).await.refusal(), (401, "gateway.session_ended"));
}

#[tokio::test(start_paused = true)]
async fn keys_take_turns_without_anybody_being_turned_away() {
    let chain = chain(Shape::OneProcess).await;
    let (old, new) = (key(1).sign(&claims(1)), key(2).sign(&claims(1)));
    assert_eq!(own(&chain, 1, &old).await.status, 200);
    advance(Duration::from_secs(2)).await;
    shows(&chain, &[&key(1), &key(2)]);
    assert_eq!(own(&chain, 1, &new).await.status, 200);
    assert_eq!(own(&chain, 1, &old).await.status, 200);
    assert_eq!(chain.membership.shows.load(Ordering::SeqCst), 2);
    // A key that is withdrawn is forgotten within minutes.
    shows(&chain, &[&key(2)]);
    advance(Duration::from_mins(3)).await;
    assert_eq!(own(&chain, 1, &old).await.refusal(), (401, "gateway.token_invalid"));
    assert_eq!(own(&chain, 1, &new).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn forged_tokens_ask_for_keys_once_a_second_at_most() {
    let chain = chain(Shape::OneProcess).await;
    for _ in 0..50 {
        assert_eq!(own(&chain, 1, &key(7).sign(&claims(1))).await.refusal(), (401, "gateway.token_invalid"));
        advance(Duration::from_millis(100)).await;
    }
    let asked = chain.membership.shows.load(Ordering::SeqCst);
    assert!((4..=7).contains(&asked), "{asked} times in 5 s");
}

#[tokio::test]
async fn what_a_token_says_of_the_member_reaches_the_service() {
    let chain = chain(Shape::OneProcess).await;
    for (until, stepped_up) in [(Some(60), true), (Some(0), false), (None, false)] {
        let token = key(1).sign(&AccessClaims { stepped_up_until: until, ..claims(1) });
        assert_eq!(own(&chain, 1, &token).await.body["stepped_up"], stepped_up, "{until:?}");
    }
}

#[tokio::test]
async fn a_service_that_asks_learns_the_address_and_nobody_can_tell_it_another() {
    let chain = chain(Shape::OneProcess).await;
    let call = Call::new(http::Method::POST, "/v1/origin").at_address("192.0.2.7");
    let answer = chain.send(call.header("vafa-origin", "origin|10.0.0.1|9|00")).await;
    assert_eq!(answer.body["from"], "192.0.2.7");
}
