//! Who is called by the service: other services, and the provider of top-ups.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Json, Router, body::Body, http::Request};
use runtime::Peers;
use serde_json::{Value, json};
use testkit::{payments::SignedEvent, top_ups};
use web::{CALLER_HEADER, Upstream};

use super::{Answer, Sender, member};

/// The settings that tests need, with the provider at this address.
pub(super) fn settings(at: &str) -> [(&'static str, &str); 7] {
    [
        ("WAIT_MS", "0"),
        ("SWEEP_MS", "50"),
        ("GUESSES", "3"),
        ("TOP_UP_URL", at),
        ("TOP_UP_SECRET", top_ups::SECRET),
        ("TOP_UP_EVENT_SECRETS", top_ups::EVENT_SECRET),
        ("TOP_UP_TIMEOUT_MS", "300"),
    ]
}

/// Somebody else's services: membership knows every id and one phone, points says what the test says.
pub(super) fn peers(standing: &Arc<Mutex<Option<Value>>>) -> Peers {
    let standing = Arc::clone(standing);
    let points = Router::new().fallback(move || {
        let said = standing.lock().expect("no panic").clone();
        async move { said.map(Json).ok_or(axum::http::StatusCode::SERVICE_UNAVAILABLE) }
    });
    let membership = Router::new().fallback(|request: axum::extract::Request| async move {
        let last = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        if last == "phone" {
            return Json(json!({"phone": "+989121234567"}));
        }
        if last == "proofs" {
            let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.expect("a body");
            let questions: Value = serde_json::from_slice(&body).expect("questions");
            let asked = questions["asked"].as_array().expect("questions");
            return Json(asked.iter().map(|_| json!({"phone_confirmed": true})).collect());
        }
        let found = if last == "resolve" { member(1).to_string() } else { last };
        Json(json!({"member_id": found, "phone_confirmed": true}))
    });
    let served = [("points", points), ("membership", membership)];
    Peers::new(served.map(|(name, router)| (name, Upstream::in_process(Arc::new(router.into())))).into())
}

impl Sender<'_> {
    /// A message that is signed.
    pub async fn event(&self, event: &SignedEvent) -> Answer {
        let signed = self.house.caller_key.sign(&self.caller, rewards::NAME, Duration::from_mins(1));
        let mut request = Request::builder().method("POST").uri("/v1/top-up-events");
        request = request.header(CALLER_HEADER, signed).header("content-type", "application/json");
        for (name, value) in &event.headers {
            request = request.header(*name, value);
        }
        self.answered(request.body(Body::from(event.body.clone())).expect("a request")).await
    }
}
