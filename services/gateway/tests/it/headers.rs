use std::time::Duration;

use web::Caller;

use crate::chain::{Call, Chain, Shape, TILL_KEY, caller_key};

#[tokio::test]
async fn nobody_outside_can_say_who_they_are_or_how_long_they_have() {
    let forged = caller_key().sign(&Caller::Operator, "shop", Duration::from_mins(1));
    for shape in [Shape::OneProcess, Shape::OverHttp] {
        let chain = Chain::start(shape, &[]).await;
        let call = |path: &str| {
            Call::get(path)
                .header("vafa-caller", forged.to_str().unwrap())
                .header("VAFA-CALLER", "o")
                .header("vafa-deadline-ms", "999999999")
                .header("vafa-anything", "x")
        };
        assert_eq!(chain.send(call("/v1/baskets/1")).await.refusal(), (401, "web.caller_required"));
        let echoed = chain.send(call("/v1/echo")).await;
        assert_eq!(echoed.body["headers"].get("vafa-anything"), None);
        assert_eq!(echoed.body["headers"].get("vafa-caller"), None);
        assert!(echoed.body["left_ms"].as_u64().is_some_and(|left| left <= 30_000), "{echoed:?}");
    }
}

#[tokio::test]
async fn a_service_gets_the_callers_seal_and_never_the_key() {
    let chain = Chain::start(Shape::OverHttp, &[]).await;
    let echoed = chain.send(Call::get("/v1/echo").bearer(TILL_KEY)).await;
    let headers = &echoed.body["headers"];
    assert!(
        headers["vafa-caller"].as_str().is_some_and(|text| text.starts_with("t|isfahan-1|centre|till-2|"))
    );
    assert_eq!(headers.get("authorization"), None);
    assert!(!echoed.body.to_string().contains(TILL_KEY));
}

#[tokio::test]
async fn every_answer_has_an_id_that_the_service_saw_too() {
    let chain = Chain::start(Shape::OneProcess, &[]).await;
    let fresh = chain.send(Call::get("/v1/echo")).await;
    assert_eq!(fresh.headers["x-request-id"].len(), 32);
    assert_eq!(fresh.headers["x-request-id"], fresh.body["headers"]["x-request-id"].as_str().unwrap());
    let own = chain.send(Call::get("/v1/echo").header("x-request-id", "receipt-17.a")).await;
    assert_eq!(own.headers["x-request-id"], "receipt-17.a");
    for odd in ["a b", "x<script>", &"x".repeat(65)] {
        let answer = chain.send(Call::get("/v1/echo").header("x-request-id", odd)).await;
        assert_eq!(answer.headers["x-request-id"].len(), 32, "{odd}");
    }
    let lost = chain.send(Call::get("/v1/nothing").header("x-request-id", "r-1")).await;
    assert_eq!(
        (&lost.body["trace_id"], &lost.headers["x-request-id"]),
        (&"r-1".into(), &"r-1".parse().unwrap())
    );
}

#[tokio::test]
async fn too_many_headers_are_refused() {
    let chain = Chain::start(Shape::OneProcess, &[]).await;
    let call = (0..70).fold(Call::get("/v1/echo"), |call, n| call.header(&format!("x-{n}"), "1"));
    assert_eq!(chain.send(call).await.refusal(), (431, "web.headers_too_many"));
}

#[tokio::test]
async fn the_language_goes_through() {
    let chain = Chain::start(Shape::OverHttp, &[]).await;
    let answer =
        chain.send(Call::get("/v1/baskets/1").bearer(TILL_KEY).header("accept-language", "ar")).await;
    assert_eq!(answer.body["language"], "ar");
    let refused =
        chain.send(Call::get("/v1/baskets/x").bearer(TILL_KEY).header("accept-language", "fa")).await;
    assert_eq!(refused.refusal(), (400, "web.path_invalid"));
    assert_eq!(refused.headers["content-language"], "fa");
}
