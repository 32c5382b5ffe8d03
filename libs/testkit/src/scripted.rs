//! An HTTP server for tests that does what it is told: answers, waits, breaks off after it has heard everything, or says nothing.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// What it does with a request, after it has heard all of it.
#[derive(Clone, Debug)]
pub enum Reply {
    /// It answers with this status, these headers and this body.
    Says(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// It answers so much later.
    After(Duration, Box<Reply>),
    /// It ends the connection without a word.
    BreaksOff,
    /// It begins to answer, and ends the connection.
    BreaksOffWhileAnswering,
    /// It never answers.
    Silent,
}

impl Reply {
    /// An answer in JSON.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        let kind = ("content-type", "application/json".to_owned());
        Self::Says(status, vec![kind], body.to_string().into_bytes())
    }

    /// An answer of a status alone.
    #[must_use]
    pub const fn status(status: u16) -> Self {
        Self::Says(status, Vec::new(), Vec::new())
    }
}

/// A request that it heard.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Its method.
    pub method: String,
    /// Its path and query, as they came.
    pub target: String,
    /// Its headers, their names in small letters.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Heard {
    /// Its body as JSON; null where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Its body as a text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// One of its headers; empty where it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

#[derive(Default)]
struct Book {
    heard: Vec<Heard>,
    replies: VecDeque<Reply>,
}

/// A running server, on 127.0.0.1 only; it ends with the runtime that started it.
#[derive(Clone)]
pub struct ScriptedServer {
    port: u16,
    book: Arc<Mutex<Book>>,
}

impl ScriptedServer {
    /// Starts it on a free port. What it was told nothing about it answers with `usual`.
    ///
    /// # Errors
    /// When there is no port.
    pub fn start(usual: Reply) -> anyhow::Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").context("a port")?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let listener = TcpListener::from_std(listener)?;
        let book = Arc::<Mutex<Book>>::default();
        let books = Arc::clone(&book);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (books, usual) = (Arc::clone(&books), usual.clone());
                tokio::spawn(async move { serve(stream, &books, usual).await });
            }
        });
        Ok(Self { port, book })
    }

    /// Where it is called.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it does with the next requests, one after the other.
    pub fn next(&self, replies: impl IntoIterator<Item = Reply>) {
        book(&self.book).replies.extend(replies);
    }

    /// What it heard since it was last asked.
    #[must_use]
    pub fn heard(&self) -> Vec<Heard> {
        std::mem::take(&mut book(&self.book).heard)
    }
}

fn book(of: &Mutex<Book>) -> MutexGuard<'_, Book> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(stream: TcpStream, books: &Mutex<Book>, usual: Reply) -> anyhow::Result<()> {
    let mut stream = BufReader::new(stream);
    let heard = hear(&mut stream).await?;
    let mut reply = {
        let mut book = book(books);
        book.heard.push(heard);
        book.replies.pop_front().unwrap_or(usual)
    };
    while let Reply::After(wait, then) = reply {
        tokio::time::sleep(wait).await;
        reply = *then;
    }
    match reply {
        Reply::Says(status, headers, body) => {
            let headers: Vec<String> =
                headers.into_iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let head = format!(
                "HTTP/1.1 {status} x\r\ncontent-length: {}\r\n{}connection: close\r\n\r\n",
                body.len(),
                headers.concat()
            );
            stream.write_all(&[head.as_bytes(), &body].concat()).await?;
        }
        Reply::BreaksOffWhileAnswering => {
            stream.write_all(b"HTTP/1.1 200 x\r\ncontent-length: 100\r\n\r\n{").await?;
        }
        Reply::Silent => tokio::time::sleep(Duration::from_mins(1)).await,
        Reply::BreaksOff | Reply::After(..) => {}
    }
    stream.shutdown().await?;
    Ok(())
}

async fn hear(stream: &mut BufReader<TcpStream>) -> anyhow::Result<Heard> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, target) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers: BTreeMap<String, String> =
        headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or_default();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Heard { method: method.to_owned(), target: target.to_owned(), headers, body })
}
