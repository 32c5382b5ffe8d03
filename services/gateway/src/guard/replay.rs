//! A request that can be sent twice, though its body streams through only once.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use axum::body::HttpBody;
use bytes::Bytes;
use http::request::Parts;
use hyper::body::{Frame, SizeHint};
use web::{RawBody, Request};

/// The request, and what it takes to send it once more.
pub(crate) fn twice(request: Request) -> (Request, Again) {
    let (parts, body) = request.into_parts();
    if body.is_end_stream() {
        let again = Again { parts: parts.clone(), body: None };
        return (Request::from_parts(parts, body), again);
    }
    let shared = Arc::new(Mutex::new(Shared { seen: Vec::new(), rest: Some(body), sending: 1 }));
    let first = Replay { shared: Arc::clone(&shared), at: 0, sending: 1 };
    let again = Again { parts: parts.clone(), body: Some(shared) };
    (Request::from_parts(parts, RawBody::new(first)), again)
}

/// What it takes to send a request once more.
pub(crate) struct Again {
    parts: Parts,
    body: Option<Arc<Mutex<Shared>>>,
}

impl Again {
    /// The request anew. What is left of the first sending gets no more of the body.
    pub(crate) fn into_request(self) -> Request {
        let body = self.body.map_or_else(RawBody::empty, |shared| {
            shared.lock().unwrap_or_else(PoisonError::into_inner).sending = 2;
            RawBody::new(Replay { shared, at: 0, sending: 2 })
        });
        Request::from_parts(self.parts, body)
    }
}

/// A body with what was read of it so far: as much as the route's limit at most.
pub(crate) struct Shared {
    seen: Vec<Bytes>,
    rest: Option<RawBody>,
    /// Which sending may read on.
    sending: u8,
}

struct Replay {
    shared: Arc<Mutex<Shared>>,
    at: usize,
    sending: u8,
}

impl HttpBody for Replay {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let shared = Arc::clone(&self.shared);
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.sending != self.sending {
            return Poll::Ready(Some(Err(axum::Error::new(std::io::Error::other("it is being sent anew")))));
        }
        if let Some(piece) = shared.seen.get(self.at) {
            self.at += 1;
            return Poll::Ready(Some(Ok(Frame::data(piece.clone()))));
        }
        let Some(rest) = &mut shared.rest else { return Poll::Ready(None) };
        let polled = Pin::new(rest).poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(piece) = frame.data_ref() {
                    let piece = piece.clone();
                    shared.seen.push(piece);
                    self.at += 1;
                }
            }
            Poll::Ready(None) => shared.rest = None,
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        self.at >= shared.seen.len() && shared.rest.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let seen: usize = shared.seen.iter().skip(self.at).map(Bytes::len).sum();
        let seen = u64::try_from(seen).unwrap_or(u64::MAX);
        let rest = shared.rest.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint);
        let mut hint = SizeHint::new();
        hint.set_lower(seen.saturating_add(rest.lower()));
        if let Some(upper) = rest.upper() {
            hint.set_upper(seen.saturating_add(upper));
        }
        hint
    }
}
