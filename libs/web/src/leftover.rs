//! What nobody read of a request's body.
//!
//! Whoever is answered while still sending, and then cut off, may never see the answer: the gateway would call that a broken
//! connection. So what a refusal leaves unread is read, in bounds, before it is answered.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::body::HttpBody;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use crate::{DeadlineAt, RawBody, Request, pass_over};

/// No sender takes longer for what is read in vain. Half of what is left of the request's time is the most in any case.
const PATIENCE: Duration = Duration::from_secs(2);

type Place = Arc<Mutex<Option<RawBody>>>;

/// Where a body comes back to, when it was dropped before its end, and until when somebody waits for the answer.
pub(crate) struct Leftover(Option<(Place, DeadlineAt)>);

/// A body that comes back when it is dropped before its end.
struct Lent {
    body: RawBody,
    place: Place,
    ended: bool,
}

impl Leftover {
    /// Lends the request its own body.
    pub(crate) fn of(request: Request, arrived: Instant) -> (Request, Self) {
        if request.body().is_end_stream() {
            return (request, Self(None));
        }
        let deadline = DeadlineAt::of(request.headers(), arrived);
        let place = Place::default();
        let lent = Arc::clone(&place);
        let request = request.map(|body| RawBody::new(Lent { body, place: lent, ended: false }));
        (request, Self(Some((place, deadline))))
    }

    /// Reads what came back, 1 MiB at most, and keeps nothing of it.
    pub(crate) async fn pass_over(self) {
        let Some((place, deadline)) = self.0 else { return };
        let back = place.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut body) = back {
            let _ = tokio::time::timeout(PATIENCE.min(deadline.left() / 2), pass_over(&mut body)).await;
        }
    }
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.ended = true;
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

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.ended && !self.body.is_end_stream() {
            let body = std::mem::replace(&mut self.body, RawBody::empty());
            *self.place.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::{StreamExt as _, stream};
    use http_body_util::BodyExt as _;

    use super::*;

    /// A body of three pieces that counts those which were read.
    fn counted(read: &Arc<AtomicUsize>) -> Request {
        let read = Arc::clone(read);
        let pieces = stream::iter(0..3).map(move |_| {
            read.fetch_add(1, Ordering::Relaxed);
            Ok::<_, std::io::Error>(Bytes::from_static(b"piece"))
        });
        Request::new(RawBody::from_stream(pieces))
    }

    #[tokio::test]
    async fn what_nobody_read_is_read_before_the_answer() {
        let read = Arc::new(AtomicUsize::new(0));
        let (request, leftover) = Leftover::of(counted(&read), Instant::now());
        drop(request);
        assert_eq!(read.load(Ordering::Relaxed), 0);
        leftover.pass_over().await;
        assert_eq!(read.load(Ordering::Relaxed), 3);

        let (request, leftover) = Leftover::of(counted(&read), Instant::now());
        let mut body = request.into_body();
        let _ = body.frame().await;
        drop(body);
        leftover.pass_over().await;
        assert_eq!(read.load(Ordering::Relaxed), 6, "the rest of what was begun");
    }

    #[tokio::test]
    async fn a_body_that_was_read_passes_as_it_is() {
        let read = Arc::new(AtomicUsize::new(0));
        let (request, leftover) = Leftover::of(counted(&read), Instant::now());
        let whole = request.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(whole, Bytes::from_static(b"piecepiecepiece"));
        leftover.pass_over().await;
        let (_, leftover) = Leftover::of(Request::new(RawBody::empty()), Instant::now());
        assert!(leftover.0.is_none(), "nothing is lent where there is nothing");
        assert_eq!(read.load(Ordering::Relaxed), 3);
    }
}
