use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::Router;
use bytes::Bytes;
use h2::{Reason, client::SendRequest};
use http::{Request, StatusCode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use web::ServeLimits;

use crate::{
    frames::{
        END_STREAM, ENHANCE_YOUR_CALM, HEADERS, PREFACE, RST_STREAM, SETTINGS, cancel, farewell, frame, get,
        greeted, head, heard, until_hung_up,
    },
    platform::{caller_key, router},
    serving::{Server, exchange, start},
};

const SHORT: Duration = Duration::from_millis(200);

async fn connect(server: &Server) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    // It ends with its connection, and a test that expects an answer sees that none came.
    tokio::spawn(async move { drop(connection.await) });
    client
}

/// Asks and reads the whole answer.
async fn ask(client: &SendRequest<Bytes>, path: &str) -> Result<(StatusCode, String), h2::Error> {
    let mut client = client.clone().ready().await?;
    let request = Request::get(format!("http://x{path}")).body(()).unwrap();
    let (answer, _) = client.send_request(request, true)?;
    let (head, mut body) = answer.await?.into_parts();
    let mut text = Vec::new();
    while let Some(part) = body.data().await {
        text.extend(part?);
    }
    Ok((head.status, String::from_utf8(text).unwrap()))
}

/// Answers after so long, and counts who came in.
fn slow(time: Duration) -> (Router, Arc<AtomicUsize>) {
    let came = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&came);
    let router = Router::new().fallback(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async move {
            tokio::time::sleep(time).await;
            "done"
        }
    });
    (router, came)
}

#[tokio::test]
async fn both_are_spoken_on_one_port_and_say_the_same() {
    let server = start(router(caller_key()), ServeLimits::default()).await;
    let client = connect(&server).await;
    for _ in 0..3 {
        let (status, body) = ask(&client, "/v1/baskets?branch=b").await.unwrap();
        assert_eq!(status, 200);
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let over_http1 = exchange(&mut stream, "GET /v1/baskets?branch=b HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert!(over_http1.starts_with("HTTP/1.1 200") && over_http1.ends_with(&body), "{over_http1} {body}");
    }
}

#[tokio::test]
async fn a_preface_that_comes_byte_by_byte_is_understood_and_half_of_one_is_not_waited_for_for_ever() {
    let server =
        start(router(caller_key()), ServeLimits { head_timeout: SHORT * 5, ..Default::default() }).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    for byte in PREFACE {
        stream.write_all(&[*byte]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
    let mut first = [0; 9];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(first[3], SETTINGS, "the server greets");

    let mut half = TcpStream::connect(server.address).await.unwrap();
    half.write_all(&PREFACE[..10]).await.unwrap();
    assert_eq!(until_hung_up(half).await, []);
}

#[tokio::test]
async fn requests_beyond_the_streams_that_are_allowed_are_refused_unread() {
    let (router, came) = slow(SHORT * 2);
    let server = start(router, ServeLimits { streams: 3, ..Default::default() }).await;
    let mut stream = greeted(server.address).await;
    // Whoever has not read our settings yet sends more than is allowed.
    let all: Vec<u8> = (0..8).flat_map(|n| get(2 * n + 1, "/")).collect();
    stream.write_all(&all).await.unwrap();
    let (answers, _) = heard(stream, SHORT * 4).await;
    assert_eq!(came.load(Ordering::SeqCst), 3);
    let refusal = u32::from(Reason::REFUSED_STREAM).to_be_bytes();
    let refused = answers
        .iter()
        .filter(|(kind, payload)| (*kind, payload.as_slice()) == (RST_STREAM, &refusal))
        .count();
    assert_eq!(refused, 5);

    // Whoever has read them waits for their turn.
    let (router, came) = slow(Duration::from_millis(20));
    let server = start(router, ServeLimits { streams: 3, ..Default::default() }).await;
    let client = connect(&server).await;
    let _ = ask(&client, "/").await.unwrap();
    let answers = futures_util::future::join_all((0..8).map(|_| ask(&client, "/"))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(came.load(Ordering::SeqCst), 9);
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused_and_the_connection_goes_on() {
    let server = start(router(caller_key()), ServeLimits { head_bytes: 8_192, ..Default::default() }).await;
    let client = connect(&server).await;
    let mut ready = client.clone().ready().await.unwrap();
    let request =
        Request::get("http://x/v1/baskets?branch=b").header("x", "y".repeat(10_000)).body(()).unwrap();
    let answer = ready.send_request(request, true).unwrap().0.await.unwrap();
    assert_eq!(answer.status(), 431);
    assert_eq!(ask(&client, "/v1/baskets?branch=b").await.unwrap().0, 200);
}

#[tokio::test]
async fn slow_heads_and_silent_connections_are_cut_and_busy_ones_are_not() {
    let (router, _) = slow(SHORT * 5);
    let server = start(router, ServeLimits { head_timeout: SHORT, ..Default::default() }).await;
    let busy = connect(&server).await;
    let silent = greeted(server.address).await;
    let mut slow = greeted(server.address).await;
    // A head whose end never comes.
    slow.write_all(&frame(HEADERS, END_STREAM, 1, &head("/"))).await.unwrap();
    let (answer, silent, slow) = tokio::join!(ask(&busy, "/"), until_hung_up(silent), until_hung_up(slow));
    assert_eq!(answer.unwrap().0, 200, "what is under way is finished");
    assert_eq!((farewell(&silent), farewell(&slow)), (Some(0), Some(0)), "both were told");
}

#[tokio::test]
async fn a_client_that_takes_back_what_it_asks_is_cut() {
    let (router, came) = slow(Duration::from_mins(1));
    let server = start(router, ServeLimits { cancelled: 50, ..Default::default() }).await;
    // All at once: most are taken back before anybody looks at them.
    let mut flood = greeted(server.address).await;
    let all: Vec<u8> = (0..5_000).flat_map(|n| [get(2 * n + 1, "/"), cancel(2 * n + 1)].concat()).collect();
    // It may be cut while it still sends.
    let _ = flood.write_all(&all).await;
    assert_eq!(farewell(&until_hung_up(flood).await), Some(ENHANCE_YOUR_CALM));
    assert!(came.load(Ordering::SeqCst) <= 50, "{came:?}");

    // One by one: each has reached its handler when it is taken back.
    let mut patient = greeted(server.address).await;
    let before = came.load(Ordering::SeqCst);
    for n in 0..200 {
        let sent = async {
            patient.write_all(&get(2 * n + 1, "/")).await?;
            tokio::time::sleep(Duration::from_millis(2)).await;
            patient.write_all(&cancel(2 * n + 1)).await
        };
        if sent.await.is_err() {
            break;
        }
    }
    drop(until_hung_up(patient).await);
    let worked_for = came.load(Ordering::SeqCst) - before;
    assert!((51..=60).contains(&worked_for), "{worked_for}");
}

#[tokio::test]
async fn a_client_that_cancels_now_and_then_is_served_for_ever() {
    let server = start(router(caller_key()), ServeLimits { cancelled: 5, ..Default::default() }).await;
    let client = connect(&server).await;
    for _ in 0..30 {
        let mut ready = client.clone().ready().await.unwrap();
        let request = Request::get("http://x/v1/baskets?branch=b").body(()).unwrap();
        let (answer, mut stream) = ready.send_request(request, true).unwrap();
        stream.send_reset(Reason::CANCEL);
        assert!(answer.await.is_err());
        assert_eq!(ask(&client, "/v1/baskets?branch=b").await.unwrap().0, 200);
    }
}

#[tokio::test]
async fn the_stop_finishes_what_is_in_flight_and_takes_nothing_new() {
    let (router, _) = slow(SHORT * 2);
    let server = start(router, ServeLimits::default()).await;
    let (busy, idle, deaf) = (connect(&server).await, connect(&server).await, greeted(server.address).await);
    let asking = tokio::spawn(async move { (ask(&busy, "/").await, busy) });
    tokio::time::sleep(SHORT / 2).await;
    server.stop.cancel();
    let (answer, busy) = asking.await.unwrap();
    assert_eq!(answer.unwrap(), (StatusCode::OK, "done".to_owned()));
    assert!(ask(&busy, "/").await.is_err(), "nothing new");
    assert!(ask(&idle, "/").await.is_err(), "nor from others");
    drop(until_hung_up(deaf).await);
    server.done.await.unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}
