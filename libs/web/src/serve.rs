//! The serving loop: HTTP/1.1 and HTTP/2 connections on one port, in plain text or over TLS, with their limits, and a stop that finishes what is in
//! flight.

mod http2;
mod opening;
mod tls;

use std::{convert::Infallible, io, net::IpAddr, pin::pin, time::Duration};

use axum::{Router, response::Response};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tower::Service;

use crate::{RawBody, serve::opening::speaks_http2};

pub use tls::TlsFiles;

/// How much one listener takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServeLimits {
    /// How long a connection may take to send a request's head, and how long it may be silent between requests.
    pub head_timeout: Duration,
    /// The largest head in bytes; more is answered 431.
    pub head_bytes: usize,
    /// Requests at a time that one HTTP/2 connection may have under way; more are refused unread.
    pub streams: u32,
    /// Requests that the client of an HTTP/2 connection may have cancelled beyond those that were answered; one more, and the
    /// connection is cut.
    pub cancelled: u32,
    /// Connections at a time; more wait to be accepted.
    pub connections: usize,
    /// After the stop: how long requests in flight may still take.
    pub drain: Duration,
}

impl Default for ServeLimits {
    fn default() -> Self {
        Self {
            head_timeout: Duration::from_secs(30),
            head_bytes: 32 * 1024,
            streams: 128,
            cancelled: 100,
            connections: 20_000,
            drain: Duration::from_secs(20),
        }
    }
}

/// The address of whoever opened the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(pub IpAddr);

/// Serves `router` on `listener` until `stop`, then lets requests in flight finish.
///
/// # Errors
/// Never while single connections fail; only when the listener itself is unusable from the start.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ServeLimits,
    stop: CancellationToken,
) -> io::Result<()> {
    run(listener, router, limits, stop, None).await
}

/// The same over TLS, with the certificate that the files have.
///
/// # Errors
/// Never while single connections fail; only when the listener itself is unusable from the start.
pub async fn serve_tls(
    listener: TcpListener,
    router: Router,
    limits: ServeLimits,
    stop: CancellationToken,
    tls: TlsFiles,
) -> io::Result<()> {
    run(listener, router, limits, stop, Some(tls)).await
}

async fn run(
    listener: TcpListener,
    router: Router,
    limits: ServeLimits,
    stop: CancellationToken,
    tls: Option<TlsFiles>,
) -> io::Result<()> {
    listener.local_addr()?;
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        // No `pipeline_flush`: hyper would then never send its answer to a head that it cannot read.
        .max_buf_size(limits.head_bytes);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < limits.connections => match accepted {
                Ok((stream, from)) => {
                    let client = Client { stream, from: from.ip(), router: router.clone() };
                    connections.spawn(connection(client, http.clone(), limits, stop.clone(), tls.clone()));
                }
                Err(error) => {
                    // Out of file descriptors, or a client that was gone before we came: wait a little and go on.
                    tracing::warn!(target: "vafa::serve", %error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.drain, drained).await.is_err() {
        tracing::warn!(target: "vafa::serve", left = connections.len(), "requests were still in flight at the end");
    }
    Ok(())
}

/// Whoever opened a connection, and what serves it.
struct Client<S> {
    stream: S,
    from: IpAddr,
    router: Router,
}

async fn connection(
    client: Client<TcpStream>,
    http: http1::Builder,
    limits: ServeLimits,
    stop: CancellationToken,
    tls: Option<TlsFiles>,
) {
    if client.stream.set_nodelay(true).is_err() {
        return; // The client is gone already.
    }
    let Client { stream, from, router } = client;
    if let Some(tls) = tls {
        if let Some((stream, http2)) = open(tls.accept(stream), &limits, &stop).await {
            speak(Client { stream, from, router }, http2, &http, &limits, stop).await;
        }
        return;
    }
    if let Some(http2) = open(speaks_http2(&stream), &limits, &stop).await {
        speak(Client { stream, from, router }, http2, &http, &limits, stop).await;
    }
}

/// What a connection opens with, unless its client is gone or silent for too long.
async fn open<T>(
    opening: impl Future<Output = io::Result<T>>,
    limits: &ServeLimits,
    stop: &CancellationToken,
) -> Option<T> {
    tokio::select! {
        biased;
        () = stop.cancelled() => None,
        opened = tokio::time::timeout(limits.head_timeout, opening) => opened.ok()?.ok(),
    }
}

async fn speak<S>(
    client: Client<S>,
    http2: bool,
    http: &http1::Builder,
    limits: &ServeLimits,
    stop: CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let ended =
        if http2 { http2::serve(client, limits, stop).await } else { http1(client, http, stop).await };
    if let Err(error) = ended {
        tracing::debug!(target: "vafa::serve", %error, "a connection ended early");
    }
}

async fn http1<S>(client: Client<S>, http: &http1::Builder, stop: CancellationToken) -> hyper::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Client { stream, from, router } = client;
    let service = hyper::service::service_fn(move |request| answer(router.clone(), from, request));
    let mut serving = pin!(http.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        biased;
        ended = serving.as_mut() => ended,
        () = stop.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    }
}

async fn answer(
    mut router: Router,
    from: IpAddr,
    request: http::Request<Incoming>,
) -> Result<Response, Infallible> {
    let mut request = request.map(RawBody::new);
    request.extensions_mut().insert(PeerAddress(from));
    Service::call(&mut router, request).await
}
