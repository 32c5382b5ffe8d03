//! The proxy delays, freezes and cuts.

use std::time::{Duration, Instant};

use testkit::proxy::TcpProxy;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// A server that answers every byte with the same byte.
async fn echo() -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                let _ = tokio::io::copy(&mut from, &mut to).await;
            });
        }
    });
    Ok(address)
}

async fn ask(stream: &mut TcpStream, byte: u8) -> anyhow::Result<u8> {
    stream.write_u8(byte).await?;
    Ok(stream.read_u8().await?)
}

#[tokio::test]
async fn bytes_pass_and_a_delay_counts_both_ways() -> anyhow::Result<()> {
    let proxy = TcpProxy::start(echo().await?).await?;
    let mut stream = TcpStream::connect(proxy.address()).await?;
    assert_eq!(ask(&mut stream, 7).await?, 7);
    proxy.delay(Duration::from_millis(50));
    let asked = Instant::now();
    assert_eq!(ask(&mut stream, 8).await?, 8);
    assert!(asked.elapsed() >= Duration::from_millis(100));
    Ok(())
}

#[tokio::test]
async fn a_silent_line_stays_open_and_loses_nothing() -> anyhow::Result<()> {
    let proxy = TcpProxy::start(echo().await?).await?;
    let mut stream = TcpStream::connect(proxy.address()).await?;
    assert_eq!(ask(&mut stream, 1).await?, 1);
    proxy.silence();
    stream.write_u8(2).await?;
    assert!(timeout(Duration::from_millis(100), stream.read_u8()).await.is_err());
    proxy.restore();
    assert_eq!(stream.read_u8().await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_cut_closes_old_and_new_connections_until_restored() -> anyhow::Result<()> {
    let proxy = TcpProxy::start(echo().await?).await?;
    let mut stream = TcpStream::connect(proxy.address()).await?;
    assert_eq!(ask(&mut stream, 1).await?, 1);
    proxy.cut();
    assert!(stream.read_u8().await.is_err());
    let mut late = TcpStream::connect(proxy.address()).await?;
    assert!(ask(&mut late, 3).await.is_err());
    proxy.restore();
    let mut again = TcpStream::connect(proxy.address()).await?;
    assert_eq!(ask(&mut again, 4).await?, 4);
    proxy.cut_once().await;
    assert!(again.read_u8().await.is_err());
    let mut last = TcpStream::connect(proxy.address()).await?;
    assert_eq!(ask(&mut last, 5).await?, 5);
    Ok(())
}

#[tokio::test]
async fn the_end_of_a_stream_is_carried() -> anyhow::Result<()> {
    let proxy = TcpProxy::start(echo().await?).await?;
    let mut stream = TcpStream::connect(proxy.address()).await?;
    stream.write_all(&vec![9; 100_000]).await?;
    stream.shutdown().await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    assert_eq!(answer.len(), 100_000);
    Ok(())
}

/// A server that greets everybody with this byte.
async fn greeting(byte: u8) -> anyhow::Result<(String, tokio::task::JoinHandle<()>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let serving = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_u8(byte).await;
        }
    });
    Ok((address, serving))
}

#[tokio::test]
async fn several_servers_take_turns_and_one_that_is_gone_is_passed_over() -> anyhow::Result<()> {
    let (one, two) = (greeting(1).await?, greeting(2).await?);
    let proxy = TcpProxy::among(vec![one.0, two.0]).await?;
    let greeted = async || anyhow::Ok(TcpStream::connect(proxy.address()).await?.read_u8().await?);
    assert_eq!([greeted().await?, greeted().await?, greeted().await?], [1, 2, 1]);
    one.1.abort();
    let _ = one.1.await;
    assert_eq!([greeted().await?, greeted().await?], [2, 2]);
    Ok(())
}
