//! An answer, asked for what it should be.

use serde_json::Value;
use vafa::client::{Answer, Refusal};

/// An answer of the API.
#[derive(Clone, Debug)]
pub struct Reply(pub Answer);

impl Reply {
    /// Its status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status.as_u16()
    }

    /// Its body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.body).into_owned()
    }

    /// Its body as JSON; null when it is none.
    #[must_use]
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.0.body).unwrap_or_default()
    }

    /// A header; empty when it is absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.0.header(name)
    }

    /// Its body, after it was seen to have this status.
    ///
    /// # Panics
    /// When it has another one.
    #[track_caller]
    #[must_use]
    pub fn with(&self, status: u16) -> Value {
        assert_eq!(self.status(), status, "{}", self.text());
        self.value()
    }

    /// Its body, after it was seen to say that something new was made.
    ///
    /// # Panics
    /// When it says something else.
    #[track_caller]
    #[must_use]
    pub fn created(&self) -> Value {
        self.with(201)
    }

    /// Its body, after it was seen to be a good answer about something that is there.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    #[must_use]
    pub fn ok(&self) -> Value {
        self.with(200)
    }

    /// The problem document, after it was seen to be one with this status and code, and complete (RFC 9457).
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        let problem = self.value();
        assert_eq!((self.status(), problem["code"].as_str()), (status, Some(code)), "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        for member in ["type", "title", "detail", "trace_id"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {problem}");
        }
        assert_eq!(problem["status"], status);
        problem
    }

    /// The refusal in words.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        Refusal::of(&self.0)
    }
}
