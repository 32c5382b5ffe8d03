//! A payment provider for tests: a small HTTP server that takes what the platform asks for, and does what real ones do on bad days.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::hmac;
use serde_json::{Value, json};

/// What the provider does with a question.
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
    /// It tells of another amount than was paid.
    Lies(i64),
}

/// A payment at the provider.
#[derive(Clone, Debug)]
pub struct FakePayment {
    /// What the provider calls it.
    pub id: String,
    /// The reference that it was asked for with.
    pub reference: String,
    /// In minor units.
    pub amount: i64,
    /// Of this currency.
    pub currency: String,
    /// `pending`, `succeeded`, `failed` or `cancelled`.
    pub status: &'static str,
}

/// A message as it goes over the wire.
#[derive(Clone, Debug)]
pub struct SignedEvent {
    /// `webhook-id`, `webhook-timestamp` and `webhook-signature`.
    pub headers: [(&'static str, String); 3],
    /// The signed bytes.
    pub body: String,
}

#[derive(Default)]
struct Books {
    payments: Vec<FakePayment>,
    moods: VecDeque<Mood>,
    sent: Vec<Value>,
    asked: usize,
    told: u64,
}

/// A running provider, on 127.0.0.1 only; it ends with the runtime that started it.
#[derive(Clone)]
pub struct PaymentProvider {
    port: u16,
    books: Arc<Mutex<Books>>,
}

/// By what the provider knows the platform.
pub const KEY: &str = "key-of-the-tests";
/// The secrets by which it signs, the newest first.
pub const SECRETS: [&str; 2] = [
    "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
    "whsec_AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=",
];

impl PaymentProvider {
    /// Starts the provider on a free port, on the runtime that this is called on.
    ///
    /// # Errors
    /// When there is no port.
    pub fn start() -> anyhow::Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").context("a port")?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let books = Arc::<Mutex<Books>>::default();
        let router = Router::new()
            .route("/payments", post(open))
            .route("/payments/{id}", get(ask))
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

    /// What it does with the next questions, one after the other; afterwards it is good again.
    pub fn be(&self, moods: &[Mood]) {
        self.books().moods = moods.iter().copied().collect();
    }

    /// Every payment that it made room for, the oldest first.
    #[must_use]
    pub fn payments(&self) -> Vec<FakePayment> {
        self.books().payments.clone()
    }

    /// The payment with this reference.
    #[must_use]
    pub fn payment(&self, reference: &str) -> Option<FakePayment> {
        self.books().payments.iter().find(|payment| payment.reference == reference).cloned()
    }

    /// Every body that it was sent.
    #[must_use]
    pub fn sent(&self) -> Vec<Value> {
        self.books().sent.clone()
    }

    /// How often it was asked where a payment stands.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.books().asked
    }

    /// A payment ends like this: `succeeded`, `failed` or `cancelled`.
    pub fn ends(&self, reference: &str, status: &'static str) {
        for payment in &mut self.books().payments {
            if payment.reference == reference {
                payment.status = status;
            }
        }
    }

    /// What the provider tells of a payment, signed by one of [`SECRETS`] at this second.
    #[must_use]
    pub fn tells(&self, payment: &FakePayment, secret: &str, at_s: i64) -> SignedEvent {
        let body = json!({
            "type": format!("payment.{}", payment.status),
            "data": {
                "payment_id": payment.id, "reference": payment.reference, "amount": payment.amount,
                "currency": payment.currency, "method": "card",
            },
        });
        self.signs(&body, secret, at_s)
    }

    /// Any message, signed.
    #[must_use]
    pub fn signs(&self, body: &Value, secret: &str, at_s: i64) -> SignedEvent {
        let id = {
            let mut books = self.books();
            books.told += 1;
            format!("msg_{}", books.told)
        };
        let body = body.to_string();
        let bytes = secret.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
        let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes.unwrap_or_default());
        let tag = hmac::sign(&key, format!("{id}.{at_s}.{body}").as_bytes());
        let signature = format!("v1,{}", STANDARD.encode(tag));
        let headers =
            [("webhook-id", id), ("webhook-timestamp", at_s.to_string()), ("webhook-signature", signature)];
        SignedEvent { headers, body }
    }
}

fn books(of: &Mutex<Books>) -> MutexGuard<'_, Books> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_known(headers: &HeaderMap) -> bool {
    headers.get(AUTHORIZATION).is_some_and(|value| value.as_bytes() == format!("Bearer {KEY}").as_bytes())
}

/// The mood of the next question; one that is never answered ends here.
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

async fn open(State(of): State<Arc<Mutex<Books>>>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let mood = mood(&of).await;
    let mut books = books(&of);
    books.sent.push(body.clone());
    if !is_known(&headers) {
        return status(401);
    }
    if let Mood::Answers(code) = mood {
        return status(code);
    }
    let reference = body["reference"].as_str().unwrap_or_default().to_owned();
    if headers.get("idempotency-key").is_none_or(|key| key.as_bytes() != reference.as_bytes()) {
        return status(400);
    }
    if !books.payments.iter().any(|payment| payment.reference == reference) {
        let payment = FakePayment {
            id: format!("pay_{reference}"),
            reference: reference.clone(),
            amount: body["amount"].as_i64().unwrap_or_default(),
            currency: body["currency"].as_str().unwrap_or_default().to_owned(),
            status: "pending",
        };
        books.payments.push(payment);
    }
    if mood == Mood::LosesItsAnswer {
        return status(502);
    }
    let page = format!("https://pay.example/p/{reference}");
    (StatusCode::CREATED, Json(json!({"id": format!("pay_{reference}"), "page_url": page}))).into_response()
}

async fn ask(State(of): State<Arc<Mutex<Books>>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let mood = mood(&of).await;
    let mut books = books(&of);
    books.asked += 1;
    if !is_known(&headers) {
        return status(401);
    }
    let more = match mood {
        Mood::Answers(code) => return status(code),
        Mood::LosesItsAnswer => return status(502),
        Mood::Lies(more) => more,
        Mood::Good | Mood::Silent => 0,
    };
    let Some(payment) = books.payments.iter().find(|payment| payment.id == id) else { return status(404) };
    let FakePayment { id, reference, amount, currency, status } = payment;
    Json(json!({
        "id": id, "reference": reference, "amount": amount + more, "currency": currency, "status": status,
    }))
    .into_response()
}
