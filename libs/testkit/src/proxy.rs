//! A TCP proxy that hurts connections on purpose: it delays, freezes or cuts them.
//!
//! Put it between a client and its server (PostgreSQL, NATS, a service) and turn the switch while both
//! sides work. It knows nothing of what it carries. Before several servers of one kind it shares connections out among
//! those that are there, as a load balancer does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};

const CHUNK: usize = 16 * 1024;
const CHUNKS_IN_FLIGHT: usize = 256;

/// What the proxy does with every connection, now and until told otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Carries bytes, each way this much later than they came.
    Through(Duration),
    /// Keeps connections open and carries nothing (half-open TCP); what was sent meanwhile comes later.
    Silent,
    /// Closes every connection, also new ones.
    Cut,
}

/// A proxy on a port of its own; connections end when it is dropped.
#[derive(Debug)]
pub struct TcpProxy {
    address: SocketAddr,
    line: watch::Sender<Line>,
    accepting: JoinHandle<()>,
}

impl TcpProxy {
    /// Listens on a free port of 127.0.0.1 and carries connections to `upstream` (`host:port`).
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn start(upstream: impl Into<String>) -> anyhow::Result<Self> {
        Self::among(vec![upstream.into()]).await
    }

    /// Listens on a free port of 127.0.0.1 and carries each connection to the next of these, passing over those where
    /// nobody answers.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn among(upstreams: Vec<String>) -> anyhow::Result<Self> {
        let port = crate::servers::free_port()?;
        let listener = TcpListener::bind(("127.0.0.1", port)).await.context("the proxy's port")?;
        let address = listener.local_addr()?;
        let (line, watched) = watch::channel(Line::Through(Duration::ZERO));
        let accepting = tokio::spawn(accept(listener, upstreams.into(), watched));
        Ok(Self { address, line, accepting })
    }

    /// Where clients connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port of [`Self::address`].
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Turns the switch.
    pub fn set(&self, line: Line) {
        self.line.send_replace(line);
    }

    /// Carries bytes, each way this much later.
    pub fn delay(&self, delay: Duration) {
        self.set(Line::Through(delay));
    }

    /// Carries nothing while connections stay open.
    pub fn silence(&self) {
        self.set(Line::Silent);
    }

    /// Closes every connection and refuses new ones.
    pub fn cut(&self) {
        self.set(Line::Cut);
    }

    /// Closes the connections of this moment; new ones are carried.
    pub async fn cut_once(&self) {
        let before = *self.line.borrow();
        self.cut();
        tokio::time::sleep(Duration::from_millis(20)).await;
        self.set(before);
    }

    /// Carries bytes at once.
    pub fn restore(&self) {
        self.delay(Duration::ZERO);
    }
}

impl Drop for TcpProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, upstreams: Arc<[String]>, line: watch::Receiver<Line>) {
    // Dropped with this task, and every connection with it.
    let mut connections = JoinSet::new();
    let mut turn = 0;
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(carry(client, Arc::clone(&upstreams), turn, line.clone()));
        turn = (turn + 1) % upstreams.len().max(1);
        while connections.try_join_next().is_some() {}
    }
}

/// The first that answers, from the one whose turn it is on.
async fn connect(upstreams: &[String], turn: usize) -> Option<TcpStream> {
    for upstream in upstreams.iter().cycle().skip(turn).take(upstreams.len()) {
        if let Ok(server) = TcpStream::connect(upstream).await {
            return Some(server);
        }
    }
    None
}

async fn carry(client: TcpStream, upstreams: Arc<[String]>, turn: usize, mut line: watch::Receiver<Line>) {
    if *line.borrow() == Line::Cut {
        return;
    }
    let Some(server) = connect(&upstreams, turn).await else { return };
    if client.set_nodelay(true).and_then(|()| server.set_nodelay(true)).is_err() {
        return;
    }
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let there = pump(from_client, to_server, line.clone());
    let back = pump(from_server, to_client, line.clone());
    tokio::select! {
        _ = line.wait_for(|now| *now == Line::Cut) => {}
        _ = async { tokio::join!(there, back) } => {}
    }
}

/// Carries one direction; the end of the stream is carried too.
async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut line: watch::Receiver<Line>) {
    let (queue, mut queued) = mpsc::channel::<(Instant, Vec<u8>)>(CHUNKS_IN_FLIGHT);
    let mut line_of_reader = line.clone();
    let read = async move {
        let mut chunk = vec![0; CHUNK];
        while let Ok(length) = from.read(&mut chunk).await {
            if length == 0 {
                break;
            }
            let Ok(delay) = open_line(&mut line_of_reader).await else { break };
            if queue.send((Instant::now() + delay, chunk[..length].to_vec())).await.is_err() {
                break;
            }
        }
    };
    let write = async move {
        while let Some((due, chunk)) = queued.recv().await {
            sleep_until(due).await;
            if open_line(&mut line).await.is_err() || to.write_all(&chunk).await.is_err() {
                break;
            }
        }
        // The other side may be gone already; there is nobody to tell.
        let _ = to.shutdown().await;
    };
    tokio::join!(read, write);
}

/// Waits while the line is silent; answers the delay, or an error when the proxy is gone.
async fn open_line(line: &mut watch::Receiver<Line>) -> Result<Duration, watch::error::RecvError> {
    let now = *line.wait_for(|now| *now != Line::Silent).await?;
    Ok(if let Line::Through(delay) = now { delay } else { Duration::ZERO })
}
