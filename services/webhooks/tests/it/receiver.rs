//! A receiver of webhooks: a real HTTP server that keeps what it is sent and answers as it is told.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Response, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::stream;
use ring::hmac;
use serde_json::Value;
use tokio::sync::Notify;

/// What a receiver answers.
#[derive(Clone, Debug)]
pub enum Reply {
    Status(u16),
    Busy(u16, &'static str),
    Redirect(String),
    /// 200, and a body that never ends.
    Endless,
    /// Nothing for so long.
    Slow(Duration),
}

/// What came.
#[derive(Clone, Debug)]
pub struct Call {
    pub id: String,
    pub sent_at: String,
    pub signature: String,
    pub body: String,
}

impl Call {
    /// Verifies the signature as the specification says, without any code of ours.
    pub fn is_signed_by(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("the prefix")).expect("base64");
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &key));
        for part in [self.id.as_str(), ".", &self.sent_at, ".", &self.body] {
            context.update(part.as_bytes());
        }
        let expected = format!("v1,{}", STANDARD.encode(context.sign()));
        self.signature.split(' ').any(|one| one == expected)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a message is JSON")
    }
}

#[derive(Default)]
struct Shared {
    calls: Mutex<Vec<Call>>,
    replies: Mutex<Vec<Reply>>,
    came: Notify,
}

/// A running receiver.
#[derive(Clone)]
pub struct Receiver {
    pub port: u16,
    shared: Arc<Shared>,
}

impl Receiver {
    /// Answers 204 to everything until it is told otherwise.
    pub async fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let router = Router::new().fallback(receive).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { port, shared }
    }

    pub fn url(&self) -> String {
        format!("http://hooks.example:{}/vafa", self.port)
    }

    /// Answers so from now on; the last one stays.
    pub fn answers(&self, replies: &[Reply]) {
        let mut last_first = replies.to_vec();
        last_first.reverse();
        *self.shared.replies.lock().expect("no panic") = last_first;
    }

    pub fn calls(&self) -> Vec<Call> {
        self.shared.calls.lock().expect("no panic").clone()
    }

    /// Waits until something came since the last time.
    pub async fn came(&self) {
        self.shared.came.notified().await;
    }
}

async fn receive(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let text = |name: &str| headers.get(name).map_or("", |value| value.to_str().expect("ASCII")).to_owned();
    assert_eq!(text("content-type"), "application/json");
    let body = String::from_utf8(body.to_vec()).expect("UTF-8");
    let (id, sent_at, signature) = (text("webhook-id"), text("webhook-timestamp"), text("webhook-signature"));
    shared.calls.lock().expect("no panic").push(Call { id, sent_at, signature, body });
    shared.came.notify_one();
    let reply = {
        let mut replies = shared.replies.lock().expect("no panic");
        if replies.len() > 1 { replies.pop() } else { replies.last().cloned() }
    };
    let answer = |status: u16| Response::builder().status(status);
    match reply.unwrap_or(Reply::Status(204)) {
        Reply::Status(status) => answer(status).body(Body::from("what it says is its own affair")),
        Reply::Busy(status, after) => answer(status).header(header::RETRY_AFTER, after).body(Body::empty()),
        Reply::Redirect(to) => answer(307).header(header::LOCATION, to).body(Body::empty()),
        Reply::Endless => answer(200).body(Body::from_stream(stream::repeat_with(|| {
            Ok::<_, io::Error>(Bytes::from_static(&[b'x'; 4_096]))
        }))),
        Reply::Slow(time) => {
            tokio::time::sleep(time).await;
            answer(204).body(Body::empty())
        }
    }
    .expect("a good answer")
}
