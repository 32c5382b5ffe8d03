//! How long a request may still take.

use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderName, HeaderValue, request::Parts};

use crate::{Problem, errors, face::Arrival};

/// The header in which a caller inside the platform says how many milliseconds are left.
pub const DEADLINE_HEADER: HeaderName = HeaderName::from_static("vafa-deadline-ms");

/// Without the header: what a request may take.
const DEFAULT: Duration = Duration::from_secs(30);

/// The instant at which nobody waits for the answer any longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadlineAt(pub Instant);

impl DeadlineAt {
    /// So long from now.
    #[must_use]
    pub fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// What is left; zero when it has passed.
    #[must_use]
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Goes on only when there is time left.
    ///
    /// # Errors
    /// `web.deadline_passed`.
    pub fn check(self) -> Result<(), Problem> {
        if self.left().is_zero() { Err(Problem::new(&errors::DEADLINE_PASSED)) } else { Ok(()) }
    }

    /// The time left as the header's value, to pass on.
    #[must_use]
    pub fn header(self) -> HeaderValue {
        let left_ms = u64::try_from(self.left().as_millis()).unwrap_or(u64::MAX);
        HeaderValue::from(left_ms)
    }

    pub(crate) fn of(headers: &HeaderMap, arrived: Instant) -> Self {
        let stated = headers.get(&DEADLINE_HEADER).and_then(|value| value.to_str().ok()?.parse().ok());
        Self(arrived + stated.map_or(DEFAULT, |ms: u32| Duration::from_millis(ms.into())))
    }
}

impl<S: Sync> FromRequestParts<S> for DeadlineAt {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Arrival::of(parts)?.deadline)
    }
}
