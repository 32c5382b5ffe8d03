//! What came back.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use serde::{Deserialize, de::DeserializeOwned};

use super::ClientError;

/// An answer of the API.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) call: String,
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Errors
    /// [`ClientError::Unreadable`] when it is none, or another.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        serde_json::from_slice(&self.body)
            .map_err(|e| ClientError::Unreadable { call: self.call.clone(), reason: e.to_string() })
    }

    /// A header as text; empty when it is absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Whether the API had done it before.
    #[must_use]
    pub fn is_replay(&self) -> bool {
        self.header("idempotency-replayed") == "true"
    }

    /// How long the API asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds))
    }
}

/// A problem as the API words it (RFC 9457).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The stable code, such as `points.receipt_taken`.
    pub code: String,
    /// What is wrong, in a few words.
    pub title: String,
    /// The same at length.
    pub detail: String,
    /// Where in the body.
    pub pointer: Option<String>,
    /// Finds the request in the platform's logs.
    pub trace_id: Option<String>,
}

impl Refusal {
    /// Reads the problem of an answer; what is no problem document shows its beginning.
    #[must_use]
    pub fn of(answer: &Answer) -> Self {
        let mut refusal: Self = answer.json().unwrap_or_default();
        refusal.status = answer.status.as_u16();
        if refusal.code.is_empty() {
            let text = String::from_utf8_lossy(&answer.body);
            answer.status.canonical_reason().unwrap_or("refused").clone_into(&mut refusal.title);
            refusal.detail = text.chars().take(200).collect();
        }
        refusal
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.title)?;
        if !self.detail.is_empty() && self.detail != self.title {
            write!(f, ". {}", self.detail)?;
        }
        write!(f, " ({}", self.status)?;
        if !self.code.is_empty() {
            write!(f, " {}", self.code)?;
        }
        if let Some(pointer) = &self.pointer {
            write!(f, " at {pointer}")?;
        }
        if let Some(trace) = self.trace_id.as_ref().filter(|_| self.status >= 500) {
            write!(f, ", trace {trace}")?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let status = StatusCode::from_u16(status).expect("a status");
        let (headers, body) = (HeaderMap::new(), Bytes::from(body.to_owned()));
        Answer { call: "GET /".to_owned(), status, headers, body }
    }

    #[test]
    fn a_refusal_reads_like_a_sentence_and_names_its_code() {
        let body = r#"{"title":"A number is wrong","detail":"It is negative.","code":"points.amount_negative",
            "pointer":"/amount","trace_id":"ab","more":1}"#;
        assert_eq!(
            Refusal::of(&answer(422, body)).to_string(),
            "A number is wrong. It is negative. (422 points.amount_negative at /amount)"
        );
        assert_eq!(Refusal::of(&answer(502, "<html>no")).to_string(), "Bad Gateway. <html>no (502)");
    }
}
