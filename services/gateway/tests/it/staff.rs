//! Staff are known by their tokens, with the roles that they have now (promise 19).

use std::time::Duration;

use tokio::time::advance;

use crate::chain::{Call, Chain, Shape};

fn show(token: &str) -> Call {
    Call::get("/v1/baskets/1").bearer(token)
}

#[tokio::test]
async fn a_person_is_known_by_their_token_in_both_shapes() {
    for shape in [Shape::OneProcess, Shape::OverHttp] {
        let chain = Chain::start(shape, &[]).await;
        chain.set_key("vs_zahra", "live");
        let answer = chain.send(show("vs_zahra")).await;
        assert_eq!((answer.status.as_u16(), &answer.body["caller"]), (200, &"staff".into()), "{answer:?}");
        assert_eq!(answer.headers["ratelimit-policy"], "\"staff\";q=100;w=5");
        let sale = Call::new(http::Method::POST, "/v1/baskets").bearer("vs_zahra");
        assert_eq!(chain.send(sale).await.refusal(), (403, "web.access_denied"));
    }
}

#[tokio::test]
async fn each_way_of_having_no_good_token_has_its_own_code() {
    let chain = Chain::start(Shape::OneProcess, &[]).await;
    for (token, state) in [("vs_lapsed", "lapsed"), ("vs_ended", "revoked")] {
        chain.set_key(token, state);
    }
    for (token, code) in [
        ("vs_nobody", "gateway.token_invalid"),
        ("vs_lapsed", "gateway.token_lapsed"),
        ("vs_ended", "gateway.session_ended"),
        ("vsr_a-refresh-token", "gateway.key_unknown"),
    ] {
        let answer = chain.send(show(token)).await;
        assert_eq!(answer.refusal(), (401, code));
        assert!(answer.headers.contains_key("www-authenticate"), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_ended_opens_nothing_within_five_seconds() {
    let chain = Chain::start(Shape::OneProcess, &[]).await;
    chain.set_key("vs_zahra", "live");
    for _ in 0..20 {
        assert_eq!(chain.send(show("vs_zahra")).await.status, 200);
    }
    assert_eq!(chain.questions(), 1);
    chain.set_key("vs_zahra", "revoked");
    advance(Duration::from_secs(5)).await;
    assert_eq!(chain.send(show("vs_zahra")).await.refusal(), (401, "gateway.session_ended"));
}
