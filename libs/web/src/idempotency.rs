//! The caller's own name for a call, so that a repetition changes nothing.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::{HeaderMap, HeaderName, request::Parts};

use crate::{Problem, errors};

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
const LONGEST: usize = 255;

/// The `Idempotency-Key` header: 1 to 255 visible ASCII characters, made by the caller before it sends.
///
/// As an extractor it is required; `Option<IdempotencyKey>` lets it be absent, but not wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Refuses a request to a route that demands a key, when it has none.
    pub(crate) fn demand(headers: &HeaderMap) -> Result<(), Problem> {
        if headers.contains_key(&HEADER) {
            Ok(())
        } else {
            Err(Problem::new(&errors::IDEMPOTENCY_KEY_MISSING))
        }
    }

    fn of(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let mut values = headers.get_all(&HEADER).iter();
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(Problem::new(&errors::IDEMPOTENCY_KEY_REPEATED));
        }
        let bytes = value.as_bytes();
        let fits = (1..=LONGEST).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
        match value.to_str() {
            Ok(text) if fits => Ok(Some(Self(text.to_owned()))),
            _ => Err(Problem::new(&errors::IDEMPOTENCY_KEY_INVALID).arg("longest", LONGEST)),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::of(&parts.headers)?.ok_or_else(|| Problem::new(&errors::IDEMPOTENCY_KEY_MISSING))
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        Self::of(&parts.headers)
    }
}
