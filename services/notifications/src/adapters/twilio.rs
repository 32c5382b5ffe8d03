//! Twilio: text messages nearly everywhere.
//!
//! Twilio knows no repetitions and cannot be asked by an id of ours: whoever did not hear the answer does not know. It says by itself
//! what became of messages, signed, at an address that names the attempt.

use anyhow::Context as _;
use async_trait::async_trait;
use axum::{
    body::Body,
    http::{HeaderValue, Method, Request, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use form_urlencoded::Serializer;
use ring::hmac;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    Provider,
    call::{Answer, Caller, is_address, within},
    told::{REFERENCE_LIMIT, Told, ToldFlaw},
};
use crate::domain::sending::{Handed, Notice, Outgoing, Receipt, Refused};

/// What the file says of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    account_sid: String,
    auth_token: String,
    from: Option<String>,
    messaging_service_sid: Option<String>,
    #[serde(default = "base_url")]
    base_url: String,
    receipts_url: Option<String>,
    #[serde(default = "patience_ms")]
    timeout_ms: u64,
}

fn base_url() -> String {
    "https://api.twilio.com".to_owned()
}

const fn patience_ms() -> u64 {
    10_000
}

/// An account with Twilio.
pub struct Twilio {
    caller: Caller,
    messages: String,
    authorization: HeaderValue,
    signing: hmac::Key,
    sender: (&'static str, String),
    receipts_url: Option<String>,
}

impl Twilio {
    /// The account of these terms; nobody is called yet.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(terms: Terms) -> anyhow::Result<Self> {
        let patience = within(terms.timeout_ms)?;
        let sid = &terms.account_sid;
        let plain = !sid.is_empty() && sid.bytes().all(|byte| byte.is_ascii_alphanumeric());
        anyhow::ensure!(plain, "account_sid is AC and letters and digits");
        anyhow::ensure!(!terms.auth_token.is_empty(), "auth_token is missing");
        let sender = match (terms.from, terms.messaging_service_sid) {
            (Some(from), None) => ("From", from),
            (None, Some(service)) => ("MessagingServiceSid", service),
            _ => anyhow::bail!("there is from or messaging_service_sid, and not both"),
        };
        anyhow::ensure!(is_address(&terms.base_url), "base_url begins with https://, or http:// and a host");
        let own = terms.receipts_url.as_ref();
        anyhow::ensure!(
            own.is_none_or(|url| is_address(url) && !url.contains(['?', '#'])),
            "receipts_url is the whole address of the receipts of this provider, without ?"
        );
        let basic = STANDARD.encode(format!("{sid}:{}", terms.auth_token));
        let mut authorization =
            HeaderValue::try_from(format!("Basic {basic}")).context("the header of the account")?;
        authorization.set_sensitive(true);
        Ok(Self {
            caller: Caller::new(patience)?,
            messages: format!(
                "{}/2010-04-01/Accounts/{sid}/Messages.json",
                terms.base_url.trim_end_matches('/')
            ),
            authorization,
            signing: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, terms.auth_token.as_bytes()),
            sender,
            receipts_url: terms.receipts_url,
        })
    }

    fn request(&self, message: &Outgoing) -> anyhow::Result<Request<Body>> {
        let mut form = Serializer::new(String::new());
        form.append_pair("To", message.to.text()).append_pair("Body", message.text.expose());
        form.append_pair(self.sender.0, &self.sender.1);
        if let Some(url) = &self.receipts_url {
            form.append_pair("StatusCallback", &format!("{url}?attempt={}", message.id));
        }
        let request = Request::builder()
            .method(Method::POST)
            .uri(&self.messages)
            .header(header::AUTHORIZATION, self.authorization.clone())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        Ok(request.body(Body::from(form.finish()))?)
    }
}

fn read(answer: &Answer, message: &Outgoing) -> Handed {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if answer.status.is_success() {
        let sid = body["sid"].as_str().filter(|sid| (1..=REFERENCE_LIMIT).contains(&sid.len()));
        // What it costs is known later only.
        return match sid {
            Some(sid) => Handed::Taken { reference: Some(sid.to_owned()), cost: None },
            None => answer.refusal(message.at),
        };
    }
    match body["code"].as_i64() {
        // No such phone, none that takes texts, or one that said STOP.
        Some(21_211 | 21_214 | 21_217 | 21_610 | 21_612 | 21_614 | 21_635) => {
            Handed::Refused(Refused::Address)
        }
        Some(21_602 | 21_605 | 21_617 | 21_619 | 30_007) => Handed::Refused(Refused::Content),
        // Numbers, rights, regions, services: the account's.
        Some(20_003..=20_008 | 21_212 | 21_408 | 21_601 | 21_603 | 21_606 | 21_608 | 21_659..=21_661) => {
            Handed::Refused(Refused::Account)
        }
        Some(21_701..=21_712 | 63_038) => Handed::Refused(Refused::Account),
        Some(14_107 | 20_429 | 21_611) => match answer.refusal(message.at) {
            failed @ Handed::Failed { .. } => failed,
            _ => Handed::Failed { why: "it says: later".to_owned(), wait_s: None },
        },
        _ => answer.refusal(message.at),
    }
}

/// What Twilio's word for a message means; nothing where it means nothing.
fn receipt(word: &str) -> Option<Receipt> {
    match word {
        "accepted" | "queued" | "scheduled" | "sending" | "sent" => Some(Receipt::Underway),
        "delivered" => Some(Receipt::Delivered),
        "undelivered" | "failed" | "canceled" => Some(Receipt::Failed),
        "read" => Some(Receipt::Read),
        _ => None,
    }
}

/// What Twilio signs: the address as it calls it, and all pairs of the form behind it, sorted.
fn signed(url: &str, told: &Told) -> String {
    let mut text = url.to_owned();
    if !told.query().is_empty() {
        text.push('?');
        text.push_str(told.query());
    }
    let mut pairs = told.form().to_vec();
    pairs.sort();
    text.extend(pairs.into_iter().flat_map(|(name, value)| [name, value]));
    text
}

#[async_trait]
impl Provider for Twilio {
    async fn hand(&self, message: &Outgoing) -> Handed {
        let Ok(request) = self.request(message) else { return Handed::Refused(Refused::Content) };
        match self.caller.call(request).await {
            Ok(answer) => read(&answer, message),
            Err(silence) => silence.into(),
        }
    }

    fn knows_repetitions(&self) -> bool {
        false
    }

    async fn status(&self, _: Uuid, _: Option<&str>) -> anyhow::Result<Option<Receipt>> {
        Ok(None)
    }

    fn receipts(&self, told: &Told) -> Result<Vec<Notice>, ToldFlaw> {
        let url = self.receipts_url.as_ref().ok_or(ToldFlaw::Forged)?;
        let signature = told.header("x-twilio-signature").and_then(|text| STANDARD.decode(text).ok());
        let signature = signature.ok_or(ToldFlaw::Forged)?;
        let good = hmac::verify(&self.signing, signed(url, told).as_bytes(), &signature);
        good.map_err(|_| ToldFlaw::Forged)?;
        let word = told.field("MessageStatus").ok_or(ToldFlaw::Unreadable)?;
        let attempt = told.asked("attempt").and_then(|id| id.parse().ok());
        let reference = told.field("MessageSid").filter(|sid| sid.len() <= REFERENCE_LIMIT);
        if attempt.is_none() && reference.is_none() {
            return Err(ToldFlaw::Unreadable);
        }
        Ok(receipt(&word).map(|receipt| Notice { attempt, reference, receipt }).into_iter().collect())
    }
}
