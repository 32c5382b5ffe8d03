//! Which HTTP a client speaks, by its first bytes.

use std::{io, time::Duration};

use tokio::net::TcpStream;

/// What every HTTP/2 client says first (RFC 9113, 3.4), and no other one.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How long a preface that has begun is waited for at first; then twice as long each time.
const A_LITTLE: Duration = Duration::from_millis(1);

/// Whether a client opens with HTTP/2's preface.
///
/// It looks and takes nothing away: HTTP/1.1 costs one look for each connection, and nothing for a request.
pub(super) async fn speaks_http2(stream: &TcpStream) -> io::Result<bool> {
    let mut seen = [0; PREFACE.len()];
    let mut wait = A_LITTLE;
    loop {
        let length = stream.peek(&mut seen).await?;
        if length == 0 || seen[..length] != PREFACE[..length] {
            return Ok(false);
        }
        if length == PREFACE.len() {
            return Ok(true);
        }
        // A look does not say when there is more to see. Whoever sends a preface in parts is odd, and pays with time.
        tokio::time::sleep(wait).await;
        wait *= 2;
    }
}
