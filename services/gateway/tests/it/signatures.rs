//! Calls that a till signed (promise 22): what was changed, left out, is old or somebody else's is refused.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::Method;
use serde_json::json;
use web::MessageSigner;

use crate::chain::{Call, Chain, Shape, TILL_KEY};

const BODY: &str = r#"{"amount":5}"#;
/// The time of the gateway's clock in these tests, which stands still.
const NOW: i64 = 0;

fn signer() -> MessageSigner {
    MessageSigner::new(&[3; 32])
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// A chain that knows the signer's key.
async fn chain(shape: Shape, changes: &[(&str, &str)]) -> Chain {
    let chain = Chain::start(shape, changes).await;
    let public = signer().public_key();
    let digest = ring::digest::digest(&ring::digest::SHA256, &URL_SAFE_NO_PAD.decode(&public).unwrap());
    chain.membership.public_keys.lock().unwrap().insert(hexadecimal(digest.as_ref()), public);
    chain
}

/// Signed for one request; sent with another one where `sent` says so.
struct Signed {
    created: i64,
    body: &'static str,
    key: Option<&'static str>,
    signer: MessageSigner,
}

impl Default for Signed {
    fn default() -> Self {
        Self { created: NOW, body: BODY, key: Some("k-1"), signer: signer() }
    }
}

impl Signed {
    fn call(&self, method: Method, path: &str, key: Option<&str>, body: &'static str) -> Call {
        let headers =
            self.signer.headers(&Method::POST, "/v1/baskets", self.key, self.body.as_bytes(), self.created);
        let mut call = Call::new(method, path).header("content-type", "application/json").body(body);
        for (name, value) in headers {
            call = call.header(name.as_str(), &value);
        }
        if let Some(key) = key { call.header("idempotency-key", key) } else { call }
    }

    fn as_it_is(&self) -> Call {
        self.call(Method::POST, "/v1/baskets", self.key, self.body)
    }
}

#[tokio::test]
async fn a_signed_call_is_the_tills_whose_key_it_is() {
    for shape in [Shape::OneProcess, Shape::OverHttp] {
        let chain = chain(shape, &[]).await;
        let answer = chain.send(Signed::default().as_it_is()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.body, json!({ "caller": "till", "body": { "amount": 5 } }));
        assert!(answer.headers["ratelimit-policy"].to_str().unwrap().starts_with("\"till\""));
    }
}

#[tokio::test]
async fn nothing_of_a_signed_call_can_be_changed_added_or_left_out() {
    let other = r#"{"amount":6}"#;
    for shape in [Shape::OneProcess, Shape::OverHttp] {
        let chain = chain(shape, &[]).await;
        let signed = Signed::default();
        let path = "/v1/baskets";
        let table = [
            (signed.call(Method::POST, path, Some("k-1"), other), "gateway.body_altered"),
            (signed.call(Method::POST, path, Some("k-1"), ""), "gateway.body_altered"),
            (signed.call(Method::POST, path, Some("k-2"), BODY), "gateway.signature_wrong"),
            (signed.call(Method::POST, path, None, BODY), "gateway.signature_incomplete"),
            (signed.call(Method::POST, "/v1/baskets?a=1", Some("k-1"), BODY), "gateway.signature_incomplete"),
            (signed.call(Method::GET, "/v1/baskets/1", Some("k-1"), BODY), "gateway.signature_wrong"),
            (
                Signed { key: None, ..Signed::default() }.call(Method::POST, path, Some("k-1"), BODY),
                "gateway.signature_incomplete",
            ),
            (
                Signed { body: "", ..Signed::default() }.call(Method::POST, path, Some("k-1"), BODY),
                "gateway.signature_incomplete",
            ),
        ];
        for (place, (call, code)) in table.into_iter().enumerate() {
            let refused = chain.send(call).await;
            assert_eq!(refused.refusal(), (401, code), "{shape:?} {place}");
        }
    }
}

#[tokio::test]
async fn a_body_in_pieces_is_compared_before_the_service_has_all_of_it() {
    use futures_util::stream;
    use http_body_util::StreamBody;
    use hyper::body::Frame;
    for shape in [Shape::OneProcess, Shape::OverHttp] {
        let chain = chain(shape, &[]).await;
        for (last, status) in [("5}", 200), ("6}", 401)] {
            let pieces = [r#"{"amo"#, r#"unt":"#, last]
                .map(|piece| Ok::<_, std::convert::Infallible>(Frame::data(bytes::Bytes::from(piece))));
            let body = web::RawBody::new(StreamBody::new(stream::iter(pieces)));
            let call = Signed::default().as_it_is().body(body);
            assert_eq!(chain.send(call).await.status, status, "{shape:?} {last}");
        }
    }
}

#[tokio::test]
async fn old_early_unknown_and_unreadable_signatures_are_refused() {
    let chain = chain(Shape::OneProcess, &[("gateway.signature_window_s", "300")]).await;
    let at = |created| Signed { created, ..Signed::default() }.as_it_is();
    assert_eq!(chain.send(at(NOW + 60)).await.status, 200);
    assert_eq!(chain.send(at(NOW + 61)).await.refusal(), (401, "gateway.signature_old"));
    let stranger = Signed { signer: MessageSigner::new(&[4; 32]), ..Signed::default() };
    assert_eq!(chain.send(stranger.as_it_is()).await.refusal(), (401, "gateway.key_unknown"));
    let odd = Call::basket(BODY).header("signature-input", "x");
    assert_eq!(chain.send(odd).await.refusal(), (400, "gateway.signature_malformed"));
    let both = Signed::default().as_it_is().bearer(TILL_KEY);
    assert_eq!(chain.send(both).await.refusal(), (400, "gateway.authorization_repeated"));
}

#[tokio::test]
async fn a_chain_can_do_without_plain_keys() {
    let chain = chain(Shape::OneProcess, &[("gateway.plain_till_keys", "false")]).await;
    let plain = chain.send(Call::get("/v1/baskets/1").bearer(TILL_KEY)).await;
    assert_eq!(plain.refusal(), (401, "gateway.till_key_plain"));
    assert_eq!(chain.send(Signed::default().as_it_is()).await.status, 200);
}

#[tokio::test]
async fn a_key_that_is_sent_signs_nothing() {
    // Somebody names the digest of a plain key.
    let chain = chain(Shape::OneProcess, &[]).await;
    let digest = ring::digest::digest(&ring::digest::SHA256, TILL_KEY.as_bytes());
    let named = URL_SAFE_NO_PAD.encode(digest.as_ref());
    let input = format!("till=(\"@method\" \"@path\");created={NOW};keyid=\"{named}\"");
    let call = Call::get("/v1/baskets/1").header("signature-input", &input);
    let refused = chain.send(call.header("signature", "till=:AAAA:")).await;
    assert_eq!(refused.refusal(), (401, "gateway.key_unknown"));
}
