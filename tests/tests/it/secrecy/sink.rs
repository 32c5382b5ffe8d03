//! Takes whatever is sent to it, and keeps it: a collector of traces, and a partner who hears webhooks.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap};

type Taken = Arc<Mutex<Vec<u8>>>;

/// Somebody who listens.
pub(super) struct Sink {
    url: String,
    taken: Taken,
}

impl Sink {
    pub(super) async fn open() -> Self {
        let taken = Taken::default();
        let router = Router::new().fallback(take).with_state(Arc::clone(&taken));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        // It listens until the test is over.
        drop(tokio::task::spawn(async move { axum::serve(listener, router).await }));
        Self { url, taken }
    }

    pub(super) fn url(&self) -> String {
        self.url.clone()
    }

    pub(super) fn taken(&self) -> Vec<u8> {
        self.taken.lock().expect("nobody panicked with it").clone()
    }

    /// Waits until somebody has sent this.
    pub(super) async fn until(&self, text: &str, what: &str) {
        let begun = Instant::now();
        while !holds(&self.taken(), text) {
            assert!(begun.elapsed() < Duration::from_secs(30), "{what}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn take(State(taken): State<Taken>, headers: HeaderMap, body: Bytes) {
    let mut taken = taken.lock().expect("nobody panicked with it");
    taken.extend_from_slice(format!("{headers:?}").as_bytes());
    taken.extend_from_slice(&body);
}

/// Spans come as protobuf, in which texts lie as they are.
fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
