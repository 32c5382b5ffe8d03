//! Headers that every answer has, for browsers above all, and who of them may call from other pages.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// What is shown here is data: nothing of it is run, framed or taken for something else.
const ALWAYS: [(HeaderName, HeaderValue); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
];

/// How long a browser remembers what it was allowed.
const ALLOWED_FOR: Duration = Duration::from_mins(10);

/// What pages of other origins may send, besides what any page may.
const MAY_SEND: [HeaderName; 11] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::ACCEPT_LANGUAGE,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("look-reason"),
    HeaderName::from_static("look-reference"),
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("signature"),
    HeaderName::from_static("signature-input"),
];

/// What they may read of an answer.
const MAY_READ: [HeaderName; 10] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("idempotency-replayed"),
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
    header::RETRY_AFTER,
    header::ETAG,
    HeaderName::from_static("deprecation"),
    HeaderName::from_static("sunset"),
    header::LINK,
    header::LOCATION,
];

/// Adds what every answer has, where it does not say otherwise itself.
pub(crate) fn dress(headers: &mut HeaderMap, strict_transport: Option<&HeaderValue>) {
    for (name, value) in &ALWAYS {
        if !headers.contains_key(name) {
            headers.insert(name, value.clone());
        }
    }
    if let Some(value) = strict_transport {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value.clone());
    }
}

/// Lets pages of these origins call; `None` where there are none. Cookies are never taken, so none are allowed.
pub(crate) fn cors(origins: &[HeaderValue]) -> Option<CorsLayer> {
    let origin = match origins {
        [] => return None,
        [any] if any == "*" => AllowOrigin::any(),
        some => AllowOrigin::list(some.iter().cloned()),
    };
    let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let layer = CorsLayer::new().allow_origin(origin).allow_methods(methods).allow_headers(MAY_SEND);
    Some(layer.expose_headers(MAY_READ).max_age(ALLOWED_FOR))
}
