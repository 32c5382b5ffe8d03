//! Requests to a shop's router, signed as the gateway would sign them, and what came back.

use std::time::Duration;

use axum::{body::Body, http::Request};
use http_body_util::BodyExt as _;
use kernel::MemberId;
use serde_json::Value;
use tower::ServiceExt as _;
use web::{CALLER_HEADER, Caller, DEADLINE_HEADER};

use crate::shop::Shop;

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub replayed: bool,
    pub retry_after: bool,
    pub body: Value,
    pub text: String,
}

impl Answer {
    /// The body, once it is sure that the answer has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }

    /// Asserts a refusal with this status and code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.text);
        self.body
    }

    /// The problem's code; empty when it is none.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

/// Somebody who sends requests.
#[derive(Clone)]
pub struct Sender<'a> {
    shop: &'a Shop,
    caller: Caller,
    language: &'static str,
    deadline_ms: Option<u64>,
    /// Why they look, where somebody is shown to them.
    reason: Option<&'static str>,
}

impl<'a> Sender<'a> {
    pub fn new(shop: &'a Shop, caller: Caller) -> Self {
        Self { shop, caller, language: "en", deadline_ms: None, reason: Some("audit") }
    }

    pub fn speaking(mut self, language: &'static str) -> Self {
        self.language = language;
        self
    }

    /// Looks for this reason, or says none.
    pub fn saying(mut self, reason: Option<&'static str>) -> Self {
        self.reason = reason;
        self
    }

    /// Waits no longer for answers.
    pub fn within_ms(mut self, millis: u64) -> Self {
        self.deadline_ms = Some(millis);
        self
    }

    /// Sends a purchase.
    pub async fn buy(&self, key: &str, body: &Value) -> Answer {
        self.send("POST", "/v1/purchases", &[("idempotency-key", key)], Some(body.to_string())).await
    }

    /// Sends a return.
    pub async fn give_back(&self, key: &str, body: &Value) -> Answer {
        self.send("POST", "/v1/returns", &[("idempotency-key", key)], Some(body.to_string())).await
    }

    /// Sends anything under a key.
    pub async fn keyed(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[("idempotency-key", key)], Some(body.to_string())).await
    }

    /// Sends points to another member.
    pub async fn transfer(&self, key: &str, body: &Value) -> Answer {
        self.send("POST", "/v1/transfers", &[("idempotency-key", key)], Some(body.to_string())).await
    }

    /// Says something to a transfer.
    pub async fn says(&self, id: &Value, step: &str, body: Option<Value>) -> Answer {
        let path = format!("/v1/transfers/{}/{step}", id.as_str().expect("an id"));
        self.send("POST", &path, &[], body.map(|body| body.to_string())).await
    }

    /// Asks what a purchase would bring.
    pub async fn rehearse(&self, key: &str, body: &Value) -> Answer {
        let mut body = body.clone();
        body["dry_run"] = true.into();
        self.buy(key, &body).await
    }

    pub async fn balance(&self, of: MemberId) -> Value {
        self.get(&format!("/v1/members/{of}/balance")).await.expect(200)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, &[], Some(body.to_string())).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, &[], Some(body.to_string())).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None).await
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        let mut request =
            Request::builder().method(method).uri(path).header("accept-language", self.language);
        if self.caller != Caller::Anonymous {
            let signed = self.shop.caller_key.sign(&self.caller, "points", Duration::from_mins(1));
            request = request.header(CALLER_HEADER, signed);
        }
        if let Some(reason) = self.reason {
            request = request.header("look-reason", reason);
        }
        if let Some(millis) = self.deadline_ms {
            request = request.header(DEADLINE_HEADER, millis);
        }
        if body.is_some() && !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.map_or_else(Body::empty, Body::from)).expect("a request");
        let response = self.shop.router.clone().oneshot(request).await.expect("a router always answers");
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        Answer {
            status: head.status.as_u16(),
            replayed: head.headers.get("idempotency-replayed").is_some_and(|value| value == "true"),
            retry_after: head.headers.contains_key("retry-after"),
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}
