//! A provider of mobile top-ups for tests: a small HTTP server that sends money to phones, and does what real ones do on bad days.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::hmac;
use serde_json::{Value, json};

use crate::payments::SignedEvent;

/// What the provider does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// It answers.
    Good,
    /// It does what it is asked, and the answer is lost.
    LosesItsAnswer,
    /// It does nothing, and answers with this status.
    Answers(u16),
    /// It never answers.
    Silent,
    /// It says this status, whatever is true.
    Says(&'static str),
}

/// A top-up at the provider.
#[derive(Clone, Debug)]
pub struct FakeTopUp {
    /// The reference that it was asked for with.
    pub reference: String,
    /// To which phone.
    pub phone: String,
    /// In minor units.
    pub amount: i64,
    /// Of this currency.
    pub currency: String,
    /// `pending`, `delivered` or `failed`.
    pub status: &'static str,
    /// How often it was asked for.
    pub asked_for: usize,
}

struct Books {
    top_ups: Vec<FakeTopUp>,
    moods: VecDeque<Mood>,
    fresh: &'static str,
    forged: usize,
    told: u64,
}

/// A running provider, on 127.0.0.1 only; it ends with the runtime that started it.
#[derive(Clone)]
pub struct TopUpProvider {
    port: u16,
    books: Arc<Mutex<Books>>,
}

/// The secret by which the platform signs what it asks.
pub const SECRET: &str = "whsec_AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=";
/// The secret by which the provider signs what it tells.
pub const EVENT_SECRET: &str = "whsec_BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ=";

impl TopUpProvider {
    /// Starts the provider on a free port, on the runtime that this is called on. What it takes is delivered at once.
    ///
    /// # Errors
    /// When there is no port.
    pub fn start() -> anyhow::Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").context("a port")?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let (top_ups, moods) = (Vec::new(), VecDeque::new());
        let books = Arc::new(Mutex::new(Books { top_ups, moods, fresh: "delivered", forged: 0, told: 0 }));
        let router = Router::new()
            .route("/top-ups", post(take))
            .route("/top-ups/{reference}", get(ask))
            .with_state(Arc::clone(&books));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { port, books })
    }

    /// Where it is called.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        books(&self.books)
    }

    /// What it does with the next requests, one after the other; afterwards it is good again.
    pub fn be(&self, moods: &[Mood]) {
        self.books().moods = moods.iter().copied().collect();
    }

    /// How a top-up stands that it takes from now on.
    pub fn takes_as(&self, status: &'static str) {
        self.books().fresh = status;
    }

    /// Every top-up that it took, the oldest first.
    #[must_use]
    pub fn top_ups(&self) -> Vec<FakeTopUp> {
        self.books().top_ups.clone()
    }

    /// How many requests had no good signature.
    #[must_use]
    pub fn forged(&self) -> usize {
        self.books().forged
    }

    /// A top-up stands like this from now on.
    pub fn ends(&self, reference: &str, status: &'static str) {
        for top_up in &mut self.books().top_ups {
            if top_up.reference == reference {
                top_up.status = status;
            }
        }
    }

    /// What the provider tells of a top-up, signed by a secret at this second.
    #[must_use]
    pub fn tells(&self, reference: &str, status: &str, secret: &str, at_s: i64) -> SignedEvent {
        let id = {
            let mut books = self.books();
            books.told += 1;
            format!("msg_{}", books.told)
        };
        let body = json!({"type": format!("top_up.{status}"), "data": {"reference": reference}}).to_string();
        let tag = hmac::sign(&key(secret), format!("{id}.{at_s}.{body}").as_bytes());
        let signature = format!("v1,{}", STANDARD.encode(tag));
        let headers =
            [("webhook-id", id), ("webhook-timestamp", at_s.to_string()), ("webhook-signature", signature)];
        SignedEvent { headers, body }
    }
}

fn key(secret: &str) -> hmac::Key {
    let bytes = secret.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
    hmac::Key::new(hmac::HMAC_SHA256, &bytes.unwrap_or_default())
}

fn books(of: &Mutex<Books>) -> MutexGuard<'_, Books> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a request is signed by the platform's secret, for the top-up that it is about.
fn is_signed(headers: &HeaderMap, body: &[u8], reference: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (id, at) = (text("webhook-id"), text("webhook-timestamp"));
    let signed = [id.as_bytes(), b".", at.as_bytes(), b".", body].concat();
    let tag = text("webhook-signature").strip_prefix("v1,").and_then(|tag| STANDARD.decode(tag).ok());
    let good = tag.is_some_and(|tag| hmac::verify(&key(SECRET), &signed, &tag).is_ok());
    good && id == reference && text("idempotency-key") == reference && !at.is_empty()
}

/// The mood of the next request; one that is never answered ends here.
async fn mood(of: &Mutex<Books>) -> Mood {
    let mood = books(of).moods.pop_front().unwrap_or(Mood::Good);
    if mood == Mood::Silent {
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    mood
}

fn status(code: u16) -> Response {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}

fn said(reference: &str, truth: &'static str, mood: Mood) -> Response {
    let told = if let Mood::Says(lie) = mood { lie } else { truth };
    Json(json!({"reference": reference, "status": told})).into_response()
}

async fn take(State(of): State<Arc<Mutex<Books>>>, headers: HeaderMap, bytes: Bytes) -> Response {
    let mood = mood(&of).await;
    let mut books = books(&of);
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let reference = body["reference"].as_str().unwrap_or_default().to_owned();
    if !is_signed(&headers, &bytes, &reference) {
        books.forged += 1;
        return status(401);
    }
    if let Mood::Answers(code) = mood {
        return status(code);
    }
    let fresh = books.fresh;
    let known = books.top_ups.iter().position(|top_up| top_up.reference == reference);
    let place = known.unwrap_or_else(|| {
        books.top_ups.push(FakeTopUp {
            reference: reference.clone(),
            phone: body["phone"].as_str().unwrap_or_default().to_owned(),
            amount: body["amount"].as_i64().unwrap_or_default(),
            currency: body["currency"].as_str().unwrap_or_default().to_owned(),
            status: fresh,
            asked_for: 0,
        });
        books.top_ups.len() - 1
    });
    books.top_ups[place].asked_for += 1;
    if mood == Mood::LosesItsAnswer {
        return status(502);
    }
    said(&reference, books.top_ups[place].status, mood)
}

async fn ask(
    State(of): State<Arc<Mutex<Books>>>,
    Path(reference): Path<String>,
    headers: HeaderMap,
) -> Response {
    let mood = mood(&of).await;
    let mut books = books(&of);
    if !is_signed(&headers, b"", &reference) {
        books.forged += 1;
        return status(401);
    }
    match mood {
        Mood::Answers(code) => return status(code),
        Mood::LosesItsAnswer => return status(502),
        Mood::Good | Mood::Silent | Mood::Says(_) => {}
    }
    let found = books.top_ups.iter().find(|top_up| top_up.reference == reference);
    found.map_or_else(|| status(404), |top_up| said(&reference, top_up.status, mood))
}
