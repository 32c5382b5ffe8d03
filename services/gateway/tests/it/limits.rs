use http::Method;

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

#[tokio::test]
async fn who_knocks_at_open_doors_is_counted_by_address_whatever_key_they_bring() {
    let changes = [("gateway.door_rate_per_s", "1"), ("gateway.door_burst", "2")];
    let chain = Chain::start(Shape::OneProcess, &changes).await;
    let knock = |address: &str| Call::new(Method::POST, "/v1/origin").at_address(address);
    let first = chain.send(knock("10.0.0.1")).await;
    let told: Vec<_> = first.headers.get_all("ratelimit-policy").iter().collect();
    assert_eq!(told, ["\"anonymous\";q=100;w=5", "\"door\";q=2;w=2"]);
    let left: Vec<_> = first.headers.get_all("ratelimit").iter().collect();
    assert_eq!(left, ["\"anonymous\";r=99;t=1", "\"door\";r=1;t=1"]);
    assert_eq!(chain.send(knock("10.0.0.1").bearer(TILL_KEY)).await.status, 200);
    let refused = chain.send(knock("10.0.0.1").bearer(OPERATOR_KEY)).await;
    assert_eq!(refused.refusal(), (429, "gateway.rate_limited"));
    assert_eq!(refused.headers["ratelimit-policy"], "\"door\";q=2;w=2");
    assert_eq!(chain.send(knock("10.0.0.2")).await.status, 200, "another address");
    assert_eq!(chain.send(Call::get("/v1/echo").at_address("10.0.0.1")).await.status, 200, "no door");
}

#[tokio::test]
async fn what_is_heavy_is_counted_by_caller_apart_from_the_rest() {
    let changes = [("gateway.heavy_rate_per_s", "1"), ("gateway.heavy_burst", "1")];
    let chain = Chain::start(Shape::OneProcess, &changes).await;
    chain.set_key("vs_auditor", "live");
    let report = |key: &str| Call::get("/v1/reports").bearer(key).at_address("10.0.0.1");
    assert_eq!(chain.send(report(TILL_KEY)).await.status, 200);
    let refused = chain.send(report(TILL_KEY)).await;
    assert_eq!(refused.refusal(), (429, "gateway.rate_limited"));
    assert_eq!(
        (&refused.headers["retry-after"], &refused.headers["ratelimit"]),
        (&"1".parse().unwrap(), &"\"heavy\";r=0;t=1".parse().unwrap())
    );
    for key in ["vs_auditor", OPERATOR_KEY] {
        assert_eq!(chain.send(report(key)).await.status, 200, "the others' reports");
    }
    assert_eq!(chain.send(Call::get("/v1/baskets/1").bearer(TILL_KEY)).await.status, 200, "what is usual");
    let nobody = chain.send(Call::get("/v1/reports")).await;
    assert_eq!(nobody.status, 401, "who may not read it is not counted");
}
