use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use http_body_util::StreamBody;
use hyper::body::Frame;
use serde_json::json;
use web::RawBody;

use crate::platform::{Call, a_till};

fn basket(body: &str) -> Call {
    Call::post("/v1/baskets").from(&a_till()).json(body)
}

#[tokio::test]
async fn a_good_body_is_read() {
    let answer = basket(r#"{"currency":"IRR","lines":[{"sku":"tea","amount":5},{"sku":"rice","amount":7}]}"#)
        .header("accept-language", "fa-IR,fa;q=0.9,en;q=0.5")
        .send()
        .await;
    assert_eq!(answer.body, json!({ "total": 12, "caller": "till", "language": "fa" }));
}

#[tokio::test]
async fn each_mistake_in_a_body_has_its_own_code_and_names_its_place() {
    let deep = "[".repeat(300);
    let table = [
        (r#"{"currency":"IRR","#, "web.body_malformed", ""),
        (r#"{"currency":"IRR","lines":[]} trailing"#, "web.body_malformed", ""),
        (r#"{"currency":"IRR"}"#, "web.field_missing", "/lines"),
        (r#"{"currency":"IRR","lines":[{"sku":"tea"}]}"#, "web.field_missing", "/lines/0/amount"),
        (r#"{"currency":"IRR","lines":[],"nte":1}"#, "web.field_unknown", "/nte"),
        (
            r#"{"currency":"IRR","lines":[{"sku":"t","amount":1,"a/b":2}]}"#,
            "web.field_unknown",
            "/lines/0/a~1b",
        ),
        (r#"{"currency":"IRR","lines":[{"sku":"tea","amount":"5"}]}"#, "web.field_type", "/lines/0/amount"),
        (r#"{"currency":"IRR","lines":[{"sku":"tea","amount":5.5}]}"#, "web.field_type", "/lines/0/amount"),
        (
            r#"{"currency":"IRR","lines":[{"sku":"t","amount":9223372036854775808}]}"#,
            "web.field_invalid",
            "/lines/0/amount",
        ),
        (
            r#"{"currency":"IRR","lines":[{"sku":"t","amount":1e999}]}"#,
            "web.number_out_of_range",
            "/lines/0/amount",
        ),
        (r#"{"currency":"IRR","currency":"IRR","lines":[]}"#, "web.field_repeated", "/currency"),
        (r#"{"currency":"IRR","kind":"theft","lines":[]}"#, "web.field_choice", "/kind"),
        ("[1,2]", "web.body_not_object", ""),
        ("7", "web.body_not_object", ""),
        (&format!(r#"{{"currency":"IRR","lines":{deep}"#), "web.field_type", "/lines/0/0"),
    ];
    for (body, code, pointer) in table {
        let answer = basket(body).send().await;
        assert_eq!(answer.refusal(), (400, code), "{body}: {answer:?}");
        let found = answer.body.get("pointer").and_then(|p| p.as_str()).unwrap_or_default();
        assert_eq!(found, pointer, "{body}: {answer:?}");
    }
}

#[tokio::test]
async fn text_that_is_not_utf8_is_refused_as_that() {
    let mut body = br#"{"currency":"I"#.to_vec();
    body.extend([0xff, 0xfe]);
    body.extend(br#"","lines":[]}"#);
    let call =
        Call::post("/v1/baskets").from(&a_till()).header("content-type", "application/json").body(body);
    assert_eq!(call.send().await.refusal(), (400, "web.body_not_utf8"));
}

#[tokio::test]
async fn a_body_nested_without_end_is_refused() {
    let call = Call::post("/internal/v1/resolve")
        .from(&web::Caller::Service("points".into()))
        .json(format!(r#"{{"a":{}"#, "[".repeat(60_000)));
    assert_eq!(call.send().await.refusal(), (400, "web.body_too_deep"));
}

#[tokio::test]
async fn only_json_is_read() {
    let good = r#"{"currency":"IRR","lines":[]}"#;
    let call = |kind: &'static str| {
        Call::post("/v1/baskets").from(&a_till()).header("content-type", kind).body(good)
    };
    for kind in ["application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"] {
        assert_eq!(call(kind).send().await.status, 200, "{kind}");
    }
    for kind in ["text/plain", "application/jsonp", ""] {
        assert_eq!(call(kind).send().await.refusal(), (415, "web.body_media_type"), "{kind}");
    }
    let none = Call::post("/v1/baskets").from(&a_till()).header("content-type", "application/json");
    assert_eq!(none.send().await.refusal(), (400, "web.body_missing"));
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_declared_or_not() {
    let long = format!(r#"{{"currency":"{}","lines":[]}}"#, "x".repeat(1_000));
    let answer = basket(&long).send().await;
    assert_eq!(answer.refusal(), (413, "web.body_too_large"));
    assert_eq!(answer.body["limit_bytes"], 1_000);

    let pieces = (0..20).map(|_| Ok::<_, Infallible>(Frame::data(Bytes::from(vec![b' '; 100]))));
    let undeclared = RawBody::new(StreamBody::new(futures_util::stream::iter(pieces)));
    let call =
        Call::post("/v1/baskets").from(&a_till()).header("content-type", "application/json").body(undeclared);
    assert_eq!(call.send().await.refusal(), (413, "web.body_too_large"));
}

#[tokio::test]
async fn a_body_in_pieces_is_put_together() {
    let pieces = [r#"{"currency":"#, r#""IRR","lines":[{"sku":"tea","#, r#""amount":5}]}"#];
    let pieces = pieces.map(|piece| Ok::<_, Infallible>(Frame::data(Bytes::from(piece))));
    let body = RawBody::new(StreamBody::new(futures_util::stream::iter(pieces)));
    let call =
        Call::post("/v1/baskets").from(&a_till()).header("content-type", "application/json").body(body);
    assert_eq!(call.send().await.body["total"], 5);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_is_refused_as_slow_before_the_deadline() {
    let endless = futures_util::stream::pending::<Result<Frame<Bytes>, Infallible>>();
    let call = Call::post("/v1/baskets")
        .from(&a_till())
        .header("content-type", "application/json")
        .header("vafa-deadline-ms", "8000")
        .body(RawBody::new(StreamBody::new(endless)));
    let began = tokio::time::Instant::now();
    assert_eq!(call.send().await.refusal(), (408, "web.body_too_slow"));
    assert!(began.elapsed() <= Duration::from_secs(6), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused() {
    let pieces = [Ok(Frame::data(Bytes::from("{"))), Err(std::io::Error::other("gone"))];
    let body = RawBody::new(StreamBody::new(futures_util::stream::iter(pieces)));
    let call =
        Call::post("/v1/baskets").from(&a_till()).header("content-type", "application/json").body(body);
    assert_eq!(call.send().await.refusal(), (400, "web.body_cut_off"));
}
