//! One call to a provider over HTTP: in bounded time and size, and with a clear word on whether it may have been heard.

use std::time::Duration;

use anyhow::Context as _;
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use http_body_util::{BodyExt as _, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use kernel::Timestamp;

use crate::domain::sending::{Handed, Refused};

/// No answer is larger.
const ANSWER_LIMIT: usize = 64 * 1024;
/// How long an unused connection is kept.
const IDLE: Duration = Duration::from_secs(15);
/// Who calls.
pub const AGENT: &str = concat!("Vafa/", env!("CARGO_PKG_VERSION"));
/// The longest wait that a provider can ask for, in seconds.
const LONGEST_WAIT_S: u32 = 3_600;

/// How long a provider has for an answer, as the file says it.
///
/// # Errors
/// When that is too short or too long.
pub fn within(timeout_ms: u64) -> anyhow::Result<Duration> {
    anyhow::ensure!((100..=60_000).contains(&timeout_ms), "timeout_ms is 100 to 60000");
    Ok(Duration::from_millis(timeout_ms))
}

/// Whether this is a whole address, whose host is written down and never a matter of what a message says.
pub fn is_address(url: &str) -> bool {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    host.is_some_and(|rest| {
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        !host.is_empty() && !host.contains(['{', '@'])
    })
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

/// Why nothing came back.
#[derive(Debug)]
pub enum Silence {
    /// Nobody was reached: nothing was sent.
    NotReached,
    /// What was sent may have been heard.
    Unheard(&'static str),
}

/// Who calls providers.
#[derive(Clone)]
pub struct Caller {
    client: Client<HttpsConnector<HttpConnector>, Body>,
    patience: Duration,
}

impl Caller {
    /// A caller that waits so long for each answer.
    ///
    /// # Errors
    /// When the system has no certificates to trust.
    pub fn new(patience: Duration) -> anyhow::Result<Self> {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        // Shorter than the whole patience: who cannot be reached is told apart from who does not answer.
        connector.set_connect_timeout(Some(patience / 2));
        let trusting =
            HttpsConnectorBuilder::new().with_native_roots().context("the system's trusted certificates")?;
        let connector = trusting.https_or_http().enable_http1().wrap_connector(connector);
        let mut client = Client::builder(TokioExecutor::new());
        client.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE);
        Ok(Self { client: client.build(connector), patience })
    }

    /// Sends a request once. Redirects are an answer like any other.
    ///
    /// # Errors
    /// [`Silence`].
    pub async fn call(&self, mut request: Request<Body>) -> Result<Answer, Silence> {
        request.headers_mut().insert(header::USER_AGENT, header::HeaderValue::from_static(AGENT));
        let answer = async {
            let response = self.client.request(request).await.map_err(|fault| {
                if fault.is_connect() { Silence::NotReached } else { Silence::Unheard("it broke off") }
            })?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, ANSWER_LIMIT).collect().await;
            let body = body.map_err(|_| Silence::Unheard("its answer broke off, or is too long"))?.to_bytes();
            Ok(Answer { status: parts.status, headers: parts.headers, body })
        };
        let answered = tokio::time::timeout(self.patience, answer).await;
        answered.unwrap_or(Err(Silence::Unheard("no answer in time")))
    }
}

impl From<Silence> for Handed {
    fn from(silence: Silence) -> Self {
        match silence {
            Silence::NotReached => Self::Failed { why: "not reached".to_owned(), wait_s: None },
            Silence::Unheard(why) => Self::Uncertain { why: why.to_owned() },
        }
    }
}

impl Answer {
    /// What a status means by itself where it is no success: the words of HTTP, as everybody understands them.
    pub fn refusal(&self, now: Timestamp) -> Handed {
        let why = self.status.as_u16().to_string();
        match self.status {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                Handed::Failed { why, wait_s: self.wait_s(now) }
            }
            StatusCode::REQUEST_TIMEOUT
            | StatusCode::TOO_EARLY
            | StatusCode::NOT_IMPLEMENTED
            | StatusCode::HTTP_VERSION_NOT_SUPPORTED => Handed::Failed { why, wait_s: None },
            StatusCode::BAD_REQUEST
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::UNPROCESSABLE_ENTITY => Handed::Refused(Refused::Content),
            // It broke while it worked, or somebody on the way did not hear it to the end.
            status if status.is_server_error() => Handed::Uncertain { why },
            status if status.is_success() => Handed::Uncertain { why: "an answer without sense".to_owned() },
            // Keys, credit, rights, or an address that is not the provider's: nothing of it is the message's.
            _ => Handed::Refused(Refused::Account),
        }
    }

    /// How long it wants to be left alone, as `Retry-After` says it: a number, or a date.
    fn wait_s(&self, now: Timestamp) -> Option<u32> {
        let text = self.headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = text.parse::<u32>() {
            return Some(seconds.min(LONGEST_WAIT_S));
        }
        let until = httpdate::parse_http_date(text).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        let left = i64::try_from(until.as_secs()).ok()?.saturating_sub(now.micros().div_euclid(1_000_000));
        Some(u32::try_from(left.max(0)).map_or(LONGEST_WAIT_S, |left| left.min(LONGEST_WAIT_S)))
    }
}
