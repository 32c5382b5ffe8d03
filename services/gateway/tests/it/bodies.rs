use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::StreamBody;
use hyper::body::Frame;
use serde_json::json;
use web::RawBody;

use crate::chain::{Call, Chain, Shape};

fn pieces(count: usize, each: usize) -> RawBody {
    let piece = move |n: usize| {
        let text = if n == 0 { format!("{{\"a\":\"{}", "x".repeat(each)) } else { "x".repeat(each) };
        Ok::<_, Infallible>(Frame::data(Bytes::from(text)))
    };
    let end = stream::iter([Ok(Frame::data(Bytes::from("\"}")))]);
    RawBody::new(StreamBody::new(futures_util::StreamExt::chain(stream::iter((0..count).map(piece)), end)))
}

#[tokio::test]
async fn a_body_goes_through_whole_or_in_pieces() {
    for shape in [Shape::OneProcess, Shape::OverHttp] {
        let chain = Chain::start(shape, &[]).await;
        let whole = chain.send(Call::basket(r#"{"a":1}"#)).await;
        assert_eq!(whole.body, json!({ "caller": "till", "body": { "a": 1 } }), "{shape:?}");
        let streamed = chain.send(Call::basket(pieces(5, 100))).await;
        assert_eq!(streamed.body["body"]["a"].as_str().map(str::len), Some(500), "{shape:?}");
    }
}

#[tokio::test]
async fn too_large_a_body_is_refused_declared_or_not() {
    for shape in [Shape::OneProcess, Shape::OverHttp] {
        let chain = Chain::start(shape, &[]).await;
        let declared = chain.send(Call::basket(format!("\"{}\"", "x".repeat(2_000)))).await;
        assert_eq!(declared.refusal(), (413, "web.body_too_large"), "{shape:?}");
        assert_eq!(declared.body["limit_bytes"], 1_000);
        let streamed = chain.send(Call::basket(pieces(20, 100))).await;
        assert_eq!(streamed.refusal(), (413, "web.body_too_large"), "{shape:?}");
    }
}

#[tokio::test]
async fn a_body_that_never_ends_is_slow_and_not_late() {
    for shape in [Shape::OneProcess, Shape::OverHttp] {
        let chain = Chain::start(shape, &[("gateway.till_deadline_ms", "800")]).await;
        let first = stream::iter([Ok::<_, Infallible>(Frame::data(Bytes::from("{")))]);
        let endless = RawBody::new(StreamBody::new(futures_util::StreamExt::chain(first, stream::pending())));
        let answer = tokio::time::timeout(Duration::from_secs(5), chain.send(Call::basket(endless))).await;
        assert_eq!(answer.unwrap().refusal(), (408, "web.body_too_slow"), "{shape:?}");
    }
}

#[tokio::test]
async fn nonsense_is_refused_by_the_service_in_its_words() {
    for shape in [Shape::OneProcess, Shape::OverHttp] {
        let chain = Chain::start(shape, &[]).await;
        let answer = chain.send(Call::basket("{").header("accept-language", "ar")).await;
        assert_eq!(answer.refusal(), (400, "web.body_malformed"), "{shape:?}");
        assert_eq!(answer.headers["content-language"], "ar");
        assert_eq!(answer.body["trace_id"], answer.headers["x-request-id"].to_str().unwrap());
    }
}
