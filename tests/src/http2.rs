//! A client that speaks HTTP/2 and says when its bytes leave: many requests in one packet.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::future::join_all;
use h2::client::{Connection, ResponseFuture, SendRequest};
use http::{Request, Response};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// One HTTP/2 connection, without TLS and without asking first.
pub struct Http2 {
    host: String,
    requests: SendRequest<Bytes>,
    connection: Connection<Line, Bytes>,
    writes: Arc<AtomicUsize>,
}

impl Http2 {
    /// Connects to a base address such as `http://127.0.0.1:8080`, and has exchanged settings.
    ///
    /// # Errors
    /// When nobody there speaks HTTP/2.
    pub async fn open(base: &str) -> anyhow::Result<Self> {
        let host = base.trim_start_matches("http://").to_owned();
        let stream = TcpStream::connect(&host).await?;
        stream.set_nodelay(true)?;
        let writes = Arc::<AtomicUsize>::default();
        let line = Line { stream, writes: Arc::clone(&writes) };
        let (requests, connection) = h2::client::handshake(line).await?;
        let mut opened = Self { host, requests, connection, writes };
        let _ = opened.send(vec![Request::get("/").body(Bytes::new())?]).await?;
        Ok(opened)
    }

    /// Sends all of these in one packet; the answers come in the order of the requests. Paths have no host.
    ///
    /// # Errors
    /// When the connection breaks, when one of them gets no answer, or when they do not fit into one packet.
    pub async fn at_once(&mut self, requests: Vec<Request<Bytes>>) -> anyhow::Result<Vec<Response<Bytes>>> {
        let before = self.writes.load(Ordering::Relaxed);
        let (answers, writes) = self.send(requests).await?;
        anyhow::ensure!(writes == before + 1, "they went out in {} packets", writes - before);
        Ok(answers)
    }

    /// Answers what came back, and how many packets had gone out when the last request had.
    async fn send(&mut self, requests: Vec<Request<Bytes>>) -> anyhow::Result<(Vec<Response<Bytes>>, usize)> {
        let mut answers = Vec::new();
        for request in requests {
            let (mut head, body) = request.into_parts();
            head.uri = format!("http://{}{}", self.host, head.uri).parse()?;
            let mut free = self.requests.clone().ready().await?;
            let (answer, mut stream) = free.send_request(Request::from_parts(head, ()), body.is_empty())?;
            if !body.is_empty() {
                stream.send_data(body, true)?;
            }
            answers.push(read(answer));
        }
        // Nothing leaves before the connection is polled, and then all of it does.
        let connection = &mut self.connection;
        let ended = std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut *connection).poll(cx))).await;
        anyhow::ensure!(ended.is_pending(), "the connection ended: {ended:?}");
        let writes = self.writes.load(Ordering::Relaxed);
        let answers = tokio::select! {
            answers = join_all(answers) => answers,
            ended = connection => anyhow::bail!("the connection ended: {ended:?}"),
        };
        let answers: Result<Vec<Response<Bytes>>, h2::Error> = answers.into_iter().collect();
        Ok((answers?, writes))
    }
}

/// A request to read.
///
/// # Panics
/// When this is no path.
#[must_use]
pub fn get(path: &str, bearer: &str) -> Request<Bytes> {
    let request = Request::get(path).header("authorization", format!("Bearer {bearer}"));
    request.body(Bytes::new()).expect("a path and a key")
}

/// A request to do something once.
///
/// # Panics
/// When this is no path.
#[must_use]
pub fn post(path: &str, bearer: &str, key: &str, body: &Value) -> Request<Bytes> {
    let request = Request::post(path)
        .header("authorization", format!("Bearer {bearer}"))
        .header("idempotency-key", key)
        .header("content-type", "application/json");
    request.body(body.to_string().into()).expect("a path and a key")
}

/// Waits for an answer and reads all of it.
async fn read(answer: ResponseFuture) -> Result<Response<Bytes>, h2::Error> {
    let (head, mut body) = answer.await?.into_parts();
    let mut bytes = Vec::new();
    while let Some(part) = body.data().await {
        let part = part?;
        body.flow_control().release_capacity(part.len())?;
        bytes.extend_from_slice(&part);
    }
    Ok(Response::from_parts(head, bytes.into()))
}

/// A connection that counts how often something was written.
struct Line {
    stream: TcpStream,
    writes: Arc<AtomicUsize>,
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if matches!(written, Poll::Ready(Ok(_))) {
            self.writes.fetch_add(1, Ordering::Relaxed);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
