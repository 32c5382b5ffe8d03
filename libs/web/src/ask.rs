//! Questions between services: read only, with a deadline; the one who asks has a fallback.

use std::{sync::Arc, time::Duration};

use http::{HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use serde::{Serialize, de::DeserializeOwned};
use tracing::Span;

use crate::{
    CALLER_HEADER, Caller, CallerKey, DEADLINE_HEADER, DeadlineAt, RawBody, Request, Response, Upstream,
    UpstreamError, inject,
};

/// No answer to a question is larger than this.
const ANSWER_LIMIT: usize = 8 * 1024 * 1024;

/// Why a question got no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The other service answered, with a refusal.
    #[error("refused with {status} {code}")]
    Refused {
        /// Its status.
        status: StatusCode,
        /// The problem's code; empty when the answer was no problem document.
        code: String,
    },
    /// The answer did not come in time.
    #[error("no answer in time")]
    Late,
    /// No answer came at all.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// The answer, or the question, could not be written or read as agreed.
    #[error("not as agreed: {0}")]
    Unreadable(String),
}

impl AskError {
    /// Whether the other service said that the thing does not exist.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Refused { status: StatusCode::NOT_FOUND, code } if code != "web.route_unknown")
    }
}

/// Another service as one service sees it: the way there, its name, and the name and key to ask with.
#[derive(Clone, Debug)]
pub struct Peer {
    upstream: Upstream,
    caller_key: CallerKey,
    asker: Caller,
    asked: Arc<str>,
}

impl Peer {
    /// The service `asked` behind `upstream`, asked in the name of the service `asker`.
    #[must_use]
    pub fn new(upstream: Upstream, caller_key: CallerKey, asker: &str, asked: &str) -> Self {
        Self { upstream, caller_key, asker: Caller::Service(asker.into()), asked: asked.into() }
    }

    /// The way there.
    #[must_use]
    pub fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// Asks and waits for the answer, `within` at most.
    ///
    /// # Errors
    /// [`AskError`], for which the asker has a fallback.
    pub async fn ask<Q: Serialize, A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        question: &Q,
        within: Duration,
    ) -> Result<A, AskError> {
        let request = self.request(method, path, question, within)?;
        let answer = async {
            let response = self.upstream.call(request).await?;
            read(response).await
        };
        tokio::time::timeout(within, answer).await.unwrap_or(Err(AskError::Late))
    }

    fn request<Q: Serialize>(
        &self,
        method: Method,
        path: &str,
        question: &Q,
        within: Duration,
    ) -> Result<Request, AskError> {
        let unreadable = |error: &dyn std::fmt::Display| AskError::Unreadable(error.to_string());
        let body = serde_json::to_vec(question).map_err(|error| unreadable(&error))?;
        let mut request = Request::new(RawBody::from(body));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().map_err(|error| unreadable(&error))?;
        let lifetime = within + Duration::from_secs(5);
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CALLER_HEADER, self.caller_key.sign(&self.asker, &self.asked, lifetime));
        headers.insert(DEADLINE_HEADER, DeadlineAt::after(within).header());
        inject(&Span::current(), headers);
        Ok(request)
    }
}

async fn read<A: DeserializeOwned>(response: Response) -> Result<A, AskError> {
    let status = response.status();
    let body = Limited::new(response.into_body(), ANSWER_LIMIT).collect().await;
    let bytes = body.map_err(|error| AskError::Unreadable(error.to_string()))?.to_bytes();
    if status.is_success() {
        return serde_json::from_slice(&bytes).map_err(|error| AskError::Unreadable(error.to_string()));
    }
    let document: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let code = document.get("code").and_then(|code| code.as_str()).unwrap_or_default().to_owned();
    Err(AskError::Refused { status, code })
}
