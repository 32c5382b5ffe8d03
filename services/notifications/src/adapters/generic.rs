//! Any provider with an HTTP interface: what it is sent, and how its answer is read, is written down in the file of providers.

use std::collections::BTreeMap;

use anyhow::Context as _;
use async_trait::async_trait;
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Method, Request, header},
};
use form_urlencoded::Serializer;
use kernel::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{
    Provider,
    call::{Answer, Caller, is_address, within},
    phrase::Phrase,
    told::{Pattern, PatternTerms, REFERENCE_LIMIT, Told, ToldFlaw},
};
use crate::domain::sending::{Handed, Notice, Outgoing, Receipt, Refused};

/// What the file says of such a provider.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    url: String,
    #[serde(default = "post")]
    method: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    json: Option<Value>,
    form: Option<BTreeMap<String, String>>,
    #[serde(default = "patience_ms")]
    timeout_ms: u64,
    /// Whether the same id again is the same message to it.
    #[serde(default)]
    knows_ids: bool,
    #[serde(default)]
    answer: Reading,
    receipts: Option<PatternTerms>,
}

/// How an answer is read.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Reading {
    reference: Option<String>,
    cost: Option<String>,
    /// Thousandths of a minor unit that one of what `cost` counts is.
    cost_factor: Option<i64>,
    taken: Vec<Sign>,
    address: Vec<Sign>,
    content: Vec<Sign>,
    account: Vec<Sign>,
    later: Vec<Sign>,
}

/// By what an answer is known: its status, what stands at a place in it, or both.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sign {
    status: Option<u16>,
    at: Option<String>,
    #[serde(default)]
    is: Vec<Value>,
}

fn post() -> String {
    "POST".to_owned()
}

const fn patience_ms() -> u64 {
    10_000
}

#[derive(Debug)]
enum Payload {
    Nothing,
    Json(Shape),
    Form(Vec<(String, Phrase)>),
}

/// JSON whose texts have gaps.
#[derive(Debug)]
enum Shape {
    Fixed(Value),
    Said(Phrase),
    List(Vec<Shape>),
    Object(Vec<(String, Shape)>),
}

/// A provider that is called as the file says.
pub struct Generic {
    caller: Caller,
    method: Method,
    url: Phrase,
    headers: Vec<(HeaderName, HeaderValue)>,
    payload: Payload,
    knows_ids: bool,
    answer: Reading,
    receipts: Option<Pattern>,
}

impl Generic {
    /// The provider of these terms; nobody is called yet.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(terms: Terms) -> anyhow::Result<Self> {
        let flaw = anyhow::Error::msg;
        let patience = within(terms.timeout_ms)?;
        let method = match terms.method.as_str() {
            "GET" => Method::GET,
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            _ => anyhow::bail!("method is GET, POST or PUT"),
        };
        let url = Phrase::parse(&terms.url).map_err(flaw).context("url")?;
        anyhow::ensure!(is_address(&terms.url), "url begins with https://, or http:// and a host");
        let headers = terms.headers.iter().map(|(name, value)| {
            let name: HeaderName = name.parse().with_context(|| format!("headers: {name}"))?;
            let mut value = HeaderValue::from_str(value).with_context(|| format!("headers: {name}"))?;
            value.set_sensitive(true);
            anyhow::Ok((name, value))
        });
        let headers = headers.collect::<Result<_, _>>()?;
        let payload = match (terms.json, terms.form) {
            (Some(_), Some(_)) => anyhow::bail!("there is json or form, not both"),
            (Some(json), None) => Payload::Json(shape(json).map_err(flaw).context("json")?),
            (None, Some(form)) => Payload::Form(pairs(form).map_err(flaw).context("form")?),
            (None, None) => Payload::Nothing,
        };
        terms.answer.check()?;
        let caller = Caller::new(patience)?;
        let receipts = terms.receipts.map(Pattern::new).transpose()?;
        let (knows_ids, answer) = (terms.knows_ids, terms.answer);
        Ok(Self { caller, method, url, headers, payload, knows_ids, answer, receipts })
    }

    fn request(&self, message: &Outgoing) -> anyhow::Result<Request<Body>> {
        let (kind, body) = match &self.payload {
            Payload::Nothing => (None, Body::empty()),
            Payload::Json(shape) => {
                (Some("application/json"), Body::from(serde_json::to_vec(&shape.say(message))?))
            }
            Payload::Form(pairs) => {
                let mut form = Serializer::new(String::new());
                form.extend_pairs(pairs.iter().map(|(name, phrase)| (name, phrase.say(message))));
                (Some("application/x-www-form-urlencoded"), Body::from(form.finish()))
            }
        };
        let mut request =
            Request::builder().method(self.method.clone()).uri(self.url.say_in_url(message)).body(body)?;
        if let Some(kind) = kind {
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        for (name, value) in &self.headers {
            request.headers_mut().insert(name.clone(), value.clone());
        }
        Ok(request)
    }
}

fn pairs(form: BTreeMap<String, String>) -> Result<Vec<(String, Phrase)>, String> {
    form.into_iter().map(|(name, text)| Ok((name, Phrase::parse(&text)?))).collect()
}

fn shape(value: Value) -> Result<Shape, String> {
    Ok(match value {
        Value::String(text) => Shape::Said(Phrase::parse(&text)?),
        Value::Array(list) => Shape::List(list.into_iter().map(shape).collect::<Result<_, _>>()?),
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| Ok((name, shape(value)?)));
            Shape::Object(fields.collect::<Result<_, String>>()?)
        }
        fixed => Shape::Fixed(fixed),
    })
}

impl Shape {
    fn say(&self, message: &Outgoing) -> Value {
        match self {
            Self::Fixed(value) => value.clone(),
            Self::Said(phrase) => Value::String(phrase.say(message)),
            Self::List(list) => list.iter().map(|shape| shape.say(message)).collect(),
            Self::Object(fields) => {
                fields.iter().map(|(name, shape)| (name.clone(), shape.say(message))).collect()
            }
        }
    }
}

impl Reading {
    fn check(&self) -> anyhow::Result<()> {
        let signs = [&self.taken, &self.address, &self.content, &self.account, &self.later];
        for sign in signs.into_iter().flatten() {
            anyhow::ensure!(sign.status.is_some() || sign.at.is_some(), "answer: a sign has a status, or at");
            anyhow::ensure!(sign.at.is_some() || sign.is.is_empty(), "answer: is needs at");
        }
        let places = signs.into_iter().flatten().filter_map(|sign| sign.at.as_ref());
        for place in places.chain(&self.reference).chain(&self.cost) {
            anyhow::ensure!(place.starts_with('/'), "answer: a place is a JSON pointer, such as /data/0/id");
        }
        anyhow::ensure!(self.cost_factor.is_none_or(|factor| factor > 0), "answer: cost_factor is above 0");
        Ok(())
    }

    fn read(&self, answer: &Answer, now: Timestamp) -> Handed {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let shows = |signs: &[Sign]| signs.iter().any(|sign| sign.fits(answer, &body));
        let refusals = [
            (&self.address, Refused::Address),
            (&self.content, Refused::Content),
            (&self.account, Refused::Account),
        ];
        if let Some((_, refused)) = refusals.into_iter().find(|(signs, _)| shows(signs)) {
            return Handed::Refused(refused);
        }
        if shows(&self.later) {
            return Handed::Failed { why: "it says: later".to_owned(), wait_s: None };
        }
        if !answer.status.is_success() || !(self.taken.is_empty() || shows(&self.taken)) {
            return answer.refusal(now);
        }
        let at = |place: &Option<String>| place.as_ref().and_then(|place| body.pointer(place));
        let reference = at(&self.reference).and_then(text).filter(|text| text.len() <= REFERENCE_LIMIT);
        let cost = at(&self.cost).and_then(text);
        let cost = cost.and_then(|text| thousandths(&text, self.cost_factor.unwrap_or(1_000)));
        Handed::Taken { reference, cost }
    }
}

impl Sign {
    fn fits(&self, answer: &Answer, body: &Value) -> bool {
        let status = self.status.is_none_or(|status| answer.status.as_u16() == status);
        let found = self.at.as_ref().map(|place| body.pointer(place));
        let content = match found {
            None => true,
            Some(None) => false,
            Some(Some(value)) => self.is.is_empty() || self.is.contains(value),
        };
        status && content
    }
}

/// A text, or a number as one.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// So many times `factor`, rounded up; nothing for what is no amount.
fn thousandths(text: &str, factor: i64) -> Option<i64> {
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 9 {
        return None;
    }
    let scale = 10_i128.pow(u32::try_from(part.len()).ok()?);
    let number: i128 = format!("{whole}{part}").parse().ok()?;
    let product = number.checked_mul(factor.into())?;
    i64::try_from(product / scale + i128::from(product % scale != 0)).ok()
}

#[async_trait]
impl Provider for Generic {
    async fn hand(&self, message: &Outgoing) -> Handed {
        let Ok(request) = self.request(message) else { return Handed::Refused(Refused::Content) };
        match self.caller.call(request).await {
            Ok(answer) => self.answer.read(&answer, message.at),
            Err(silence) => silence.into(),
        }
    }

    fn knows_repetitions(&self) -> bool {
        self.knows_ids
    }

    async fn status(&self, _: uuid::Uuid, _: Option<&str>) -> anyhow::Result<Option<Receipt>> {
        Ok(None)
    }

    fn receipts(&self, told: &Told) -> Result<Vec<Notice>, ToldFlaw> {
        self.receipts.as_ref().ok_or(ToldFlaw::Forged)?.read(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_read_to_the_thousandth_and_rounded_up() {
        for (text, factor, thousandths_of_it) in [
            ("120", 1_000, Some(120_000)),
            ("0.0075", 100_000, Some(750)),
            ("0.00001", 1_000, Some(1)),
            ("-1", 1_000, None),
            ("1e3", 1_000, None),
            ("", 1_000, None),
            ("99999999999999999999", 1_000, None),
        ] {
            assert_eq!(thousandths(text, factor), thousandths_of_it, "{text}");
        }
    }

    #[test]
    fn whom_it_calls_is_written_down_and_never_a_matter_of_a_message() {
        for (url, good) in [
            ("https://sms.example/send?to={{ to }}", true),
            ("http://127.0.0.1:8080/{{ id }}", true),
            ("https://{{ to }}/send", false),
            ("https://key@sms.example/", false),
            ("https:///send", false),
            ("ftp://sms.example", false),
        ] {
            assert_eq!(is_address(url), good, "{url}");
        }
    }
}
