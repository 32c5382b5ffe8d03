use crate::chain::{Call, Chain, OPERATOR_KEY, Shape, TILL_KEY};

const SMALL: &[(&str, &str)] = &[
    ("gateway.till_rate_per_s", "1"),
    ("gateway.till_burst", "2"),
    ("gateway.anonymous_rate_per_s", "1"),
    ("gateway.anonymous_burst", "1"),
    ("gateway.stranger_rate_per_s", "1"),
    ("gateway.stranger_burst", "3"),
];

#[tokio::test]
async fn an_answer_says_what_is_left() {
    let chain = Chain::start(Shape::OneProcess, SMALL).await;
    let answer = chain.send(Call::get("/v1/baskets/1").bearer(TILL_KEY)).await;
    assert_eq!(answer.headers["ratelimit-policy"], "\"till\";q=2;w=2");
    assert_eq!(answer.headers["ratelimit"], "\"till\";r=1;t=1");
}

#[tokio::test]
async fn who_sends_too_much_is_told_how_long_to_wait_and_others_go_on() {
    let chain = Chain::start(Shape::OneProcess, SMALL).await;
    chain.set_key("vt_other", "live");
    for _ in 0..2 {
        assert_eq!(chain.send(Call::get("/v1/baskets/1").bearer(TILL_KEY)).await.status, 200);
    }
    let refused = chain.send(Call::get("/v1/baskets/1").bearer(TILL_KEY)).await;
    assert_eq!(refused.refusal(), (429, "gateway.rate_limited"));
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(refused.headers["ratelimit"], "\"till\";r=0;t=2");
    for key in ["vt_other", OPERATOR_KEY] {
        assert_eq!(chain.send(Call::get("/v1/baskets/1").bearer(key)).await.status, 200);
    }
}

#[tokio::test]
async fn callers_without_a_key_are_counted_by_address() {
    let chain = Chain::start(Shape::OneProcess, SMALL).await;
    let call = |address: &str| Call::get("/v1/echo").at_address(address);
    assert_eq!(chain.send(call("10.0.0.1")).await.status, 200);
    assert_eq!(chain.send(call("10.0.0.1")).await.refusal(), (429, "gateway.rate_limited"));
    assert_eq!(chain.send(call("10.0.0.2")).await.status, 200);
}

#[tokio::test]
async fn an_address_that_guesses_keys_is_stopped_and_known_tills_there_go_on() {
    let chain = Chain::start(Shape::OneProcess, &SMALL[4..]).await;
    let call = |key: &str| Call::get("/v1/baskets/1").bearer(key).at_address("10.0.0.9");
    assert_eq!(chain.send(call(TILL_KEY)).await.status, 200);
    let mut codes = Vec::new();
    for guess in 0..4 {
        codes.push(chain.send(call(&format!("vt_guess-{guess}"))).await.status.as_u16());
    }
    assert_eq!(codes[0], 401);
    assert_eq!(codes[3], 429);
    assert_eq!(chain.send(call("operator-guess")).await.status, 429);
    assert_eq!(chain.send(call(TILL_KEY)).await.status, 200);
}
