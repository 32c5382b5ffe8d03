//! Reading a request's body: how large, how slow, what form, and only then what it says.

use std::time::Duration;

use axum::extract::FromRequest;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;

use crate::{Problem, RawBody, Request, errors, face::Arrival, reading};

/// A JSON body, read into `T`.
///
/// Refused with a code of its own each: no body, another media type, too large, too slow, cut off, not UTF-8, not JSON,
/// a field missing, unknown (say `deny_unknown_fields` on `T`), repeated or of the wrong type.
#[derive(Clone, Copy, Debug)]
pub struct Body<T>(pub T);

/// A JSON body, read into `T`, with the bytes as they came, for fingerprints.
#[derive(Clone, Debug)]
pub struct Sent<T> {
    /// What the body says.
    pub value: T,
    /// The body itself.
    pub bytes: Bytes,
}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let bytes = read(request).await?;
        reading::json(&bytes).map(Self)
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let bytes = read(request).await?;
        Ok(Self { value: reading::json(&bytes)?, bytes })
    }
}

async fn read(request: Request) -> Result<Bytes, Problem> {
    let arrival = Arrival::of_request(&request)?;
    let (limit, within) = (arrival.spec.body_limit, arrival.body_time());
    let body_is_empty = axum::body::HttpBody::is_end_stream(request.body());
    if body_is_empty {
        return Err(Problem::new(&errors::BODY_MISSING));
    }
    if !is_json(request.headers()) {
        return Err(Problem::new(&errors::BODY_MEDIA_TYPE));
    }
    let bytes = gather(request.into_body(), limit, within).await?;
    if bytes.is_empty() { Err(Problem::new(&errors::BODY_MISSING)) } else { Ok(bytes) }
}

/// Reads a body of any form; empty where there is none.
pub(crate) async fn read_any(request: Request) -> Result<Bytes, Problem> {
    let arrival = Arrival::of_request(&request)?;
    let (limit, within) = (arrival.spec.body_limit, arrival.body_time());
    gather(request.into_body(), limit, within).await
}

pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return false };
    let bytes = value.as_bytes();
    if bytes == b"application/json" {
        return true;
    }
    let essence = bytes.split(|b| *b == b';').next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
    essence == b"application/json" || (essence.starts_with(b"application/") && essence.ends_with(b"+json"))
}

fn too_large(limit: usize) -> Problem {
    Problem::new(&errors::BODY_TOO_LARGE).arg("limit_bytes", limit).extension("limit_bytes", limit)
}

async fn gather(body: RawBody, limit: usize, within: Duration) -> Result<Bytes, Problem> {
    let declared = axum::body::HttpBody::size_hint(&body).lower();
    if usize::try_from(declared).map_or(true, |bytes| bytes > limit) {
        return Err(too_large(limit));
    }
    // A body that is there already never touches the timer.
    match tokio::time::timeout(within, frames(body, limit)).await {
        Ok(read) => read,
        Err(_) => Err(Problem::new(&errors::BODY_TOO_SLOW)),
    }
}

/// Of a body that is refused, so much is still read: a sender who is cut off while sending never sees why.
const PASSED_OVER: usize = 1024 * 1024;

/// Reads what is left of a refused body, 1 MiB at most, and keeps nothing of it. The caller bounds the time.
pub async fn pass_over(body: &mut RawBody) {
    let mut passed = 0;
    while let Some(Ok(frame)) = body.frame().await {
        passed += frame.data_ref().map_or(0, Bytes::len);
        if passed > PASSED_OVER {
            return;
        }
    }
}

async fn frames(mut body: RawBody, limit: usize) -> Result<Bytes, Problem> {
    let mut first: Option<Bytes> = None;
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Problem::new(&errors::BODY_CUT_OFF))?.into_data() else { continue };
        let Some(head) = &first else {
            if data.len() > limit {
                return Err(too_large(limit));
            }
            first = Some(data);
            continue;
        };
        if rest.is_empty() {
            rest.extend_from_slice(head);
        }
        if rest.len() + data.len() > limit {
            return Err(too_large(limit));
        }
        rest.extend_from_slice(&data);
    }
    Ok(if rest.is_empty() { first.unwrap_or_default() } else { rest.freeze() })
}
