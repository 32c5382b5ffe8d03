//! The provider of mobile top-ups: who sends money to a phone, whether it did, and whose word is believed about it.
//!
//! It is told a phone, an amount, a currency and a reference, and nothing else of the person. What is asked for twice is done once, by the
//! redemption's id as idempotency key. Requests are signed as Standard Webhooks has it, so that a key that leaks from a log opens nothing,
//! and so is what it tells by itself. Answers are bounded in size and time, redirects are not followed, nothing that is sent or comes
//! is logged.

use std::time::Duration;

use anyhow::{Context as _, anyhow, ensure};
use async_trait::async_trait;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http_body_util::{BodyExt as _, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use kernel::{Currency, Pii, RedemptionId, Timestamp};
use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::{domain::fulfilment::Answer, settings::TopUpSettings};

/// No answer is larger.
const ANSWER_LIMIT: usize = 64 * 1024;
/// How old a signed message may be, and how far ahead its clock, in milliseconds.
const TOLERANCE_MS: i64 = 300_000;
/// The longest name of a message that is looked at.
const MESSAGE_NAME_LIMIT: usize = 256;
/// The most signatures of a message that are looked at.
const SIGNATURES: usize = 10;

/// A top-up that is wanted.
#[derive(Debug)]
pub struct TopUp {
    /// For which redemption: the provider's idempotency key.
    pub reference: RedemptionId,
    /// To which phone, E.164.
    pub phone: Pii<String>,
    /// How much, in minor units.
    pub amount: i64,
    /// Of this currency.
    pub currency: Currency,
}

/// Sends money to phones: a provider, or whatever stands in for one.
#[async_trait]
pub trait TopUpPort: Send + Sync {
    /// Asks for a top-up; asked again, it is the same one.
    async fn send(&self, wanted: &TopUp, now: Timestamp) -> Answer;

    /// Asks where a top-up stands.
    async fn ask(&self, reference: RedemptionId, now: Timestamp) -> Answer;
}

/// A provider that is called over HTTP.
pub struct HttpTopUps {
    url: String,
    signing: hmac::Key,
    patience: Duration,
    client: Client<HttpsConnector<HttpConnector>, Body>,
}

#[derive(Serialize)]
struct Wanted<'w> {
    reference: RedemptionId,
    phone: &'w str,
    amount: i64,
    currency: Currency,
}

#[derive(Deserialize)]
struct Said {
    reference: RedemptionId,
    status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    Delivered,
    Failed,
}

impl HttpTopUps {
    /// The provider of these settings; nobody is asked yet.
    ///
    /// # Errors
    /// A secret that cannot be used, or when the system has no certificates to trust.
    pub fn new(settings: &TopUpSettings) -> anyhow::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()
            .context("the system's trusted certificates")?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            url: settings.url.trim_end_matches('/').to_owned(),
            signing: secret(settings.secret.expose()).context("rewards.top_up_secret")?,
            patience: settings.timeout,
            client: Client::builder(TokioExecutor::new()).build(connector),
        })
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        (reference, now): (RedemptionId, Timestamp),
        body: Vec<u8>,
    ) -> anyhow::Result<Request<Body>> {
        let (id, seconds) = (reference.to_string(), now.micros().div_euclid(1_000_000).to_string());
        let signed = [id.as_bytes(), b".", seconds.as_bytes(), b".", &body].concat();
        let tag = STANDARD.encode(hmac::sign(&self.signing, &signed));
        let mut signature = HeaderValue::try_from(format!("v1,{tag}"))?;
        signature.set_sensitive(true);
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("idempotency-key", &id)
            .header("webhook-id", &id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signature)
            .header(header::CONTENT_TYPE, "application/json");
        Ok(request.body(Body::from(body))?)
    }

    async fn said(&self, request: Request<Body>, reference: RedemptionId) -> anyhow::Result<Answer> {
        let answer = async {
            let response = self.client.request(request).await?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER_LIMIT).collect().await;
            let body = body.map_err(|fault| anyhow!("its answer: {fault}"))?;
            anyhow::Ok((status, body.to_bytes()))
        };
        let (status, bytes) =
            tokio::time::timeout(self.patience, answer).await.context("no answer in time")??;
        if status == StatusCode::NOT_FOUND {
            return Ok(Answer::Unknown);
        }
        if is_final(status) {
            return Ok(Answer::Refused);
        }
        ensure!(status.is_success(), "it answers with {status}");
        let said: Said =
            serde_json::from_slice(&bytes).map_err(|flaw| anyhow!("not as agreed: {:?}", flaw.classify()))?;
        ensure!(said.reference == reference, "it tells of another top-up");
        Ok(match said.status {
            Status::Pending => Answer::Pending,
            Status::Delivered => Answer::Delivered,
            Status::Failed => Answer::Refused,
        })
    }

    async fn asked(&self, request: anyhow::Result<Request<Body>>, reference: RedemptionId) -> Answer {
        let said = match request {
            Ok(request) => self.said(request, reference).await,
            Err(fault) => Err(fault),
        };
        said.unwrap_or_else(|fault| {
            tracing::warn!(%fault, redemption = %reference, "the provider of top-ups says nothing of use");
            Answer::Silent
        })
    }
}

/// Whether the same request would be answered like this for ever.
const fn is_final(status: StatusCode) -> bool {
    matches!(status, StatusCode::BAD_REQUEST | StatusCode::GONE | StatusCode::UNPROCESSABLE_ENTITY)
}

/// A secret as providers show them, `whsec_` and base64.
fn secret(text: &str) -> anyhow::Result<hmac::Key> {
    let bytes = text.trim().strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
    let bytes = bytes.filter(|bytes| bytes.len() >= 24);
    let bytes = bytes.context("a secret is whsec_ and at least 24 bytes as base64")?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

#[async_trait]
impl TopUpPort for HttpTopUps {
    async fn send(&self, wanted: &TopUp, now: Timestamp) -> Answer {
        let TopUp { reference, phone, amount, currency } = wanted;
        let (reference, amount, currency) = (*reference, *amount, *currency);
        let body = serde_json::to_vec(&Wanted { reference, phone: phone.expose(), amount, currency });
        let request = body
            .map_err(anyhow::Error::from)
            .and_then(|body| self.request(Method::POST, "/top-ups", (reference, now), body));
        match self.asked(request, reference).await {
            // There is no such address: a mistake in the settings, and no word about the top-up.
            Answer::Unknown => Answer::Silent,
            answer => answer,
        }
    }

    async fn ask(&self, reference: RedemptionId, now: Timestamp) -> Answer {
        let path = format!("/top-ups/{reference}");
        let request = self.request(Method::GET, &path, (reference, now), Vec::new());
        self.asked(request, reference).await
    }
}

/// The chain's provider of top-ups, as commands use it.
pub struct TopUps {
    /// Who is asked.
    pub port: Box<dyn TopUpPort>,
    /// By which secrets what it tells is believed: several at once while they take turns.
    seals: Vec<hmac::Key>,
}

impl TopUps {
    /// The provider of these settings.
    ///
    /// # Errors
    /// Secrets that cannot be used, or when the system has no certificates to trust.
    pub fn new(settings: &TopUpSettings) -> anyhow::Result<Self> {
        let seals = settings.event_secrets.expose().split(',').map(secret).collect::<anyhow::Result<_>>();
        let seals = seals.context("rewards.top_up_event_secrets")?;
        Ok(Self { port: Box::new(HttpTopUps::new(settings)?), seals })
    }

    /// Whether a message is the provider's and was sent just now. A wrong signature takes as long as a good one.
    #[must_use]
    pub fn vouch_for(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> bool {
        self.checked(headers, body, now).is_some()
    }

    fn checked(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Option<()> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let (id, sent_at) = (text("webhook-id")?, text("webhook-timestamp")?);
        let seconds: i64 = sent_at.parse().ok()?;
        let age = now.micros().div_euclid(1_000).checked_sub(seconds.checked_mul(1_000)?)?;
        if id.is_empty() || id.len() > MESSAGE_NAME_LIMIT || !(-TOLERANCE_MS..=TOLERANCE_MS).contains(&age) {
            return None;
        }
        let signed = [id.as_bytes(), b".", sent_at.as_bytes(), b".", body].concat();
        let tags = text("webhook-signature")?.split(' ').filter_map(|one| one.strip_prefix("v1,"));
        let tags = tags.take(SIGNATURES).filter_map(|tag| STANDARD.decode(tag).ok());
        let fits = |tag: &Vec<u8>| {
            // Every key is tried, so that the time tells nothing of which one it was.
            self.seals.iter().filter(|key| hmac::verify(key, &signed, tag).is_ok()).count() > 0
        };
        tags.filter(fits).count().gt(&0).then_some(())
    }
}
