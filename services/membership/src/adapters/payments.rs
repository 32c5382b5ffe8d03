//! The payment provider: where members pay in the app, whether they did, and whose word is believed about it.
//!
//! It is told an amount, a currency and a reference, and nothing of the person. What is asked for twice is made once, by the
//! checkout's id as idempotency key. Answers are bounded in size and time, redirects are not followed, and nothing that it sends is
//! logged. What it tells by itself is signed as Standard Webhooks has it.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use async_trait::async_trait;
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use form_urlencoded::byte_serialize;
use http_body_util::{BodyExt as _, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use kernel::{CheckoutId, Currency, Timestamp};
use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::{
    domain::checkout::{Checkout, Money, PAGE_LIMIT, PAYMENT_NAME_LIMIT},
    settings::PaymentSettings,
};

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// No answer is larger.
const ANSWER_LIMIT: usize = 64 * 1024;
/// How old a signed message may be, and how far ahead its clock, in milliseconds.
const TOLERANCE_MS: i64 = 300_000;
/// The longest name of a message that is looked at.
const MESSAGE_NAME_LIMIT: usize = 256;
/// The most signatures of a message that are looked at.
const SIGNATURES: usize = 10;

/// What came of a question to the provider.
#[derive(Debug)]
pub enum PaymentFault {
    /// It does not answer, or not as agreed; another time it may.
    Silent(anyhow::Error),
    /// It answers that it will never take this payment.
    Refused(anyhow::Error),
}

/// A payment that the provider has made room for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Opened {
    /// What it calls the payment.
    #[serde(rename = "id")]
    pub payment: String,
    /// Where the member pays.
    #[serde(rename = "page_url")]
    pub page: String,
}

/// Where a payment stands at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has paid it yet.
    Pending,
    /// This money came.
    Succeeded(Money),
    /// Nobody will pay it.
    Failed,
}

/// Takes payments in the app: a provider's, or whatever stands in for one.
#[async_trait]
pub trait PaymentPort: Send + Sync {
    /// Makes room for the payment of a checkout, with words for whoever pays; asked again, it answers with the same one.
    async fn open(&self, checkout: &Checkout, words: &str) -> Result<Opened, PaymentFault>;

    /// Asks where a payment stands.
    async fn ask(&self, payment: &str) -> Result<Standing, PaymentFault>;
}

/// A provider that is called over HTTP.
pub struct HttpPayments {
    settings: PaymentSettings,
    client: Client<HttpsConnector<HttpConnector>, Body>,
}

/// What a provider is sent: no word of who pays.
#[derive(Serialize)]
struct Wanted<'w> {
    amount: i64,
    currency: Currency,
    reference: CheckoutId,
    description: &'w str,
    return_url: &'w str,
    expires_at: Timestamp,
}

#[derive(Deserialize)]
struct Asked {
    id: String,
    status: Status,
    amount: i64,
    currency: Currency,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    Succeeded,
    Failed,
    Cancelled,
}

impl HttpPayments {
    /// The provider of these settings; nobody is asked yet.
    ///
    /// # Errors
    /// When the system has no certificates to trust.
    pub fn new(settings: PaymentSettings) -> anyhow::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()
            .context("the system's trusted certificates")?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self { settings, client: Client::builder(TokioExecutor::new()).build(connector) })
    }

    fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let base = self.settings.url.trim_end_matches('/');
        let mut key = HeaderValue::from_str(&format!("Bearer {}", self.settings.key.expose()))
            .unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
        key.set_sensitive(true);
        Request::builder().method(method).uri(format!("{base}{path}")).header(header::AUTHORIZATION, key)
    }

    async fn send(&self, request: Request<Body>) -> Result<Bytes, PaymentFault> {
        let answer = async {
            let response = self.client.request(request).await?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER_LIMIT).collect().await;
            let body = body.map_err(|fault| anyhow!("its answer: {fault}"))?;
            anyhow::Ok((status, body.to_bytes()))
        };
        let answered = tokio::time::timeout(PATIENCE, answer).await;
        let (status, bytes) =
            answered.context("no answer in time").flatten().map_err(PaymentFault::Silent)?;
        if status.is_success() {
            return Ok(bytes);
        }
        let fault = anyhow!("the payment provider answered with {status}");
        Err(if is_final(status) { PaymentFault::Refused(fault) } else { PaymentFault::Silent(fault) })
    }
}

/// Whether the same question would be answered like this for ever, whatever is put right meanwhile.
const fn is_final(status: StatusCode) -> bool {
    matches!(status, StatusCode::BAD_REQUEST | StatusCode::GONE | StatusCode::UNPROCESSABLE_ENTITY)
}

fn read<T: for<'d> Deserialize<'d>>(bytes: &[u8]) -> Result<T, PaymentFault> {
    let read = serde_json::from_slice(bytes);
    read.map_err(|flaw| PaymentFault::Silent(anyhow!("not as agreed: {:?}", flaw.classify())))
}

/// Whether this can be what a provider calls a payment: 1 to 128 visible ASCII characters.
#[must_use]
pub fn is_payment_name(text: &str) -> bool {
    (1..=PAYMENT_NAME_LIMIT).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[async_trait]
impl PaymentPort for HttpPayments {
    async fn open(&self, checkout: &Checkout, words: &str) -> Result<Opened, PaymentFault> {
        let wanted = Wanted {
            amount: checkout.amount,
            currency: checkout.currency,
            reference: checkout.id,
            description: words,
            return_url: &self.settings.return_url,
            expires_at: checkout.expires_at,
        };
        let body = serde_json::to_vec(&wanted).map_err(|flaw| PaymentFault::Silent(flaw.into()))?;
        let request = self
            .request(Method::POST, "/payments")
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", checkout.id.to_string())
            .body(Body::from(body))
            .map_err(|flaw| PaymentFault::Silent(flaw.into()))?;
        let opened: Opened = read(&self.send(request).await?)?;
        let good = is_payment_name(&opened.payment)
            && opened.page.len() <= PAGE_LIMIT
            && PaymentSettings::check_address(&opened.page).is_ok();
        if good { Ok(opened) } else { Err(PaymentFault::Silent(anyhow!("its payment cannot be used"))) }
    }

    async fn ask(&self, payment: &str) -> Result<Standing, PaymentFault> {
        let name: String = byte_serialize(payment.as_bytes()).collect();
        let request = self.request(Method::GET, &format!("/payments/{name}")).body(Body::empty());
        let request = request.map_err(|flaw| PaymentFault::Silent(flaw.into()))?;
        let Asked { id, status, amount, currency } = read(&self.send(request).await?)?;
        if id != payment {
            return Err(PaymentFault::Silent(anyhow!("the payment provider tells of another payment")));
        }
        Ok(match status {
            Status::Pending => Standing::Pending,
            Status::Succeeded => Standing::Succeeded(Money { payment: id, amount, currency }),
            Status::Failed | Status::Cancelled => Standing::Failed,
        })
    }
}

/// The chain's payment provider, as commands use it.
pub struct Payments {
    /// Who is asked.
    pub port: Box<dyn PaymentPort>,
    /// By which its messages are believed.
    pub seals: EventSeals,
    /// How long a checkout is waited for, in milliseconds.
    pub life_ms: i64,
}

impl Payments {
    /// The provider of these settings.
    ///
    /// # Errors
    /// Secrets that cannot be used, or when the system has no certificates to trust.
    pub fn new(settings: PaymentSettings) -> anyhow::Result<Self> {
        let seals = EventSeals::read(settings.secrets.expose()).context("membership.payments_secrets")?;
        let life_ms = settings.life_ms;
        Ok(Self { port: Box::new(HttpPayments::new(settings)?), seals, life_ms })
    }
}

/// By which secrets what the provider tells is believed: several at once while they take turns.
#[derive(Clone)]
pub struct EventSeals(Vec<hmac::Key>);

impl EventSeals {
    /// Secrets as the provider shows them, `whsec_` and base64.
    ///
    /// # Errors
    /// One that is not like that, or has fewer than 24 bytes.
    pub fn read(secrets: &str) -> anyhow::Result<Self> {
        let read = |secret: &str| {
            let bytes = secret.trim().strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
            let bytes = bytes.filter(|bytes| bytes.len() >= 24);
            let bytes = bytes.context("a secret is whsec_ and at least 24 bytes as base64")?;
            anyhow::Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
        };
        Ok(Self(secrets.split(',').map(read).collect::<anyhow::Result<_>>()?))
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
            self.0.iter().filter(|key| hmac::verify(key, &signed, tag).is_ok()).count() > 0
        };
        tags.filter(fits).count().gt(&0).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: &str = "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    const OLD: &str = "whsec_AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

    fn signed(secret: u8, id: &str, at: i64, body: &str) -> HeaderMap {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[secret; 32]);
        let tag = STANDARD.encode(hmac::sign(&key, format!("{id}.{at}.{body}").as_bytes()));
        let mut headers = HeaderMap::new();
        headers.insert("webhook-id", id.parse().expect("a header"));
        headers.insert("webhook-timestamp", at.into());
        headers.insert("webhook-signature", format!("v1a,x v1,AAAA v1,{tag}").parse().expect("a header"));
        headers
    }

    #[test]
    fn a_message_is_believed_by_any_secret_and_for_five_minutes() {
        let seals = EventSeals::read(&format!("{NEW}, {OLD}")).expect("good secrets");
        let now = Timestamp::from_micros(1_795_000_000_000_000);
        for secret in [1, 2] {
            for (off, good) in [(0, true), (-300, true), (300, true), (-301, false), (301, false)] {
                let headers = signed(secret, "msg_1", 1_795_000_000 + off, "{}");
                assert_eq!(seals.vouch_for(&headers, b"{}", now), good, "{secret} {off}");
                assert!(!seals.vouch_for(&headers, b"{} ", now));
            }
        }
        assert!(!seals.vouch_for(&signed(3, "msg_1", 1_795_000_000, "{}"), b"{}", now));
        for (name, value) in
            [("webhook-id", "msg_2"), ("webhook-timestamp", "1795000001"), ("webhook-signature", "v1,")]
        {
            let mut headers = signed(1, "msg_1", 1_795_000_000, "{}");
            headers.insert(name, value.parse().expect("a header"));
            assert!(!seals.vouch_for(&headers, b"{}", now), "{name}");
            headers.remove(name);
            assert!(!seals.vouch_for(&headers, b"{}", now), "without {name}");
        }
    }

    #[test]
    fn secrets_are_long_and_look_like_secrets() {
        for bad in [
            "",
            "whsec_",
            "whsec_AAAA",
            "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
            "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=,",
        ] {
            assert!(EventSeals::read(bad).is_err(), "{bad}");
        }
    }
}
