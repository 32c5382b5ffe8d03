//! One HTTP/1.1 connection, as thin as can be: prepared bytes out, status and length in. The load generator shares the
//! machine with what it measures, so it parses nothing that it does not need.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const MOST_HEADERS: usize = 48;
const FIRST_ROOM: usize = 16 * 1024;

/// A kept-alive connection.
pub struct Wire {
    stream: TcpStream,
    inbox: Vec<u8>,
}

/// An answer, valid until the next request.
#[derive(Debug)]
pub struct Answer<'a> {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: &'a [u8],
}

/// Where an answer's parts are in what was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Frame {
    status: u16,
    body: usize,
    end: usize,
}

impl Wire {
    /// Connects, without delays for small packets.
    ///
    /// # Errors
    /// When nobody listens there.
    pub async fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, inbox: vec![0; FIRST_ROOM] })
    }

    /// Sends a whole request and waits for its whole answer.
    ///
    /// # Errors
    /// When the connection ends, or what comes is no answer of known length.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        let mut filled = 0;
        let mut known = None;
        loop {
            if filled == self.inbox.len() {
                self.inbox.resize(filled * 2, 0);
            }
            let read = self.stream.read(&mut self.inbox[filled..]).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            filled += read;
            if known.is_none() {
                known = frame(&self.inbox[..filled])?;
            }
            match known {
                Some(frame) if filled >= frame.end => {
                    let body = &self.inbox[frame.body..frame.end];
                    return Ok(Answer { status: frame.status, body });
                }
                _ => {}
            }
        }
    }
}

/// Finds the parts of an answer; `None` while its head is incomplete.
fn frame(received: &[u8]) -> io::Result<Option<Frame>> {
    let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut answer = httparse::Response::new(&mut headers);
    let parsed = answer.parse(received).map_err(|error| wrong(&error.to_string()))?;
    let httparse::Status::Complete(body) = parsed else { return Ok(None) };
    let status = answer.code.ok_or_else(|| wrong("no status"))?;
    let mut length = None;
    for header in answer.headers.iter() {
        if header.name.eq_ignore_ascii_case("content-length") {
            let text = std::str::from_utf8(header.value).ok().and_then(|text| text.trim().parse().ok());
            length = Some(text.ok_or_else(|| wrong("content-length is no number"))?);
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(wrong("an answer in chunks is not expected"));
        }
    }
    let length: usize = match length {
        Some(length) => length,
        None if status == 204 => 0,
        None => return Err(wrong("an answer of unknown length")),
    };
    Ok(Some(Frame { status, body, end: body + length }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_found_by_its_length() {
        let text = b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\nContent-Length: 2\r\n\r\n{}";
        let found = frame(text).unwrap().unwrap();
        assert_eq!((found.status, found.end), (201, text.len()));
        assert_eq!(&text[found.body..found.end], b"{}");
    }

    #[test]
    fn half_a_head_is_not_yet_an_answer() {
        assert_eq!(frame(b"HTTP/1.1 200 OK\r\ncontent-le").unwrap(), None);
        assert_eq!(frame(b"").unwrap(), None);
    }

    #[test]
    fn an_answer_without_contents_needs_no_length() {
        let found = frame(b"HTTP/1.1 204 No Content\r\ndate: x\r\n\r\n").unwrap().unwrap();
        assert_eq!(found.body, found.end);
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        assert!(frame(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(frame(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(frame(b"HTTP/1.1 200 OK\r\ncontent-length: ten\r\n\r\n").is_err());
        assert!(frame(b"SSH-2.0-x\r\n\r\n").is_err());
    }
}
