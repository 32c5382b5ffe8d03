//! Connections that fail: what is safe is sent once more, and what cannot be reached is left alone.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use web::{Access, Lane, RouteSpec, Upstream};

use crate::chain::{Call, Chain, Membership, backend, plan, settings};

const EARN: RouteSpec = RouteSpec::post("/v1/earn", "earn", Access::Anyone).lane(Lane::Till).keyed();
const JOIN: RouteSpec = RouteSpec::post("/v1/join", "join", Access::Anyone).lane(Lane::Till);
const LOOK: RouteSpec = RouteSpec::get("/v1/look", "look", Access::Anyone).lane(Lane::Till);

/// A service that hangs up on the first requests, after it has read them, and answers the others with what it read.
struct Shaky {
    heard: Arc<AtomicUsize>,
    chain: Chain,
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        if !head.is_empty() && body.len() >= length.unwrap_or(0) {
            return Some(body.to_owned());
        }
    }
}

impl Shaky {
    async fn start(hang_up: usize, changes: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = Upstream::http(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let heard = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&heard);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let Some(body) = read_request(&mut stream).await else { continue };
                if counter.fetch_add(1, Ordering::SeqCst) < hang_up {
                    continue;
                }
                let answer =
                    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
                let _ = stream.write_all((answer + &body).as_bytes()).await;
            }
        });
        let nowhere = Upstream::in_process(Arc::default());
        let backends =
            vec![backend("membership", &[], nowhere), backend("shop", &[&EARN, &JOIN, &LOOK], upstream)];
        let changes = [&[("gateway.guard", "true")], changes].concat();
        let router = gateway::router(plan(backends, settings(&changes))).unwrap();
        Self { heard, chain: Chain { router, membership: Arc::new(Membership::default()) } }
    }

    fn heard(&self) -> usize {
        self.heard.load(Ordering::SeqCst)
    }
}

fn earn() -> Call {
    let call = Call::new(Method::POST, "/v1/earn").header("idempotency-key", "k");
    call.header("content-type", "application/json").body(r#"{"amount":5}"#)
}

#[tokio::test]
async fn what_is_safe_to_repeat_is_sent_once_more_with_its_body() {
    for (call, body) in [(earn(), serde_json::json!({ "amount": 5 })), (Call::get("/v1/look"), "".into())] {
        let shaky = Shaky::start(1, &[]).await;
        let answer = shaky.chain.send(call).await;
        assert_eq!((answer.status.as_u16(), answer.body), (200, body));
        assert_eq!(shaky.heard(), 2);
    }
}

#[tokio::test]
async fn what_is_not_safe_is_sent_once_only_and_nothing_is_without_the_guard() {
    let shaky = Shaky::start(1, &[]).await;
    let answer = shaky.chain.send(Call::new(Method::POST, "/v1/join")).await;
    assert_eq!(answer.refusal(), (502, "gateway.service_broke_off"));
    assert_eq!(shaky.heard(), 1);
    let shaky = Shaky::start(1, &[("gateway.guard", "false")]).await;
    assert_eq!(shaky.chain.send(earn()).await.refusal(), (502, "gateway.service_broke_off"));
    assert_eq!(shaky.heard(), 1);
}

#[tokio::test]
async fn retries_stay_within_their_budget() {
    let shaky = Shaky::start(usize::MAX, &[("gateway.breaker_failures", "10000")]).await;
    for _ in 0..60 {
        assert_eq!(shaky.chain.send(earn()).await.status, 502);
    }
    // A fifth of sixty, and ten for each second that this took; ten were saved up at the start.
    let again = shaky.heard() - 60;
    assert!((10..60).contains(&again), "{again} of 60 were sent again");
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_is_left_alone_and_taken_back() {
    let changes = [("gateway.breaker_failures", "2"), ("gateway.breaker_pause_ms", "300")];
    let shaky = Shaky::start(4, &changes).await;
    for _ in 0..2 {
        assert_eq!(shaky.chain.send(earn()).await.refusal(), (502, "gateway.service_broke_off"));
    }
    assert_eq!(shaky.heard(), 4);
    let refused = shaky.chain.send(earn()).await;
    assert_eq!(refused.refusal(), (503, "gateway.service_down"));
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(shaky.heard(), 4, "nothing was sent");
    tokio::time::sleep(Duration::from_millis(400)).await;
    for _ in 0..3 {
        assert_eq!(shaky.chain.send(earn()).await.status, 200);
    }
}
