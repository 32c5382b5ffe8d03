//! A thin client of the public API, as a till has one: kept connections, keys, time limits, and the same call again
//! when no answer came.
//!
//! Promises: a call is repeated only where that changes nothing (a read, a `PUT`, a call with an idempotency key, or
//! one that the caller says is safe); what the API refuses becomes a [`Refusal`] that a person can read. Absent on
//! purpose: TLS, redirects, cookies, anything but JSON.

mod answer;
mod call;
mod lanes;
mod pace;
mod patience;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    Request, StatusCode, Uri,
    uri::{Authority, Parts, PathAndQuery, Scheme},
};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::{
    client::legacy::{Client as Pool, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use tokio::time::timeout;

pub use answer::{Answer, Refusal};
pub use call::Call;
pub use lanes::{Flow, in_lanes};
use pace::Pace;
use patience::{Patience, Pause};

/// The code of a refusal before anything was done, since there is too much to do.
const OVERLOADED: &str = "gateway.overloaded";

/// No answer of the API is larger.
const LARGEST_ANSWER: usize = 32 * 1024 * 1024;

/// Why a call has no good answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The address is none.
    #[error("{0:?} is not an address such as http://127.0.0.1:7700")]
    Address(String),
    /// Nobody answers there.
    #[error("nobody answers at {base}: {reason}")]
    Unreachable {
        /// Where.
        base: String,
        /// Why, in the words of the connection.
        reason: String,
    },
    /// The API says no.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// The answer is not what was asked for.
    #[error("the answer to {call} cannot be read: {reason}")]
    Unreadable {
        /// The call, by method and path.
        call: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl ClientError {
    /// The refusal, when it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

/// The API at one address. Cheap to clone.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    base: String,
    scheme: Scheme,
    authority: Authority,
    pool: Pool<HttpConnector, Full<Bytes>>,
    answer_within: Duration,
    patience: Duration,
    pace: Pace,
}

impl Client {
    /// A client that waits 10 s for an answer and repeats what is safe to repeat for 30 s.
    ///
    /// # Errors
    /// When `base` is not `http://host:port`.
    pub fn new(base: &str) -> Result<Self, ClientError> {
        Self::patient(base, Duration::from_secs(10), Duration::from_secs(30))
    }

    /// A client that waits `answer_within` for each answer and repeats what is safe to repeat for `patience`.
    ///
    /// # Errors
    /// When `base` is not `http://host:port`.
    pub fn patient(base: &str, answer_within: Duration, patience: Duration) -> Result<Self, ClientError> {
        let wrong = || ClientError::Address(base.to_owned());
        let parts = base.trim_end_matches('/').parse::<Uri>().map_err(|_| wrong())?.into_parts();
        let plain = parts.path_and_query.as_ref().is_none_or(|path| path.as_str() == "/");
        let (Some(scheme), Some(authority), true) = (parts.scheme, parts.authority, plain) else {
            return Err(wrong());
        };
        if scheme != Scheme::HTTP {
            return Err(wrong());
        }
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(5)));
        let pool = Pool::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            // Shorter than the serving side keeps a silent connection.
            .pool_idle_timeout(Duration::from_secs(15))
            .build(connector);
        let base = format!("http://{authority}");
        Ok(Self(Arc::new(Inner {
            base,
            scheme,
            authority,
            pool,
            answer_within,
            patience,
            pace: Pace::new(),
        })))
    }

    /// `http://host:port`.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.0.base
    }

    /// Sends a call and answers whatever came, refusals too. Repeats it while nobody answers or the API says that it
    /// cannot just now, where that is safe; with a key that is limited in its rate, waits as long as the API says. While the
    /// API has too much to do, fewer calls are under way at once.
    ///
    /// # Errors
    /// [`ClientError::Unreachable`] when there was no answer at all.
    pub async fn send(&self, call: &Call) -> Result<Answer, ClientError> {
        let mut patience = Patience::new(self.0.patience);
        loop {
            let place = self.0.pace.enter().await;
            let outcome = self.once(call).await;
            let too_much = outcome.as_ref().ok().and_then(too_much);
            match (&outcome, too_much) {
                (_, Some(_)) => place.was_too_much(),
                (Ok(_), None) => place.went_well(),
                (Err(_), None) => {}
            }
            drop(place);
            let pause = match (too_much, &outcome) {
                // Refused before anything was done, so that any call may be sent again.
                (Some(later), _) => patience.told(later),
                (None, Ok(answer)) if answer.status == StatusCode::TOO_MANY_REQUESTS => {
                    patience.after(answer.retry_after())
                }
                (None, Ok(answer)) if call.is_repeatable() && passes(answer) => {
                    patience.after(answer.retry_after())
                }
                (None, Err(_)) if call.is_repeatable() => patience.after(None),
                _ => Pause::Over,
            };
            match pause {
                Pause::For(time) => tokio::time::sleep(time).await,
                Pause::Over => return outcome,
            }
        }
    }

    /// Sends a call and answers what came when it is good.
    ///
    /// # Errors
    /// [`ClientError::Refused`] for every status from 400 on, and those of [`Client::send`].
    pub async fn ask(&self, call: &Call) -> Result<Answer, ClientError> {
        let answer = self.send(call).await?;
        if answer.status.as_u16() < 400 {
            return Ok(answer);
        }
        Err(ClientError::Refused(Box::new(Refusal::of(&answer))))
    }

    async fn once(&self, call: &Call) -> Result<Answer, ClientError> {
        let unreachable = |reason: String| ClientError::Unreachable { base: self.0.base.clone(), reason };
        let request = self.request(call)?;
        let exchange = async {
            let response = self.0.pool.request(request).await.map_err(|e| unreachable(whole(&e)))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, LARGEST_ANSWER).collect().await;
            let body = body.map_err(|e| unreachable(e.to_string()))?.to_bytes();
            Ok(Answer { call: call.name(), status: head.status, headers: head.headers, body })
        };
        let seconds = self.0.answer_within.as_secs();
        let exchanged = timeout(self.0.answer_within, exchange).await;
        exchanged.unwrap_or_else(|_| Err(unreachable(format!("no answer within {seconds} s"))))
    }

    fn request(&self, call: &Call) -> Result<Request<Full<Bytes>>, ClientError> {
        let path = call.path().parse::<PathAndQuery>();
        let mut parts = Parts::default();
        parts.scheme = Some(self.0.scheme.clone());
        parts.authority = Some(self.0.authority.clone());
        parts.path_and_query = Some(path.map_err(|_| ClientError::Address(call.path().to_owned()))?);
        let uri = Uri::from_parts(parts).map_err(|_| ClientError::Address(call.path().to_owned()))?;
        Ok(call.request(uri))
    }
}

/// When to come again, if the gateway had too much to do for the call.
fn too_much(answer: &Answer) -> Option<Duration> {
    let refused = answer.status == StatusCode::SERVICE_UNAVAILABLE && Refusal::of(answer).code == OVERLOADED;
    if refused { answer.retry_after() } else { None }
}

/// Whether the same call may have a better answer a little later.
fn passes(answer: &Answer) -> bool {
    match answer.status {
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => true,
        // A conflict that passes says when to come again: the first try is still being worked on.
        StatusCode::CONFLICT => answer.retry_after().is_some(),
        _ => false,
    }
}

/// An error with its causes, in one line.
fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_http_address_is_one() {
        assert_eq!(
            Client::new("http://127.0.0.1:7700/").expect("an address").base(),
            "http://127.0.0.1:7700"
        );
        for wrong in ["127.0.0.1:7700", "https://a", "http://a/v1", "", "http://"] {
            assert!(Client::new(wrong).is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_call_that_nobody_answers_says_where_and_why() {
        let client = Client::patient("http://127.0.0.1:9", Duration::from_secs(1), Duration::ZERO);
        let error = client.expect("an address").send(&Call::get("/v1/regions")).await;
        let text = error.err().map(|e| e.to_string()).unwrap_or_default();
        assert!(text.contains("nobody answers at http://127.0.0.1:9"), "{text}");
    }
}
