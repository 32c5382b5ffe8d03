use std::time::Duration;

use axum::Router;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use web::{ServeLimits, serve};

use crate::platform::{caller_key, router};

pub struct Server {
    pub address: std::net::SocketAddr,
    pub stop: CancellationToken,
    pub done: JoinHandle<std::io::Result<()>>,
}

pub async fn start(router: Router, limits: ServeLimits) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let done = tokio::spawn(serve(listener, router, limits, stop.clone()));
    Server { address, stop, done }
}

pub async fn exchange(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut buffer = vec![0; 16 * 1024];
    let read = stream.read(&mut buffer).await.unwrap();
    String::from_utf8_lossy(&buffer[..read]).into_owned()
}

const GOOD: &str = "GET /v1/baskets?branch=b HTTP/1.1\r\nhost: x\r\n\r\n";

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let server = start(router(caller_key()), ServeLimits::default()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    for _ in 0..3 {
        assert!(exchange(&mut stream, GOOD).await.starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn nonsense_and_oversized_heads_are_refused_and_the_server_goes_on() {
    let server = start(router(caller_key()), ServeLimits { head_bytes: 8_192, ..Default::default() }).await;
    let many = "x: 1\r\n".repeat(200);
    let table = [
        ("GET / HTTP/7.1\r\n\r\n".to_owned(), "HTTP/1.1 400"),
        ("NONSENSE\r\n\r\n".to_owned(), "HTTP/1.1 400"),
        ("GET / HTTP/1.1\r\nbad header\r\n\r\n".to_owned(), "HTTP/1.1 400"),
        (format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n"), "HTTP/1.1 431"),
        (format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(20_000)), "HTTP/1.1 431"),
        (
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n".to_owned(),
            "HTTP/1.1 400",
        ),
    ];
    for (request, expected) in table {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let answer = exchange(&mut stream, &request).await;
        assert!(answer.starts_with(expected), "{request:.60}: {answer}");
    }
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    assert!(exchange(&mut stream, GOOD).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off() {
    let limits = ServeLimits { head_timeout: Duration::from_millis(200), ..Default::default() };
    let server = start(router(caller_key()), limits).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
    let mut rest = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
    assert!(read.is_ok(), "the connection was closed");
}

#[tokio::test]
async fn the_stop_finishes_what_is_in_flight_and_takes_nothing_new() {
    let slow = Router::new().fallback(|| async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        "done"
    });
    let server = start(slow, ServeLimits::default()).await;
    let mut busy = TcpStream::connect(server.address).await.unwrap();
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    busy.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.stop.cancel();
    let mut answer = String::new();
    busy.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"), "{answer}");
    assert_eq!(idle.read(&mut [0; 8]).await.unwrap(), 0, "idle connections are closed");
    server.done.await.unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}
