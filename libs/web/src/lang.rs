//! The caller's language.

use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderValue, header, request::Parts};
use kernel::Language;

use crate::{Problem, face::Arrival};

/// The language that the caller prefers (`Accept-Language`) among those Vafa speaks; the chain's own when it names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lang(pub Language);

impl Lang {
    /// Reads the preference out of a request's headers.
    #[must_use]
    pub fn of(headers: &HeaderMap, default: Language) -> Self {
        Self::accepted(headers.get(header::ACCEPT_LANGUAGE), default)
    }

    pub(crate) fn accepted(value: Option<&HeaderValue>, default: Language) -> Self {
        let accepted = value.and_then(|value| value.to_str().ok());
        Self(accepted.map_or(default, |accepted| locale::negotiate_or(accepted, default)))
    }
}

impl<S: Sync> FromRequestParts<S> for Lang {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let default = Arrival::of(parts)?.default_language;
        Ok(Self::of(&parts.headers, default))
    }
}
