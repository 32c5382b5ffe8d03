use serde_json::json;

use crate::platform::{Call, a_till};

#[tokio::test]
async fn path_parameters_are_read_by_order_and_decoded() {
    let answer = Call::get("/v1/branches/isfahan%2D1/tills/till-2").send().await;
    assert_eq!(answer.body, json!({ "branch": "isfahan-1", "till": "till-2" }));
}

#[tokio::test]
async fn a_wrong_path_parameter_is_named() {
    let table = [
        ("/v1/baskets/eleven", "basket_id"),
        ("/v1/baskets/99999999999", "basket_id"),
        ("/v1/branches/Isfahan/tills/t", "branch"),
        ("/v1/branches/isfahan/tills/a%20b", "till"),
    ];
    for (path, name) in table {
        let answer = Call::get(path).from(&a_till()).send().await;
        assert_eq!(answer.refusal(), (400, "web.path_invalid"), "{path}");
        assert_eq!(answer.body["parameter"], name, "{path}");
    }
    for path in ["/v1/branches/%FF/tills/t", "/v1/branches/%4/tills/t", "/v1/branches/%zz/tills/t"] {
        assert_eq!(Call::get(path).send().await.refusal(), (400, "web.path_invalid"), "{path}");
    }
}

#[tokio::test]
async fn a_query_string_is_read_into_its_struct() {
    let answer = Call::get("/v1/baskets?limit=20&branch=isfahan-1&cursor=a%2Bb+c&").send().await;
    assert_eq!(answer.body, json!({ "limit": 20, "branch": "isfahan-1", "cursor": "a+b c" }));
}

#[tokio::test]
async fn each_mistake_in_a_query_string_has_its_own_code() {
    let table = [
        ("", "web.query_parameter_missing", "branch"),
        ("branch=b&limit=ten", "web.query_parameter_invalid", "limit"),
        ("branch=b&limit=-1", "web.query_parameter_invalid", "limit"),
        ("branch=B", "web.query_parameter_invalid", "branch"),
        ("branch=b&branch=c", "web.query_parameter_repeated", "branch"),
        ("branch=b&page=2", "web.query_parameter_unknown", "page"),
    ];
    for (query, code, name) in table {
        let answer = Call::get(&format!("/v1/baskets?{query}")).send().await;
        assert_eq!(answer.refusal(), (400, code), "{query}");
        assert_eq!(answer.body["parameter"], name, "{query}");
    }
    let broken = Call::get("/v1/baskets?branch=%C3%28").send().await;
    assert_eq!(broken.refusal(), (400, "web.query_malformed"));
}

#[tokio::test]
async fn the_idempotency_key_is_required_once_and_readable() {
    let call = || Call::post("/v1/keyed");
    assert_eq!(call().send().await.refusal(), (400, "web.idempotency_key_missing"));
    assert_eq!(call().header("idempotency-key", "r-17").send().await.body, json!("r-17"));
    let twice = call().header("idempotency-key", "a").header("idempotency-key", "a");
    assert_eq!(twice.send().await.refusal(), (400, "web.idempotency_key_repeated"));
    for wrong in ["", "a b", "قبض", "x".repeat(256).as_str()] {
        let answer = call().header("idempotency-key", wrong).send().await;
        assert_eq!(answer.refusal(), (400, "web.idempotency_key_invalid"), "{wrong:?}");
    }
}

#[tokio::test]
async fn a_request_whose_time_is_over_is_not_begun() {
    let call = Call::get("/v1/baskets/1").from(&a_till()).header("vafa-deadline-ms", "0");
    assert_eq!(call.send().await.refusal(), (504, "web.deadline_passed"));
}
