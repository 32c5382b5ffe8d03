//! Web Push (RFC 8030): notifications of browsers, sealed for each ([`sealed_push`]) and signed by the chain's key (VAPID, RFC 8292).
//!
//! Where a message is pushed to was said by a browser, so by anybody: **only services of the file's list are called.**

use anyhow::Context as _;
use async_trait::async_trait;
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, Uri, header},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::Language;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    Provider,
    call::{Caller, within},
    chance::chance,
    sealed_push,
    told::REFERENCE_LIMIT,
};
use crate::domain::{
    sending::{Address, Browser, Handed, Outgoing, Receipt, Refused},
    trigger::Lane,
};

/// The services of the browsers that there are.
const SERVICES: [&str; 5] = [
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
];
/// How long a signature is good, in seconds: half of the longest.
const SIGNED_FOR: i64 = 12 * 3_600;

/// What the file says of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    public_key: String,
    private_key: String,
    subject: String,
    services: Option<Vec<String>>,
    /// How long a service keeps what it cannot hand over, in seconds.
    #[serde(default = "kept_s")]
    ttl_s: u32,
    #[serde(default = "patience_ms")]
    timeout_ms: u64,
}

const fn kept_s() -> u32 {
    24 * 3_600
}

const fn patience_ms() -> u64 {
    10_000
}

/// The chain as a sender to browsers.
pub struct WebPush {
    caller: Caller,
    key: EcdsaKeyPair,
    public_key: String,
    subject: String,
    services: Vec<String>,
    ttl_s: u32,
}

impl WebPush {
    /// The sender of these terms; nobody is called yet.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(terms: Terms) -> anyhow::Result<Self> {
        let patience = within(terms.timeout_ms)?;
        let read = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
        let (private, public) = (read(&terms.private_key), read(&terms.public_key));
        let keys = private.zip(public).and_then(|(private, public)| {
            let pair = EcdsaKeyPair::from_private_key_and_public_key(
                &ECDSA_P256_SHA256_FIXED_SIGNING,
                &private,
                &public,
                &chance(),
            );
            Some((pair.ok()?, URL_SAFE_NO_PAD.encode(public)))
        });
        let (key, public_key) =
            keys.context("public_key and private_key are a pair of VAPID keys in base64url")?;
        let reached = terms.subject.starts_with("mailto:") || terms.subject.starts_with("https://");
        anyhow::ensure!(reached, "subject is mailto: or https://, where push services reach the chain");
        anyhow::ensure!(terms.ttl_s <= 28 * 24 * 3_600, "ttl_s is 28 days at most");
        let usual = || SERVICES.map(str::to_owned).to_vec();
        Ok(Self {
            caller: Caller::new(patience)?,
            key,
            public_key,
            subject: terms.subject,
            services: terms.services.unwrap_or_else(usual),
            ttl_s: terms.ttl_s,
        })
    }

    /// Where a browser's messages are pushed, if that is a service of the list.
    fn endpoint(&self, browser: &Browser) -> Option<Uri> {
        let uri: Uri = browser.endpoint.parse().ok()?;
        let authority = uri.authority()?;
        let origin = format!("{}://{authority}", uri.scheme_str()?);
        let is_secure = uri.scheme_str() == Some("https") && authority.port().is_none();
        let host = authority.host();
        let known = |service: &String| match service.strip_prefix('*') {
            Some(end) => is_secure && host.len() > end.len() && host.ends_with(end),
            // One with its scheme is taken by the word: a service of the chain's own.
            None if service.contains("://") => *service == origin,
            None => is_secure && host == service,
        };
        (!authority.as_str().contains('@') && self.services.iter().any(known)).then_some(uri)
    }

    fn authorization(&self, endpoint: &Uri, now_s: i64) -> Option<String> {
        let audience = format!("{}://{}", endpoint.scheme_str()?, endpoint.authority()?);
        let claims = json!({"aud": audience, "exp": now_s + SIGNED_FOR, "sub": self.subject});
        let part = |text: String| URL_SAFE_NO_PAD.encode(text);
        let header = json!({"typ": "JWT", "alg": "ES256"});
        let text = format!("{}.{}", part(header.to_string()), part(claims.to_string()));
        let signature = self.key.sign(&chance(), text.as_bytes()).ok()?;
        Some(format!("vapid t={text}.{}, k={}", URL_SAFE_NO_PAD.encode(signature), self.public_key))
    }

    fn request(&self, message: &Outgoing, browser: &Browser) -> Result<Request<Body>, Refused> {
        let endpoint = self.endpoint(browser).ok_or(Refused::Address)?;
        let direction = if message.language == Language::En { "ltr" } else { "rtl" };
        let said = json!({
            "message_id": message.id,
            "title": message.title.expose(),
            "body": message.text.expose(),
            "lang": message.language,
            "dir": direction,
        });
        let said = said.to_string();
        if said.len() > sealed_push::LONGEST {
            return Err(Refused::Content);
        }
        let sealed = sealed_push::seal(said.as_bytes(), browser).ok_or(Refused::Address)?;
        let now_s = message.at.micros().div_euclid(1_000_000);
        let authorization = self.authorization(&endpoint, now_s).ok_or(Refused::Account)?;
        let urgency = if message.lane == Lane::Campaign { "normal" } else { "high" };
        let request = Request::builder()
            .method(Method::POST)
            .uri(endpoint)
            .header(header::AUTHORIZATION, authorization)
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header(header::CONTENT_ENCODING, "aes128gcm")
            .header("ttl", self.ttl_s)
            .header("urgency", urgency)
            // Of two of one topic that wait, the service keeps the newer.
            .header("topic", message.id.simple().to_string());
        request.body(Body::from(sealed)).map_err(|_| Refused::Content)
    }
}

#[async_trait]
impl Provider for WebPush {
    async fn hand(&self, message: &Outgoing) -> Handed {
        let Address::Browser(browser) = &message.to else { return Handed::Refused(Refused::Address) };
        let request = match self.request(message, browser.expose()) {
            Ok(request) => request,
            Err(refused) => return Handed::Refused(refused),
        };
        let answer = match self.caller.call(request).await {
            Ok(answer) => answer,
            Err(silence) => return silence.into(),
        };
        match answer.status {
            status if status.is_success() => {
                let place = answer.headers.get(header::LOCATION).and_then(|place| place.to_str().ok());
                let place = place.filter(|place| place.len() <= REFERENCE_LIMIT);
                Handed::Taken { reference: place.map(str::to_owned), cost: None }
            }
            StatusCode::NOT_FOUND | StatusCode::GONE => Handed::Refused(Refused::Address),
            _ => answer.refusal(message.at),
        }
    }

    fn knows_repetitions(&self) -> bool {
        false
    }

    async fn status(&self, _: Uuid, _: Option<&str>) -> anyhow::Result<Option<Receipt>> {
        Ok(None)
    }

    fn reaches(&self, to: &Address) -> bool {
        matches!(to, Address::Browser(browser) if self.endpoint(browser.expose()).is_some())
    }
}
