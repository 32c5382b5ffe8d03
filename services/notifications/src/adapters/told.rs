//! What providers say by themselves of messages that they took: where it stands in a request, and by which secret it is theirs.

use axum::{
    body::Bytes,
    http::{HeaderMap, header, request::Parts},
};
use form_urlencoded::parse;
use serde::Deserialize;
use serde_json::Value;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::domain::sending::{Notice, Receipt};

/// The shortest secret in an address.
const SHORTEST: usize = 16;
/// The most receipts in one request.
const MOST: usize = 1_000;
/// The longest name that a provider gives to a message.
pub const REFERENCE_LIMIT: usize = 200;

/// What a provider sent.
pub struct Told {
    headers: HeaderMap,
    query: String,
    asked: Vec<(String, String)>,
    form: Vec<(String, String)>,
    json: Value,
}

/// Why nothing is taken of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToldFlaw {
    /// It is not the provider's, or nobody can know that it is.
    Forged,
    /// It is the provider's, and says nothing that is understood.
    Unreadable,
}

impl Told {
    /// Reads a request. A body that is neither a form nor JSON says nothing.
    #[must_use]
    pub fn new(head: &Parts, body: &Bytes) -> Self {
        let query = head.uri.query().unwrap_or_default().to_owned();
        let kind = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().to_ascii_lowercase();
        let is_form = kind.starts_with("application/x-www-form-urlencoded");
        let form = if is_form { parse(body).into_owned().collect() } else { Vec::new() };
        let json = if is_form { Value::Null } else { serde_json::from_slice(body).unwrap_or_default() };
        let asked = parse(query.as_bytes()).into_owned().collect();
        Self { headers: head.headers.clone(), query, asked, form, json }
    }

    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What stands behind the `?` of the address, as it came.
    #[must_use]
    pub fn query(&self) -> &str {
        &self.query
    }

    /// A value of the address.
    #[must_use]
    pub fn asked(&self, name: &str) -> Option<&str> {
        self.asked.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The pairs of a form.
    #[must_use]
    pub fn form(&self) -> &[(String, String)] {
        &self.form
    }

    /// A value of the form, of the address, or of JSON's first level.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<String> {
        let pair = self.form.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        pair.or_else(|| self.asked(name).map(str::to_owned)).or_else(|| self.json.get(name).and_then(text))
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

/// The secret in the address by which a provider is known that signs nothing: `?key=…`.
pub struct Key(String);

impl Key {
    /// This secret.
    ///
    /// # Errors
    /// When it can be guessed.
    pub fn new(secret: String) -> anyhow::Result<Self> {
        let plain = secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        anyhow::ensure!(
            secret.len() >= SHORTEST && plain,
            "the key of receipts has {SHORTEST} characters or more of a-z, A-Z, 0-9, '-' and '_'"
        );
        Ok(Self(secret))
    }

    /// Whether what was sent has it; how much of it is right cannot be told from the time that this takes.
    ///
    /// # Errors
    /// [`ToldFlaw::Forged`].
    pub fn check(&self, told: &Told) -> Result<(), ToldFlaw> {
        let given = told.asked("key").unwrap_or_default();
        if bool::from(given.as_bytes().ct_eq(self.0.as_bytes())) { Ok(()) } else { Err(ToldFlaw::Forged) }
    }
}

/// What the file says of receipts of a provider that is called as the file says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatternTerms {
    key: String,
    /// Where a list of receipts stands, in JSON.
    each: Option<String>,
    reference: Option<String>,
    id: Option<String>,
    status: String,
    #[serde(default)]
    underway: Vec<Value>,
    #[serde(default)]
    delivered: Vec<Value>,
    #[serde(default)]
    failed: Vec<Value>,
    #[serde(default)]
    read: Vec<Value>,
}

/// How receipts are read that the file describes.
pub struct Pattern {
    key: Key,
    terms: PatternTerms,
}

impl Pattern {
    /// The pattern of these terms.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(terms: PatternTerms) -> anyhow::Result<Self> {
        anyhow::ensure!(
            terms.reference.is_some() || terms.id.is_some(),
            "receipts: there is reference, or id"
        );
        anyhow::ensure!(
            terms.each.as_ref().is_none_or(|each| each.starts_with('/')),
            "receipts: each is a JSON pointer, such as /messages"
        );
        Ok(Self { key: Key::new(terms.key.clone())?, terms })
    }

    /// What a request says.
    ///
    /// # Errors
    /// [`ToldFlaw`].
    pub fn read(&self, told: &Told) -> Result<Vec<Notice>, ToldFlaw> {
        self.key.check(told)?;
        let Some(each) = &self.terms.each else {
            let at = |name: &String| {
                if name.starts_with('/') { told.json.pointer(name).and_then(text) } else { told.field(name) }
            };
            return Ok(self.notice(at)?.into_iter().collect());
        };
        let list = told.json.pointer(each).and_then(Value::as_array).ok_or(ToldFlaw::Unreadable)?;
        let mut notices = Vec::new();
        for one in list.iter().take(MOST) {
            let at = |name: &String| {
                if name.starts_with('/') { one.pointer(name) } else { one.get(name) }.and_then(text)
            };
            notices.extend(self.notice(at)?);
        }
        Ok(notices)
    }

    /// One receipt; none where its status means nothing.
    fn notice(&self, at: impl Fn(&String) -> Option<String>) -> Result<Option<Notice>, ToldFlaw> {
        let terms = &self.terms;
        let status = at(&terms.status).ok_or(ToldFlaw::Unreadable)?;
        let all = [
            (&terms.delivered, Receipt::Delivered),
            (&terms.read, Receipt::Read),
            (&terms.failed, Receipt::Failed),
            (&terms.underway, Receipt::Underway),
        ];
        let means = |values: &[Value]| values.iter().any(|value| text(value).as_ref() == Some(&status));
        let Some((_, receipt)) = all.into_iter().find(|(values, _)| means(values)) else { return Ok(None) };
        let reference = terms.reference.as_ref().and_then(&at).filter(|text| text.len() <= REFERENCE_LIMIT);
        let attempt = terms.id.as_ref().and_then(&at).and_then(|id| id.parse::<Uuid>().ok());
        match (&reference, attempt) {
            (None, None) => Err(ToldFlaw::Unreadable),
            _ => Ok(Some(Notice { attempt, reference, receipt })),
        }
    }
}
