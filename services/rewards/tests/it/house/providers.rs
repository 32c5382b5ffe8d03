//! What the harness knows of providers that deliver rewards.

use std::time::Duration;

use axum::{body::Body, http::Request};
use testkit::{payments::SignedEvent, top_ups};
use web::CALLER_HEADER;

use super::{Answer, Sender};

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
