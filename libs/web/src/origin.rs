//! Where a request came from.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::{Problem, face::Arrival};

/// The network address that a request came from, as the gateway signed it; `None` where it did not pass the gateway.
/// For routes that say [`crate::RouteSpec::with_origin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin(pub Option<IpAddr>);

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(Arrival::of(parts)?.origin))
    }
}
