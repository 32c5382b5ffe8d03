//! Requests that arrive at one instant: each on a connection of its own, all but the last byte sent beforehand, then the
//! last bytes one right after the other.
//!
//! The gateway speaks HTTP/1.1, where a connection has one request at a time; over HTTP/2 the same would be one packet.

use futures_util::future::join_all;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::rig::Rig;

/// An answer: its status and its body.
#[derive(Clone, Debug, PartialEq)]
pub struct Shot {
    pub status: u16,
    pub body: Value,
}

impl Shot {
    /// The problem's code; empty for a good answer.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

/// Open connections to the gateway.
pub struct Salvo {
    host: String,
    connections: Vec<TcpStream>,
}

impl Salvo {
    pub async fn of(rig: &Rig, connections: usize) -> Self {
        let host = rig.base().trim_start_matches("http://").to_owned();
        let open = (0..connections).map(|_| async {
            let stream = TcpStream::connect(&host).await.expect("the gateway listens");
            stream.set_nodelay(true).expect("an open connection");
            stream
        });
        let connections = join_all(open).await;
        Self { host, connections }
    }

    /// Sends one request on each connection at the same instant: path, bearer, idempotency key and body.
    pub async fn fire(&mut self, requests: &[(String, String, String, Value)]) -> Vec<Shot> {
        assert_eq!(requests.len(), self.connections.len(), "one request a connection");
        let texts = requests.iter().map(|(path, bearer, key, body)| {
            let body = body.to_string();
            format!(
                "POST {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {bearer}\r\nidempotency-key: {key}\r\n\
                 content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                self.host,
                body.len()
            )
        });
        let texts: Vec<String> = texts.collect();
        for (stream, text) in self.connections.iter_mut().zip(&texts) {
            let (held_back, most) = text.as_bytes().split_last().expect("a request is not empty");
            stream.write_all(most).await.expect("the gateway reads");
            assert_eq!(*held_back, b'}', "the request ends with its body");
        }
        // What was sent reaches the service, which waits for the last byte.
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        for stream in &mut self.connections {
            stream.write_all(b"}").await.expect("the gateway reads");
        }
        join_all(self.connections.iter_mut().map(answer)).await
    }
}

/// Reads one answer with a known length.
async fn answer(stream: &mut TcpStream) -> Shot {
    let mut read = Vec::new();
    let head = loop {
        if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        more(stream, &mut read).await;
    };
    let text = String::from_utf8_lossy(&read[..head]).to_lowercase();
    let status = text.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.and_then(|word| word.trim().parse().ok()).expect("an answer of known length");
    while read.len() < head + length {
        more(stream, &mut read).await;
    }
    Shot { status, body: serde_json::from_slice(&read[head..]).expect("answers are JSON") }
}

async fn more(stream: &mut TcpStream, read: &mut Vec<u8>) {
    assert_ne!(stream.read_buf(read).await.expect("an answer"), 0, "the gateway hung up");
}
