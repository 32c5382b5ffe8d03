use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::Router;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use web::{AskError, Peer, ServeLimits, Upstream, UpstreamError, serve};

use crate::platform::{Call, a_till, caller_key, router};

const WITHIN: Duration = Duration::from_secs(5);

fn in_process(router: Router) -> Upstream {
    Upstream::in_process(Arc::new(OnceLock::from(router)))
}

async fn over_http(router: Router) -> Upstream {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve(listener, router, ServeLimits::default(), CancellationToken::new()));
    Upstream::http(&base).unwrap()
}

fn peer(upstream: Upstream) -> Peer {
    Peer::new(upstream, caller_key(), "points", "shop")
}

#[tokio::test]
async fn a_question_is_answered_in_both_shapes() {
    for upstream in [in_process(router(caller_key())), over_http(router(caller_key())).await] {
        let peer = peer(upstream);
        let question = json!({ "digest": "ab" });
        let answer: Value = peer.ask(Method::POST, "/internal/v1/resolve", &question, WITHIN).await.unwrap();
        assert_eq!(answer["heard"], question);
    }
}

#[tokio::test]
async fn a_refusal_tells_its_status_and_code() {
    for upstream in [in_process(router(caller_key())), over_http(router(caller_key())).await] {
        let refused = peer(upstream).ask::<_, Value>(Method::GET, "/v1/nothing", &json!({}), WITHIN).await;
        let expected =
            AskError::Refused { status: StatusCode::NOT_FOUND, code: "web.route_unknown".to_owned() };
        assert_eq!(refused, Err(expected.clone()));
        assert!(!expected.is_missing(), "a wrong address is no missing thing");
    }
}

#[tokio::test]
async fn who_is_not_there_is_unreachable() {
    let empty = Upstream::in_process(Arc::new(OnceLock::new()));
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for upstream in [empty, Upstream::http(&format!("http://{closed}")).unwrap()] {
        let refused = peer(upstream).ask::<_, Value>(Method::GET, "/v1/x", &json!({}), WITHIN).await;
        assert_eq!(refused, Err(AskError::Upstream(UpstreamError::Unreachable)));
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_late() {
    let silent = Router::new().fallback(std::future::pending::<String>);
    for upstream in [in_process(silent.clone()), over_http(silent).await] {
        let within = Duration::from_millis(100);
        let refused = peer(upstream).ask::<_, Value>(Method::GET, "/v1/x", &json!({}), within).await;
        assert_eq!(refused, Err(AskError::Late));
    }
}

#[tokio::test]
async fn a_request_passes_over_http_as_it_came_without_what_concerns_one_hop() {
    let echo = Router::new().fallback(|request: web::Request| async move {
        let mut names: Vec<String> = request.headers().keys().map(ToString::to_string).collect();
        names.sort();
        axum::Json(json!({ "uri": request.uri().to_string(), "names": names }))
    });
    let upstream = over_http(echo).await;
    let echoed = Call::get("/v1/a%20b?x=1&y=%D8%B3")
        .header("connection", "keep-alive, x-secret")
        .header("te", "trailers")
        .header("x-request-id", "r")
        .send_to(Router::new().fallback(move |request: web::Request| {
            let upstream = upstream.clone();
            async move { upstream.call(request).await.unwrap() }
        }))
        .await;
    assert_eq!(echoed.body["uri"], "/v1/a%20b?x=1&y=%D8%B3");
    assert_eq!(echoed.body["names"], json!(["host", "x-request-id"]));
}

#[tokio::test]
async fn a_body_is_streamed_through_over_http() {
    let upstream = over_http(router(caller_key())).await;
    let answer = Call::post("/v1/baskets")
        .from(&a_till())
        .json(r#"{"currency":"IRR","lines":[{"sku":"tea","amount":5}]}"#)
        .send_to(Router::new().fallback(move |request: web::Request| {
            let upstream = upstream.clone();
            async move { upstream.call(request).await.unwrap() }
        }))
        .await;
    assert_eq!((answer.status.as_u16(), &answer.body["total"]), (200, &json!(5)));
}

#[test]
fn only_a_bare_http_address_is_an_upstream() {
    for wrong in ["points:8080", "https://points", "http://points/v1", "", "/points", "http://"] {
        assert!(Upstream::http(wrong).is_err(), "{wrong}");
    }
    assert!(Upstream::http("http://points:8080/").is_ok());
}
