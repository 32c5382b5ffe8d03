//! HTTP/2 with prior knowledge (RFC 9113, 3.3): its limits, and how a connection ends.
//!
//! hyper bounds requests under way, heads, and requests that are taken back before we have looked at them. It bounds neither how
//! long a connection is silent, nor how long a head takes, nor how much work is asked for and then cancelled: that is done here.

use std::{
    convert::Infallible,
    net::IpAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    time::Duration,
};

use hyper::{rt::Executor, server::conn::http2::Builder};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::{Client, ServeLimits, answer};

/// Requests taken back before we have looked at them; one more, and the client is told to calm down (CVE-2023-44487).
const UNSEEN_RESETS: usize = 20;
/// Requests that we refused for a mistake in the protocol, over the life of a connection (RUSTSEC-2024-0003).
const REFUSED_STREAMS: usize = 1_024;
/// What a client may send of one body, and of all bodies of a connection, before we have read it.
const BODY_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 256 * 1024;
/// What we keep of one answer that the client does not read.
const ANSWER_BUFFER: usize = 64 * 1024;
/// How long a client may take to answer our ping.
const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a client without a request may take to close its end after we have said that we close ours.
const FAREWELL: Duration = Duration::from_secs(2);

/// Serves one connection until its client goes, is silent for too long, cancels too much, or `stop`.
pub(super) async fn serve<S>(
    client: Client<S>,
    limits: &ServeLimits,
    stop: CancellationToken,
) -> hyper::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Client { stream, from, router } = client;
    let requests = Requests::new(limits.cancelled);
    let noted = requests.clone();
    let service = hyper::service::service_fn(move |request| {
        let asked = Asked::new(&noted);
        let answering = answer(router.clone(), from, request);
        async move {
            let response = answering.await?;
            asked.answered();
            Ok::<_, Infallible>(response)
        }
    });
    let builder = builder(limits, requests.clone());
    let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        biased;
        ended = serving.as_mut() => return ended,
        () = requests.0.flood.cancelled() => {
            tell_of_flood(from);
            return Ok(());
        }
        () = stop.cancelled() => {}
        () = requests.silent_for(limits.head_timeout) => {}
    }
    serving.as_mut().graceful_shutdown();
    tokio::select! {
        biased;
        ended = serving => ended,
        () = requests.0.flood.cancelled() => {
            tell_of_flood(from);
            Ok(())
        }
        // Whoever does not answer the farewell.
        () = requests.silent_for(FAREWELL) => Ok(()),
    }
}

fn builder(limits: &ServeLimits, requests: Requests) -> Builder<Requests> {
    let mut http = Builder::new(requests);
    http.timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(UNSEEN_RESETS)
        .max_local_error_reset_streams(REFUSED_STREAMS)
        .initial_stream_window_size(BODY_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(ANSWER_BUFFER)
        .keep_alive_interval(limits.head_timeout)
        .keep_alive_timeout(PING_TIMEOUT);
    http
}

fn tell_of_flood(from: IpAddr) {
    tracing::debug!(target: "vafa::serve", %from, "a connection whose client cancels too much was cut");
}

/// The requests of one connection. As its executor it sees each from its head to the last byte of its answer.
#[derive(Clone)]
struct Requests(Arc<Counts>);

struct Counts {
    under_way: AtomicUsize,
    /// All there ever were.
    begun: AtomicUsize,
    /// Those that the client took back before there was an answer, less those that were answered.
    cancelled: AtomicU32,
    most_cancelled: u32,
    flood: CancellationToken,
}

impl Requests {
    fn new(most_cancelled: u32) -> Self {
        Self(Arc::new(Counts {
            under_way: AtomicUsize::new(0),
            begun: AtomicUsize::new(0),
            cancelled: AtomicU32::new(0),
            most_cancelled,
            flood: CancellationToken::new(),
        }))
    }

    /// Returns once there was no request for so long, or a quarter longer.
    async fn silent_for(&self, limit: Duration) {
        let (mut seen, mut busy_at) = (0, Instant::now());
        loop {
            tokio::time::sleep(limit / 4).await;
            let begun = self.0.begun.load(Ordering::Relaxed);
            if begun != seen || self.0.under_way.load(Ordering::Relaxed) > 0 {
                (seen, busy_at) = (begun, Instant::now());
            } else if busy_at.elapsed() >= limit {
                return;
            }
        }
    }
}

impl<F> Executor<F> for Requests
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, request: F) {
        let counts = Arc::clone(&self.0);
        counts.begun.fetch_add(1, Ordering::Relaxed);
        counts.under_way.fetch_add(1, Ordering::Relaxed);
        let under_way = UnderWay(counts);
        TokioExecutor::new().execute(async move {
            request.await;
            drop(under_way);
        });
    }
}

/// Counts down when a request is over, whichever way.
struct UnderWay(Arc<Counts>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A request without an answer yet; dropped as such it was cancelled.
struct Asked {
    counts: Option<Arc<Counts>>,
}

impl Asked {
    fn new(requests: &Requests) -> Self {
        Self { counts: Some(Arc::clone(&requests.0)) }
    }

    fn answered(mut self) {
        if let Some(counts) = self.counts.take() {
            let less = |cancelled: u32| Some(cancelled.saturating_sub(1));
            // Always Ok: the closure never says no.
            let _ = counts.cancelled.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if let Some(counts) = self.counts.take()
            && counts.cancelled.fetch_add(1, Ordering::Relaxed) >= counts.most_cancelled
        {
            counts.flood.cancel();
        }
    }
}
