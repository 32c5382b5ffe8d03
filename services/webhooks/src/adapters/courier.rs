//! One call to a receiver: by the rules about addresses, in bounded time, and nothing of the answer but its status kept.

use std::{error::Error as _, io, sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header},
};
use http_body_util::{BodyExt as _, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use kernel::Timestamp;

use super::{
    address::{AddressFlaw, AddressRules},
    lookup::{CheckedLookup, Lookup},
};
use crate::domain::delivery::Outcome;

/// How much of an answer is read, so that the connection can be used again; what is longer is cut off with it.
const ANSWER_LIMIT: usize = 16 * 1024;
/// How long an unused connection is kept.
const IDLE: Duration = Duration::from_secs(15);
/// Who calls.
const AGENT: &str = concat!("Vafa-Webhooks/", env!("CARGO_PKG_VERSION"));

/// What is sent in one attempt.
pub struct Letter {
    /// Where to.
    pub url: String,
    /// The message's id.
    pub id: String,
    /// When it is sent, in seconds since 1970.
    pub sent_at: i64,
    /// Its signatures.
    pub signature: String,
    /// What is told, the bytes that were signed.
    pub body: String,
}

/// Who calls receivers.
#[derive(Clone)]
pub struct Courier {
    rules: Arc<AddressRules>,
    lookup: CheckedLookup,
    /// Absent where the system trusts no certificates: then nobody can be called.
    client: Option<Client<HttpsConnector<HttpConnector<CheckedLookup>>, Body>>,
    patience: Duration,
}

impl Courier {
    /// A courier that waits so long for each answer.
    #[must_use]
    pub fn new(rules: AddressRules, lookup: Lookup, patience: Duration) -> Self {
        let rules = Arc::new(rules);
        let lookup = CheckedLookup::new(lookup, Arc::clone(&rules));
        let mut connector = HttpConnector::new_with_resolver(lookup.clone());
        connector.enforce_http(false);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(patience));
        let client = match HttpsConnectorBuilder::new().with_native_roots() {
            Ok(trusting) => {
                let connector = trusting.https_or_http().enable_http1().wrap_connector(connector);
                let mut client = Client::builder(TokioExecutor::new());
                Some(client.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).build(connector))
            }
            Err(fault) => {
                tracing::warn!(target: "vafa::webhooks", %fault, "the system trusts no certificates: no webhook can be called");
                None
            }
        };
        Self { rules, lookup, client, patience }
    }

    /// Whether an address may be called as things are now.
    ///
    /// # Errors
    /// [`AddressFlaw`].
    pub async fn check(&self, url: &str) -> Result<(), AddressFlaw> {
        let (host, _) = self.rules.read(url)?;
        let found = tokio::time::timeout(self.patience, self.lookup.clone().find(host)).await;
        found.ok().and_then(Result::ok).map(drop).ok_or(AddressFlaw::NotCalled)
    }

    /// Sends a letter once. Redirects are an answer like any other that is no 2xx.
    pub async fn send(&self, letter: Letter, now: Timestamp) -> Outcome {
        // An address that is a number never passes the look-up at the connection.
        let Ok((host, uri)) = self.rules.read(&letter.url) else { return Outcome::AddressRefused };
        let number = host.parse().is_ok_and(|address| !self.rules.admits(address));
        let Some(request) = request(uri, letter).filter(|_| !number) else { return Outcome::AddressRefused };
        let Some(client) = &self.client else { return Outcome::Unreachable };
        let response = match tokio::time::timeout(self.patience, client.request(request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(fault)) => return failed(&fault),
            Err(_) => return Outcome::TimedOut,
        };
        let outcome = judged(response.status(), response.headers(), now);
        // Read in bounds, so that the connection can be used again, and forgotten: what it says is the receiver's own
        // affair, and whether it ends is, too.
        let rest = Limited::new(response.into_body(), ANSWER_LIMIT).collect();
        let _ = tokio::time::timeout(self.patience / 4, rest).await;
        outcome
    }
}

fn request(uri: Uri, letter: Letter) -> Option<Request<Body>> {
    Request::builder()
        .method(Method::POST)
        .uri(uri)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, AGENT)
        .header("webhook-id", letter.id)
        .header("webhook-timestamp", letter.sent_at)
        .header("webhook-signature", letter.signature)
        .body(Body::from(letter.body))
        .ok()
}

fn judged(status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Outcome {
    match status {
        StatusCode::GONE => Outcome::Gone,
        status if status.is_success() => Outcome::Taken(status.as_u16()),
        status => Outcome::Refused(status.as_u16(), wait_s(headers.get(header::RETRY_AFTER), now)),
    }
}

/// How long to wait, in seconds, as `Retry-After` says it: a number, or a date.
fn wait_s(value: Option<&HeaderValue>, now: Timestamp) -> Option<u32> {
    let text = value?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let until = httpdate::parse_http_date(text).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    let left = i64::try_from(until.as_secs()).ok()?.saturating_sub(now.micros().div_euclid(1_000_000));
    u32::try_from(left.max(0)).ok()
}

fn failed(fault: &hyper_util::client::legacy::Error) -> Outcome {
    let mut cause = fault.source();
    while let Some(deeper) = cause {
        let kind = deeper.downcast_ref::<io::Error>().map(io::Error::kind);
        if kind == Some(io::ErrorKind::PermissionDenied) {
            return Outcome::AddressRefused;
        }
        cause = deeper.source();
    }
    if fault.is_connect() { Outcome::Unreachable } else { Outcome::Broken }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_a_number_or_a_date() {
        let now = Timestamp::parse("2026-11-22T10:00:00Z").unwrap();
        for (text, seconds) in [
            ("120", Some(120)),
            ("Sun, 22 Nov 2026 10:01:30 GMT", Some(90)),
            ("Sun, 22 Nov 2026 09:00:00 GMT", Some(0)),
            ("-5", None),
            ("soon", None),
            ("99999999999", None),
        ] {
            assert_eq!(wait_s(Some(&HeaderValue::from_static(text)), now), seconds, "{text}");
        }
        assert_eq!(wait_s(None, now), None);
    }
}
