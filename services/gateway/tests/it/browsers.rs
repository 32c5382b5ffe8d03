//! What browsers, proxies and the users of old routes are told.

use http::Method;

use crate::chain::{Call, Chain, Shape, TILL_KEY};

#[tokio::test]
async fn every_answer_keeps_browsers_from_guessing_framing_and_storing() {
    let chain = Chain::start(Shape::OneProcess, &[]).await;
    let answers = [
        chain.send(Call::get("/v1/echo")).await,
        chain.send(Call::get("/v1/nothing")).await,
        chain.send(Call::get("/v1/baskets/1").bearer(TILL_KEY)).await,
    ];
    for answer in answers {
        let headers = &answer.headers;
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["content-security-policy"], "default-src 'none'; frame-ancestors 'none'");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert!(!headers.contains_key("strict-transport-security"));
    }
    let page = chain.send(Call::get("/docs/")).await;
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains("script-src 'self'"));
    let strict = Chain::start(Shape::OneProcess, &[("gateway.strict_transport_s", "31536000")]).await;
    let answer = strict.send(Call::get("/v1/echo")).await;
    assert_eq!(answer.headers["strict-transport-security"], "max-age=31536000; includeSubDomains");
}

fn preflight(origin: &str) -> Call {
    Call::new(Method::OPTIONS, "/v1/baskets")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,idempotency-key")
}

#[tokio::test]
async fn pages_of_named_origins_may_call_and_no_others() {
    let origins = ("gateway.cors_origins", "https://club.example, http://localhost:3000");
    let chain = Chain::start(Shape::OneProcess, &[origins]).await;
    let allowed = chain.send(preflight("https://club.example")).await;
    assert_eq!(allowed.status, 200);
    assert_eq!(allowed.headers["access-control-allow-origin"], "https://club.example");
    assert!(allowed.headers["access-control-allow-headers"].to_str().unwrap().contains("idempotency-key"));
    assert!(!allowed.headers.contains_key("access-control-allow-credentials"));
    let read = chain.send(Call::get("/v1/echo").header("origin", "http://localhost:3000")).await;
    assert_eq!(read.headers["access-control-allow-origin"], "http://localhost:3000");
    assert!(read.headers["access-control-expose-headers"].to_str().unwrap().contains("retry-after"));
    let other = chain.send(preflight("https://evil.example")).await;
    assert!(!other.headers.contains_key("access-control-allow-origin"));
    let nobody = Chain::start(Shape::OneProcess, &[]).await;
    assert_eq!(nobody.send(preflight("https://club.example")).await.status, 405);
}

#[tokio::test]
async fn a_route_that_is_going_away_says_so_in_every_answer_and_in_the_description() {
    let chain = Chain::start(Shape::OverHttp, &[]).await;
    for path in ["/v1/old/1", "/v1/old/x"] {
        let answer = chain.send(Call::get(path)).await;
        assert_eq!(answer.headers["deprecation"], "@1767225600");
        assert_eq!(answer.headers["sunset"], "Fri, 01 Jan 2027 00:00:00 GMT");
        assert_eq!(answer.headers["link"], "</v1/echo>; rel=\"successor-version\"");
    }
    assert!(!chain.send(Call::get("/v1/echo")).await.headers.contains_key("deprecation"));
    let described = chain.send(Call::get("/openapi.json")).await.body;
    assert_eq!(described["paths"]["/v1/old/{basket_id}"]["get"]["deprecated"], true);
    assert_eq!(described["paths"]["/v1/echo"]["get"].get("deprecated"), None);
}

#[tokio::test]
async fn a_proxy_that_is_named_speaks_for_its_callers_and_nobody_else_does() {
    let changes = [
        ("gateway.trusted_proxies", "10.0.0.0/8"),
        ("gateway.anonymous_rate_per_s", "1"),
        ("gateway.anonymous_burst", "1"),
    ];
    let chain = Chain::start(Shape::OneProcess, &changes).await;
    let call = |peer: &str, said: &str| {
        let call = Call::new(Method::POST, "/v1/origin").at_address(peer).header("x-forwarded-for", said);
        chain.send(call)
    };
    assert_eq!(call("10.0.0.1", "203.0.113.7").await.body["from"], "203.0.113.7");
    assert_eq!(call("10.0.0.1", "198.51.100.1, 203.0.113.8").await.body["from"], "203.0.113.8");
    let again = call("10.0.0.2", "203.0.113.7").await;
    assert_eq!(again.refusal(), (429, "gateway.rate_limited"), "one address through two proxies");
    assert_eq!(call("192.0.2.1", "203.0.113.9").await.body["from"], "192.0.2.1");
}
