//! Firebase Cloud Messaging (HTTP v1): notifications of the chain's app.
//!
//! A message has its id as the tag of its notification: **the same again takes the place of the first on the device.**

use std::{fs, path::PathBuf};

use anyhow::Context as _;
use async_trait::async_trait;
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use form_urlencoded::Serializer;
use kernel::Timestamp;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::{
    Provider,
    call::{Answer, Caller, is_address, within},
    chance::chance,
    told::REFERENCE_LIMIT,
};
use crate::domain::{
    sending::{Address, Handed, Outgoing, Receipt, Refused},
    trigger::Lane,
};

const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// How long an assertion is good, in seconds: the longest that Google takes.
const ASSERTED_FOR: i64 = 3_600;
/// So long before it ends a token is not used any more, in seconds.
const BEFORE_THE_END: i64 = 60;

/// What the file says of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    service_account: PathBuf,
    #[serde(default = "base_url")]
    base_url: String,
    token_url: Option<String>,
    #[serde(default = "patience_ms")]
    timeout_ms: u64,
}

fn base_url() -> String {
    "https://fcm.googleapis.com".to_owned()
}

const fn patience_ms() -> u64 {
    10_000
}

/// The file that Google gives out for a service account, what is needed of it.
#[derive(Deserialize)]
struct Account {
    project_id: String,
    client_email: String,
    private_key: String,
    token_uri: String,
}

/// What a token is, and until when, in seconds of Unix time.
struct Token {
    bearer: String,
    until: i64,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: i64,
}

/// A project at Firebase.
pub struct Fcm {
    caller: Caller,
    messages: String,
    token_url: String,
    email: String,
    key: RsaKeyPair,
    token: Mutex<Option<Token>>,
}

impl Fcm {
    /// The project of these terms; nobody is called yet.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(terms: Terms) -> anyhow::Result<Self> {
        let patience = within(terms.timeout_ms)?;
        let file = fs::read(&terms.service_account)
            .with_context(|| format!("service_account: {}", terms.service_account.display()))?;
        // What is wrong in it may be a piece of the key.
        let account: Account = serde_json::from_slice(&file)
            .map_err(|_| anyhow::anyhow!("service_account is no key file of a service account"))?;
        let key =
            rsa(&account.private_key).context("service_account: private_key is no RSA key in PKCS #8")?;
        let token_url = terms.token_url.unwrap_or(account.token_uri);
        anyhow::ensure!(is_address(&terms.base_url), "base_url begins with https://, or http:// and a host");
        anyhow::ensure!(is_address(&token_url), "token_url begins with https://, or http:// and a host");
        let plain = account.project_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        anyhow::ensure!(plain && !account.project_id.is_empty(), "service_account: project_id");
        Ok(Self {
            caller: Caller::new(patience)?,
            messages: format!(
                "{}/v1/projects/{}/messages:send",
                terms.base_url.trim_end_matches('/'),
                account.project_id
            ),
            token_url,
            email: account.client_email,
            key,
            token: Mutex::default(),
        })
    }

    /// A token that is good now, the one that is there or a new one. All who want one wait for the same.
    async fn bearer(&self, now: Timestamp) -> Result<String, Handed> {
        let now_s = now.micros().div_euclid(1_000_000);
        let mut token = self.token.lock().await;
        if let Some(known) = token.as_ref().filter(|token| token.until - BEFORE_THE_END > now_s) {
            return Ok(known.bearer.clone());
        }
        let account = || Handed::Refused(Refused::Account);
        let failed = |why: &str| Handed::Failed { why: why.to_owned(), wait_s: None };
        let request = self.grant(now_s).map_err(|_| account())?;
        // Whatever becomes of this, no message was sent.
        let answer = self.caller.call(request).await.map_err(|_| failed("no token"))?;
        match answer.status {
            StatusCode::OK => {
                let granted: Granted =
                    serde_json::from_slice(&answer.body).map_err(|_| failed("a token without sense"))?;
                let bearer = granted.access_token;
                *token =
                    Some(Token { bearer: bearer.clone(), until: now_s.saturating_add(granted.expires_in) });
                Ok(bearer)
            }
            StatusCode::TOO_MANY_REQUESTS => Err(answer.refusal(now)),
            status if status.is_client_error() => Err(account()),
            _ => Err(failed("no token")),
        }
    }

    fn grant(&self, now_s: i64) -> anyhow::Result<Request<Body>> {
        let claims = json!({
            "iss": self.email,
            "scope": SCOPE,
            "aud": self.token_url,
            "iat": now_s,
            "exp": now_s + ASSERTED_FOR,
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&json!({"alg": "RS256", "typ": "JWT"})), part(&claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        let signed = self.key.sign(&RSA_PKCS1_SHA256, &chance(), text.as_bytes(), &mut signature);
        signed.map_err(|_| anyhow::anyhow!("the key signs nothing"))?;
        let assertion = format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature));
        let form = Serializer::new(String::new())
            .extend_pairs([("grant_type", GRANT), ("assertion", &assertion)])
            .finish();
        let request = Request::builder()
            .method(Method::POST)
            .uri(&self.token_url)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        Ok(request.body(Body::from(form))?)
    }

    fn request(&self, message: &Outgoing, bearer: &str) -> anyhow::Result<Request<Body>> {
        let id = message.id.to_string();
        let (priority, urgency) =
            if message.lane == Lane::Campaign { ("NORMAL", "5") } else { ("HIGH", "10") };
        let body = json!({"message": {
            "token": message.to.text(),
            "notification": {"title": message.title.expose(), "body": message.text.expose()},
            "data": {"message_id": id},
            "android": {"priority": priority, "notification": {"tag": id}},
            "apns": {"headers": {"apns-collapse-id": id, "apns-priority": urgency}},
        }});
        let request = Request::builder()
            .method(Method::POST)
            .uri(&self.messages)
            .header(header::AUTHORIZATION, format!("Bearer {bearer}"))
            .header(header::CONTENT_TYPE, "application/json");
        Ok(request.body(Body::from(body.to_string()))?)
    }
}

/// The key in a PEM text.
fn rsa(pem: &str) -> Option<RsaKeyPair> {
    let text = pem.split_once("-----BEGIN PRIVATE KEY-----")?.1.split_once("-----END PRIVATE KEY-----")?.0;
    let text: String = text.split_ascii_whitespace().collect();
    RsaKeyPair::from_pkcs8(&STANDARD.decode(text).ok()?).ok()
}

fn read(answer: &Answer, now: Timestamp) -> Handed {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if answer.status.is_success() {
        let name = body["name"].as_str().filter(|name| (1..=REFERENCE_LIMIT).contains(&name.len()));
        return match name {
            Some(name) => Handed::Taken { reference: Some(name.to_owned()), cost: None },
            None => answer.refusal(now),
        };
    }
    let details = body.pointer("/error/details").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let is_of_the_token = |field: &Value| field["field"] == "message.token";
    let token = details.iter().any(|one| {
        one["errorCode"] == "UNREGISTERED"
            || one["fieldViolations"].as_array().is_some_and(|fields| fields.iter().any(is_of_the_token))
    });
    if token { Handed::Refused(Refused::Address) } else { answer.refusal(now) }
}

#[async_trait]
impl Provider for Fcm {
    async fn hand(&self, message: &Outgoing) -> Handed {
        let mut bearer = match self.bearer(message.at).await {
            Ok(bearer) => bearer,
            Err(handed) => return handed,
        };
        for last in [false, true] {
            let Ok(request) = self.request(message, &bearer) else {
                return Handed::Refused(Refused::Content);
            };
            let answer = match self.caller.call(request).await {
                Ok(answer) => answer,
                Err(silence) => return silence.into(),
            };
            if last || answer.status != StatusCode::UNAUTHORIZED {
                return read(&answer, message.at);
            }
            // The token was withdrawn: another one, and once more.
            self.token.lock().await.take_if(|known| known.bearer == bearer);
            bearer = match self.bearer(message.at).await {
                Ok(bearer) => bearer,
                Err(handed) => return handed,
            };
        }
        Handed::Refused(Refused::Account)
    }

    fn knows_repetitions(&self) -> bool {
        true
    }

    async fn status(&self, _: Uuid, _: Option<&str>) -> anyhow::Result<Option<Receipt>> {
        Ok(None)
    }

    fn reaches(&self, to: &Address) -> bool {
        matches!(to, Address::Device(_))
    }
}
