//! The chain's own systems: a call for each message, signed as Standard Webhooks has it, and they do the rest.
//!
//! They know the member by the id, so no phone and no mailbox goes there. The same id again is the same message to them.

use anyhow::Context as _;
use async_trait::async_trait;
use axum::{
    body::Body,
    http::{HeaderName, Method, Request, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::hmac;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    Provider,
    call::{Caller, is_address, within},
};
use crate::domain::sending::{Address, Handed, Outgoing, Receipt, Refused};

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");
/// The shortest and longest secret of Standard Webhooks, in bytes.
const SECRET: std::ops::RangeInclusive<usize> = 24..=64;

/// What the file says of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    url: String,
    secret: String,
    #[serde(default = "patience_ms")]
    timeout_ms: u64,
}

const fn patience_ms() -> u64 {
    10_000
}

/// A system of the chain's.
pub struct Hook {
    caller: Caller,
    url: String,
    signing: hmac::Key,
}

impl Hook {
    /// The system of these terms; it is not called yet.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(terms: Terms) -> anyhow::Result<Self> {
        let patience = within(terms.timeout_ms)?;
        anyhow::ensure!(is_address(&terms.url), "url begins with https://, or http:// and a host");
        let bytes = terms.secret.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
        let bytes = bytes.filter(|bytes| SECRET.contains(&bytes.len()));
        let bytes = bytes.context("secret is whsec_ and 24 to 64 bytes in base64")?;
        let signing = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        Ok(Self { caller: Caller::new(patience)?, url: terms.url, signing })
    }

    fn request(&self, message: &Outgoing) -> anyhow::Result<Request<Body>> {
        let sent_at = message.at.micros().div_euclid(1_000_000);
        let body = json!({
            "type": "message.due",
            "timestamp": message.at,
            "data": {
                "message_id": message.id,
                "member_id": message.to.text(),
                "language": message.language,
                "title": message.title.expose(),
                "text": message.text.expose(),
            },
        });
        let body = body.to_string();
        let tag = hmac::sign(&self.signing, format!("{}.{sent_at}.{body}", message.id).as_bytes());
        let request = Request::builder()
            .method(Method::POST)
            .uri(&self.url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(ID, message.id.to_string())
            .header(TIMESTAMP, sent_at)
            .header(SIGNATURE, format!("v1,{}", STANDARD.encode(tag)));
        Ok(request.body(Body::from(body))?)
    }
}

#[async_trait]
impl Provider for Hook {
    async fn hand(&self, message: &Outgoing) -> Handed {
        let Ok(request) = self.request(message) else { return Handed::Refused(Refused::Content) };
        match self.caller.call(request).await {
            Ok(answer) if answer.status.is_success() => Handed::Taken { reference: None, cost: None },
            Ok(answer) => answer.refusal(message.at),
            Err(silence) => silence.into(),
        }
    }

    fn knows_repetitions(&self) -> bool {
        true
    }

    async fn status(&self, _: Uuid, _: Option<&str>) -> anyhow::Result<Option<Receipt>> {
        Ok(None)
    }

    fn reaches(&self, to: &Address) -> bool {
        matches!(to, Address::Hook(_))
    }
}
