//! A body that must be the one that was signed, compared while it streams through.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::HttpBody;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use ring::digest::{Context as Sum, SHA256};
use web::{RawBody, Request};

use crate::http::passage::Flag;

/// **A body that is another one never arrives whole**: its last piece is held back until all of it was compared.
pub(crate) fn compare_body(request: Request, expected: [u8; 32]) -> (Request, Flag) {
    let altered = Flag::default();
    let compare = |body: RawBody| {
        let left = HttpBody::size_hint(&body).exact();
        RawBody::new(Compared {
            body,
            left,
            sum: Some(Sum::new(&SHA256)),
            expected,
            altered: altered.clone(),
        })
    };
    (request.map(compare), altered)
}

struct Compared {
    body: RawBody,
    /// How much is still to come, when that was said.
    left: Option<u64>,
    /// What came so far; gone once it was compared.
    sum: Option<Sum>,
    expected: [u8; 32],
    altered: Flag,
}

impl Compared {
    fn is_right(&mut self) -> bool {
        let right = self.sum.take().is_none_or(|sum| sum.finish().as_ref() == self.expected);
        if !right {
            self.altered.raise();
        }
        right
    }
}

impl HttpBody for Compared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        let ends = match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                let piece = frame.data_ref().cloned().unwrap_or_default();
                if let Some(sum) = &mut self.sum {
                    sum.update(&piece);
                }
                let came = u64::try_from(piece.len()).unwrap_or(u64::MAX);
                self.left = self.left.map(|left| left.saturating_sub(came));
                self.left == Some(0)
            }
            Poll::Ready(None) => true,
            Poll::Ready(Some(Err(_))) | Poll::Pending => false,
        };
        if ends && !self.is_right() {
            let other = std::io::Error::other("not the body that was signed");
            return Poll::Ready(Some(Err(axum::Error::new(other))));
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.sum.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
