//! What is changed on a request before a service sees it: headers that only we may set, its id, its body's measure.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::HttpBody;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use hyper::body::{Frame, SizeHint};
use web::{Problem, RawBody, Request};

/// More headers than this no client of ours sends.
const MOST_HEADERS: usize = 64;
const LONGEST_REQUEST_ID: usize = 64;
/// How long a refused body is still read.
const PASSING_OVER: Duration = Duration::from_secs(4);

/// Refuses what has more headers than anyone reads.
pub(crate) fn count_headers(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.len() <= MOST_HEADERS { Ok(()) } else { Err(Problem::new(&web::HEADERS_TOO_MANY)) }
}

/// **No `vafa-*` header from outside reaches a service.**
pub(crate) fn strip_ours(headers: &mut HeaderMap) {
    let ours = |name: &&HeaderName| name.as_str().starts_with("vafa-");
    while let Some(name) = headers.keys().find(ours).cloned() {
        headers.remove(name);
    }
}

/// The caller's own request id, when it is a short plain word.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let id = headers.get(&web::REQUEST_ID_HEADER)?;
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let fits = (1..=LONGEST_REQUEST_ID).contains(&id.len()) && id.as_bytes().iter().all(plain);
    fits.then(|| id.clone())
}

/// Tells whether something happened to a body on its way.
#[derive(Clone, Default)]
pub(crate) struct Flag(Arc<AtomicBool>);

impl Flag {
    pub(crate) fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_up(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

pub(crate) fn too_large(limit: usize) -> Problem {
    Problem::new(&web::BODY_TOO_LARGE).arg("limit_bytes", limit).extension("limit_bytes", limit)
}

/// Refuses a body that declares more than `limit`; one that declares nothing is measured as it passes, and the flag says
/// whether it grew over its limit.
pub(crate) async fn measure_body(request: Request, limit: usize) -> Result<(Request, Option<Flag>), Problem> {
    let size = request.body().size_hint();
    let within = |bytes: u64| usize::try_from(bytes).is_ok_and(|bytes| bytes <= limit);
    if !within(size.lower()) {
        let mut body = request.into_body();
        // A sender who is cut off while sending never sees why.
        let _ = tokio::time::timeout(PASSING_OVER, web::pass_over(&mut body)).await;
        return Err(too_large(limit));
    }
    if size.upper().is_some_and(within) {
        return Ok((request, None));
    }
    let overflow = Flag::default();
    let measured = |body| RawBody::new(Measured { body, left: limit, overflow: overflow.clone() });
    Ok((request.map(measured), Some(overflow)))
}

/// A body that ends in an error when it grows over its limit.
struct Measured {
    body: RawBody,
    left: usize,
    overflow: Flag,
}

impl HttpBody for Measured {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            let length = frame.data_ref().map_or(0, Bytes::len);
            let Some(left) = self.left.checked_sub(length) else {
                self.overflow.raise();
                return Poll::Ready(Some(Err(axum::Error::new(std::io::Error::other("over the limit")))));
            };
            self.left = left;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
