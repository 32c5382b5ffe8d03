//! Kavenegar: text messages in Iran.
//!
//! Each message has a number of ours (`localid`), by which Kavenegar can be asked what became of it: **whoever did not hear the answer
//! asks instead of sending again.** It says by itself, at an address with a secret, or when asked, what was delivered.

use anyhow::Context as _;
use async_trait::async_trait;
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use form_urlencoded::Serializer;
use ring::digest::{SHA256, digest};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    Provider,
    call::{Answer, Caller, is_address, within},
    told::{Key, Told, ToldFlaw},
};
use crate::domain::sending::{Handed, Notice, Outgoing, Receipt, Refused};

/// What the file says of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    api_key: String,
    sender: Option<String>,
    #[serde(default = "base_url")]
    base_url: String,
    /// Thousandths of a minor unit that one rial is.
    #[serde(default = "rial")]
    cost_factor: i64,
    receipts_key: Option<String>,
    #[serde(default = "patience_ms")]
    timeout_ms: u64,
}

fn base_url() -> String {
    "https://api.kavenegar.com".to_owned()
}

const fn rial() -> i64 {
    1_000
}

const fn patience_ms() -> u64 {
    10_000
}

/// An account with Kavenegar.
pub struct Kavenegar {
    caller: Caller,
    methods: String,
    sender: Option<String>,
    cost_factor: i64,
    receipts: Option<Key>,
}

#[derive(Deserialize)]
struct Said {
    #[serde(rename = "return")]
    outcome: Outcome,
    #[serde(default)]
    entries: Value,
}

#[derive(Deserialize)]
struct Outcome {
    status: i64,
}

impl Kavenegar {
    /// The account of these terms; nobody is called yet.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(terms: Terms) -> anyhow::Result<Self> {
        let patience = within(terms.timeout_ms)?;
        let key = &terms.api_key;
        let plain = key.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'/' | b'?' | b'#'));
        anyhow::ensure!(!key.is_empty() && plain, "api_key is as Kavenegar's panel shows it");
        anyhow::ensure!(is_address(&terms.base_url), "base_url begins with https://, or http:// and a host");
        anyhow::ensure!(terms.cost_factor > 0, "cost_factor is above 0");
        Ok(Self {
            caller: Caller::new(patience)?,
            methods: format!("{}/v1/{key}/sms", terms.base_url.trim_end_matches('/')),
            sender: terms.sender,
            cost_factor: terms.cost_factor,
            receipts: terms.receipts_key.map(Key::new).transpose().context("receipts_key")?,
        })
    }

    fn request(&self, method: &str, pairs: &[(&str, &str)]) -> anyhow::Result<Request<Body>> {
        let form = Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}/{method}.json", self.methods))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        Ok(request.body(Body::from(form))?)
    }

    fn read(&self, answer: &Answer, message: &Outgoing) -> Handed {
        let Ok(said) = serde_json::from_slice::<Said>(&answer.body) else {
            return answer.refusal(message.at);
        };
        let failed = |why: &str| Handed::Failed { why: why.to_owned(), wait_s: None };
        match said.outcome.status {
            200 => {
                let Some(entry) = said.entries.get(0) else { return answer.refusal(message.at) };
                // A phone that takes no advertisements is known at once.
                if entry["status"].as_i64() == Some(14) {
                    return Handed::Refused(Refused::Address);
                }
                let cost = entry["cost"].as_i64().filter(|cost| *cost >= 0);
                let cost = cost.and_then(|cost| cost.checked_mul(self.cost_factor));
                Handed::Taken { reference: entry["messageid"].as_i64().map(|id| id.to_string()), cost }
            }
            411 => Handed::Refused(Refused::Address),
            413 | 414 | 417 | 420 | 422 => Handed::Refused(Refused::Content),
            402 | 409 | 451 => failed("it says: later"),
            400..=499 | 501 => Handed::Refused(Refused::Account),
            _ => answer.refusal(message.at),
        }
    }

    /// What it says of messages.
    async fn ask(&self, method: &str, name: &str, value: &str) -> anyhow::Result<Value> {
        let answer = self.caller.call(self.request(method, &[(name, value)])?).await;
        let answer = answer.map_err(|silence| anyhow::anyhow!("no answer: {silence:?}"))?;
        let said: Said = serde_json::from_slice(&answer.body).context("its answer")?;
        anyhow::ensure!(said.outcome.status == 200, "it answers {}", said.outcome.status);
        Ok(said.entries)
    }
}

/// The number of a message, as Kavenegar takes it: below 2^63, the same for the same id.
fn localid(message: Uuid) -> String {
    let hash = digest(&SHA256, message.as_bytes());
    let number = hash.as_ref().iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    (number >> 1).to_string()
}

/// The phone as Kavenegar writes it: Iranian ones begin with 0, all others with 00.
fn receptor(phone: &str) -> String {
    match phone.strip_prefix("+98") {
        Some(own) => format!("0{own}"),
        None => phone.replacen('+', "00", 1),
    }
}

/// What a status means, by Kavenegar's table; nothing where it means nothing.
const fn receipt(status: i64) -> Option<Receipt> {
    match status {
        1 | 2 | 4 | 5 => Some(Receipt::Underway),
        10 => Some(Receipt::Delivered),
        6 | 11 | 13 | 14 => Some(Receipt::Failed),
        100 => Some(Receipt::Unknown),
        _ => None,
    }
}

#[async_trait]
impl Provider for Kavenegar {
    async fn hand(&self, message: &Outgoing) -> Handed {
        let (to, number) = (receptor(message.to.text()), localid(message.id));
        let mut pairs = vec![("receptor", &*to), ("message", message.text.expose()), ("localid", &*number)];
        pairs.extend(self.sender.as_ref().map(|sender| ("sender", &**sender)));
        let Ok(request) = self.request("send", &pairs) else { return Handed::Refused(Refused::Content) };
        match self.caller.call(request).await {
            Ok(answer) => self.read(&answer, message),
            Err(silence) => silence.into(),
        }
    }

    // It is asked by the number, which it is sure to answer rightly.
    fn knows_repetitions(&self) -> bool {
        false
    }

    async fn status(&self, message: Uuid, reference: Option<&str>) -> anyhow::Result<Option<Receipt>> {
        let entries = match reference {
            Some(reference) => self.ask("status", "messageid", reference).await?,
            None => self.ask("statuslocalmessageid", "localid", &localid(message)).await?,
        };
        Ok(entries.pointer("/0/status").and_then(Value::as_i64).and_then(receipt))
    }

    fn is_asked(&self) -> bool {
        true
    }

    async fn ask_about(&self, references: &[String]) -> anyhow::Result<Vec<Notice>> {
        let entries = self.ask("status", "messageid", &references.join(",")).await?;
        let notice = |entry: &Value| {
            let receipt = entry["status"].as_i64().and_then(receipt)?;
            Some(Notice { attempt: None, reference: Some(entry["messageid"].as_i64()?.to_string()), receipt })
        };
        Ok(entries.as_array().map(|all| all.iter().filter_map(notice).collect()).unwrap_or_default())
    }

    fn receipts(&self, told: &Told) -> Result<Vec<Notice>, ToldFlaw> {
        self.receipts.as_ref().ok_or(ToldFlaw::Forged)?.check(told)?;
        let number = |name: &str| told.field(name).and_then(|text| text.trim().parse::<i64>().ok());
        let (Some(id), Some(status)) = (number("messageid"), number("status")) else {
            return Err(ToldFlaw::Unreadable);
        };
        let notice = |receipt| Notice { attempt: None, reference: Some(id.to_string()), receipt };
        Ok(receipt(status).map(notice).into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_are_written_as_kavenegar_writes_them() {
        assert_eq!(receptor("+989121234567"), "09121234567");
        assert_eq!(receptor("+4915112345678"), "004915112345678");
    }

    #[test]
    fn a_message_has_one_number_that_fits() {
        let (one, other) = (localid(Uuid::from_u128(1)), localid(Uuid::from_u128(2)));
        assert!(one != other && one == localid(Uuid::from_u128(1)));
        assert!(one.parse::<i64>().is_ok_and(|number| number >= 0));
    }
}
