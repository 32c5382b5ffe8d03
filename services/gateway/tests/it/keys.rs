use std::{sync::Arc, time::Duration};

use tokio::time::advance;

use crate::chain::{self, Call, Chain, OPERATOR_KEY, Shape, TILL_KEY};

fn show(key: &str) -> Call {
    Call::get("/v1/baskets/1").bearer(key)
}

#[tokio::test]
async fn a_till_and_the_operator_are_known_by_their_keys_in_both_shapes() {
    for shape in [Shape::OneProcess, Shape::OverHttp] {
        let chain = Chain::start(shape, &[]).await;
        for (key, word) in [(TILL_KEY, "till"), (OPERATOR_KEY, "operator")] {
            let answer = chain.send(show(key)).await;
            assert_eq!((answer.status.as_u16(), &answer.body["caller"]), (200, &word.into()), "{shape:?}");
        }
    }
}

#[tokio::test]
async fn each_way_of_having_no_good_key_has_its_own_code() {
    let chain = Chain::start(Shape::OneProcess, &[]).await;
    chain.set_key("vt_old", "revoked");
    let call = || Call::get("/v1/baskets/1");
    let table = [
        (call(), 401, "web.caller_required"),
        (call().header("authorization", "Basic dXNlcg=="), 401, "gateway.authorization_malformed"),
        (call().header("authorization", "Bearer "), 401, "gateway.authorization_malformed"),
        (call().header("authorization", "Bearer vt_a vt_b"), 401, "gateway.authorization_malformed"),
        (call().bearer(TILL_KEY).bearer(TILL_KEY), 400, "gateway.authorization_repeated"),
        (show("vt_nobody"), 401, "gateway.key_unknown"),
        (show("not-the-operator"), 401, "gateway.key_unknown"),
        (show(&"x".repeat(300)), 401, "gateway.key_unknown"),
        (show("vt_old"), 401, "gateway.till_key_revoked"),
        (Call::basket("{}").bearer("x"), 400, "gateway.authorization_repeated"),
    ];
    for (call, status, code) in table {
        let answer = chain.send(call).await;
        assert_eq!(answer.refusal(), (status, code));
        assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401, "{code}");
    }
}

#[tokio::test]
async fn a_key_that_may_not_do_it_is_denied() {
    let chain = Chain::start(Shape::OneProcess, &[]).await;
    let mut call = Call::new(http::Method::POST, "/v1/baskets").bearer(OPERATOR_KEY);
    call = call.header("content-type", "application/json").body("{}");
    assert_eq!(chain.send(call).await.refusal(), (403, "web.access_denied"));
}

#[tokio::test]
async fn the_scheme_is_the_same_in_any_case() {
    let chain = Chain::start(Shape::OneProcess, &[]).await;
    let call = Call::get("/v1/baskets/1").header("authorization", &format!("bearer {TILL_KEY}"));
    assert_eq!(chain.send(call).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_busy_till_asks_membership_every_two_seconds_and_not_more() {
    let chain = Chain::start(Shape::OneProcess, &[]).await;
    for _ in 0..100 {
        assert_eq!(chain.send(show(TILL_KEY)).await.status, 200);
        advance(Duration::from_millis(100)).await;
    }
    let questions = chain.questions();
    assert!((4..=6).contains(&questions), "{questions} questions in 10 s");
}

#[tokio::test(start_paused = true)]
async fn a_revoked_key_is_refused_within_five_seconds() {
    let chain = Chain::start(Shape::OneProcess, &[]).await;
    assert_eq!(chain.send(show(TILL_KEY)).await.status, 200);
    chain.set_key(TILL_KEY, "revoked");
    advance(Duration::from_secs(4)).await;
    assert_eq!(chain.send(show(TILL_KEY)).await.refusal(), (401, "gateway.till_key_revoked"));
}

#[tokio::test(start_paused = true)]
async fn a_new_key_works_a_second_after_it_was_tried_too_early() {
    let chain = Chain::start(Shape::OneProcess, &[]).await;
    assert_eq!(chain.send(show("vt_new")).await.refusal(), (401, "gateway.key_unknown"));
    chain.set_key("vt_new", "live");
    assert_eq!(chain.send(show("vt_new")).await.refusal(), (401, "gateway.key_unknown"));
    advance(Duration::from_secs(1)).await;
    assert_eq!(chain.send(show("vt_new")).await.status, 200);
}

#[tokio::test]
async fn a_thousand_requests_at_once_with_one_new_key_ask_once() {
    let chain = Arc::new(Chain::start(Shape::OverHttp, &[("gateway.till_burst", "2000")]).await);
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..1_000 {
        let chain = Arc::clone(&chain);
        all.spawn(async move { chain.send(show(TILL_KEY)).await.status });
    }
    while let Some(status) = all.join_next().await {
        assert_eq!(status.unwrap(), 200);
    }
    assert_eq!(chain.questions(), 1);
}

#[tokio::test]
async fn without_an_operator_key_nobody_is_the_operator() {
    const ROUTE: web::RouteSpec = web::RouteSpec::get("/v1/any", "show_any", web::Access::Operator);
    let nowhere = web::Upstream::in_process(Arc::default());
    let mut plan = chain::plan(vec![chain::backend("membership", &[&ROUTE], nowhere)], chain::settings(&[]));
    plan.operator_key = String::new();
    let closed = Chain { router: gateway::router(plan).unwrap(), membership: Arc::default() };
    let call = || Call::get("/v1/any");
    assert_eq!(closed.send(call().bearer("any")).await.refusal(), (401, "gateway.key_unknown"));
    assert_eq!(
        closed.send(call().header("authorization", "Bearer ")).await.refusal(),
        (401, "gateway.authorization_malformed")
    );
}
