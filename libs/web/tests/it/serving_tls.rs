//! TLS: both protocols by the client's choice, and a certificate that changes while requests come.

use std::{fs, net::SocketAddr, path::Path, sync::Arc};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring::default_provider,
        pki_types::{CertificateDer, ServerName, pem::PemObject as _},
    },
};
use tokio_util::sync::CancellationToken;
use web::{ServeLimits, TlsFiles, serve_tls};

use crate::platform::{caller_key, router};

const REQUEST: &str = "GET /v1/baskets?branch=b HTTP/1.1\r\nhost: one.test\r\n\r\n";

struct Server {
    address: SocketAddr,
    files: TlsFiles,
    folder: TempDir,
    stop: CancellationToken,
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
}

fn put(folder: &Path, name: &str) {
    for kind in ["crt", "key"] {
        fs::write(folder.join(kind), fixture(&format!("{name}.{kind}"))).unwrap();
    }
}

async fn start() -> Server {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "one");
    let files = TlsFiles::read(folder.path().join("crt"), folder.path().join("key")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let router = router(caller_key());
    tokio::spawn(serve_tls(listener, router, ServeLimits::default(), stop.clone(), files.clone()));
    Server { address, files, folder, stop }
}

async fn connect(
    server: &Server,
    name: &'static str,
    protocol: &[u8],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&fixture(&format!("{name}.crt"))).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let host = ServerName::try_from(format!("{name}.test")).unwrap();
    let stream = TcpStream::connect(server.address).await?;
    TlsConnector::from(Arc::new(config)).connect(host, stream).await
}

async fn exchange(stream: &mut TlsStream<TcpStream>) -> String {
    stream.write_all(REQUEST.as_bytes()).await.unwrap();
    let mut buffer = vec![0; 4_096];
    let read = stream.read(&mut buffer).await.unwrap();
    String::from_utf8_lossy(&buffer[..read]).into_owned()
}

#[tokio::test]
async fn http1_is_spoken_over_tls_and_plain_text_is_not() {
    let server = start().await;
    let mut stream = connect(&server, "one", b"http/1.1").await.unwrap();
    for _ in 0..2 {
        assert!(exchange(&mut stream).await.starts_with("HTTP/1.1 200"));
    }
    let mut plain = TcpStream::connect(server.address).await.unwrap();
    plain.write_all(REQUEST.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP/"), "{answer:?}");
    assert!(exchange(&mut stream).await.starts_with("HTTP/1.1 200"));
    server.stop.cancel();
}

#[tokio::test]
async fn http2_is_spoken_where_the_client_asks_for_it() {
    let server = start().await;
    let stream = connect(&server, "one", b"h2").await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let mut client = client.ready().await.unwrap();
    let request = http::Request::get("https://one.test/v1/baskets?branch=b").body(()).unwrap();
    let (response, _) = client.send_request(request, true).unwrap();
    assert_eq!(response.await.unwrap().status(), 200);
    server.stop.cancel();
}

#[tokio::test]
async fn a_new_certificate_is_taken_without_a_stop_and_a_broken_one_is_not() {
    let server = start().await;
    let mut old = connect(&server, "one", b"http/1.1").await.unwrap();
    fs::write(server.folder.path().join("crt"), b"nonsense").unwrap();
    server.files.look();
    connect(&server, "one", b"http/1.1").await.unwrap();
    put(server.folder.path(), "two");
    server.files.look();
    assert!(connect(&server, "one", b"http/1.1").await.is_err());
    let mut new = connect(&server, "two", b"http/1.1").await.unwrap();
    assert!(exchange(&mut new).await.starts_with("HTTP/1.1 200"));
    assert!(exchange(&mut old).await.starts_with("HTTP/1.1 200"), "what was open goes on");
    // The key of another certificate.
    fs::write(server.folder.path().join("key"), fixture("one.key")).unwrap();
    server.files.look();
    connect(&server, "two", b"http/1.1").await.unwrap();
    assert!(TlsFiles::read(server.folder.path().join("crt"), server.folder.path().join("key")).is_err());
}
