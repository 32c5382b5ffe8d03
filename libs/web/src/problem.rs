//! A refusal on its way to the caller.

use std::{fmt, sync::Arc};

use axum::response::IntoResponse;
use http::{HeaderName, HeaderValue};
use locale::Arg;

use crate::{ErrorCode, RawBody, Response, errors};

#[derive(Clone)]
pub(crate) struct Inner {
    pub code: &'static ErrorCode,
    pub args: Vec<(&'static str, Arg)>,
    pub pointer: Option<String>,
    pub extensions: Vec<(&'static str, serde_json::Value)>,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub fault: Option<Arc<anyhow::Error>>,
}

/// Why a request was refused, before it has words: the code, the values its text needs, and where in the body.
///
/// A handler returns it as its error; the outer layer of [`crate::Face`] writes it as RFC 9457 problem details in the
/// caller's language.
#[derive(Clone)]
pub struct Problem(pub(crate) Box<Inner>);

impl Problem {
    /// A refusal with this code.
    #[must_use]
    pub fn new(code: &'static ErrorCode) -> Self {
        Self(Box::new(Inner {
            code,
            args: Vec::new(),
            pointer: None,
            extensions: Vec::new(),
            headers: Vec::new(),
            fault: None,
        }))
    }

    /// Our machine broke. The chain is logged once, at the border; the caller sees only a reference id.
    #[must_use]
    pub fn fault(error: anyhow::Error) -> Self {
        Self::fault_as(&errors::FAULT, error)
    }

    /// Like [`Problem::fault`] under a code of its own, for instance of kind [`crate::Kind::Unavailable`].
    #[must_use]
    pub fn fault_as(code: &'static ErrorCode, error: anyhow::Error) -> Self {
        let mut problem = Self::new(code);
        problem.0.fault = Some(Arc::new(error));
        problem
    }

    /// Gives the text a value by its name.
    #[must_use]
    pub fn arg(mut self, name: &'static str, value: impl Into<Arg>) -> Self {
        self.0.args.push((name, value.into()));
        self
    }

    /// Where in the request's body the mistake is, as a JSON pointer (RFC 6901) such as `/lines/0/amount`.
    #[must_use]
    pub fn pointer(mut self, pointer: impl Into<String>) -> Self {
        self.0.pointer = Some(pointer.into());
        self
    }

    /// Adds a member to the problem document, for programs.
    #[must_use]
    pub fn extension(mut self, name: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.0.extensions.push((name, value.into()));
        self
    }

    /// Adds a header to the answer, such as `Retry-After`.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// The code of the refusal.
    #[must_use]
    pub fn code(&self) -> &'static ErrorCode {
        self.0.code
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Arguments may hold what the caller sent: they stay out of logs.
        write!(f, "Problem({})", self.0.code.code)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code.code)
    }
}

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Self {
        Self::fault(error)
    }
}

impl IntoResponse for Problem {
    /// The status at once; the words come when the answer leaves the service ([`crate::finish`]).
    fn into_response(self) -> Response {
        let mut response = Response::new(RawBody::empty());
        *response.status_mut() = self.0.code.kind.status();
        response.extensions_mut().insert(self);
        response
    }
}
