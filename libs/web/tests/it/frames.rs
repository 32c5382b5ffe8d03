//! HTTP/2 as bytes, for clients that do what no library would.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const GOAWAY: u8 = 7;
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;
pub const ENHANCE_YOUR_CALM: u32 = 11;
pub const CANCEL: u32 = 8;

/// A frame as it is on the wire.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A whole request without a body: `GET` of a short path, in plain HPACK.
pub fn get(stream: u32, path: &str) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, &head(path))
}

/// Its head: `GET` and `http` from the table, path and authority spelt out.
pub fn head(path: &str) -> Vec<u8> {
    let spelt =
        |name: u8, value: &str| [&[name, u8::try_from(value.len()).unwrap()], value.as_bytes()].concat();
    [vec![0x82, 0x86], spelt(0x04, path), spelt(0x01, "x")].concat()
}

pub fn cancel(stream: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &CANCEL.to_be_bytes())
}

/// A connection that has greeted.
pub async fn greeted(address: std::net::SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).await.unwrap();
    stream
}

/// What the server sends until it hangs up, as kinds of frames with what they hold; within ten seconds.
pub async fn until_hung_up(stream: TcpStream) -> Vec<(u8, Vec<u8>)> {
    let (frames, ended) = heard(stream, Duration::from_secs(10)).await;
    assert!(ended, "the server does not hang up: {frames:?}");
    frames
}

/// What the server sends in this time, and whether it has hung up then.
pub async fn heard(mut stream: TcpStream, time: Duration) -> (Vec<(u8, Vec<u8>)>, bool) {
    let mut bytes = Vec::new();
    let reading = async {
        // A connection that was reset has ended as well.
        while stream.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {}
    };
    let ended = tokio::time::timeout(time, reading).await.is_ok();
    let (mut frames, mut left) = (Vec::new(), bytes.as_slice());
    while let Some((head, rest)) = left.split_at_checked(9) {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let Some((payload, rest)) = rest.split_at_checked(usize::try_from(length).unwrap()) else { break };
        frames.push((head[3], payload.to_vec()));
        left = rest;
    }
    (frames, ended)
}

/// The reason of the last farewell among these frames.
pub fn farewell(frames: &[(u8, Vec<u8>)]) -> Option<u32> {
    let (_, payload) = frames.iter().rev().find(|(kind, _)| *kind == GOAWAY)?;
    Some(u32::from_be_bytes(payload[4..8].try_into().unwrap()))
}
