//! The chain's identity provider (`OpenID` Connect): where it is, by which keys it signs, and what a code is worth.
//!
//! What the provider says of itself is asked again every hour, its keys every ten minutes, and at once, though not more often
//! than every ten seconds, when a token names a key that is not known: so its keys take turns without anybody being turned away.
//! Answers are bounded in size and time, redirects are not followed, and nothing that it sends is logged.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, Method, Request, StatusCode, Uri, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use form_urlencoded::{Serializer, byte_serialize};
use http_body_util::{BodyExt as _, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use kernel::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::Instant;
use web::{IdentityFlaw, IdentityKeys, IdentityRules};

use crate::settings::ProviderSettings;

/// How long what the provider says of itself is believed.
const METADATA_FOR: Duration = Duration::from_hours(1);
/// How long its keys are believed.
const KEYS_FOR: Duration = Duration::from_mins(10);
/// How long to wait before asking again for a key that was not there.
const KEYS_PAUSE: Duration = Duration::from_secs(10);
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// No answer is larger.
const ANSWER_LIMIT: usize = 256 * 1024;

/// Why the provider vouches for nobody.
#[derive(Debug)]
pub enum ProviderFault {
    /// It does not answer, or not as such a provider does; another time it may.
    Silent(anyhow::Error),
    /// It answers, and does not vouch: the code is used, wrong or another's, or its token is not believed.
    Refused(anyhow::Error),
}

/// Where the provider is, as it says itself (`OpenID` Connect Discovery 1.0, 3).
#[derive(Clone, Debug, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

struct Read<T> {
    what: Arc<T>,
    asked_at: Instant,
}

type Remembered<T> = RwLock<Option<Read<T>>>;

/// What a person sends from the provider, and what was sent there with them.
pub struct Returned<'r> {
    /// The code.
    pub code: &'r str,
    /// What shows that it was asked for here (RFC 7636).
    pub verifier: &'r str,
    /// What the token must answer.
    pub nonce: &'r str,
}

/// The chain's provider.
pub struct Provider {
    settings: ProviderSettings,
    client: Client<HttpsConnector<HttpConnector>, Body>,
    metadata: Remembered<Metadata>,
    keys: Remembered<IdentityKeys>,
    asking: tokio::sync::Mutex<()>,
}

impl Provider {
    /// The provider of these settings; nobody is asked yet.
    ///
    /// # Errors
    /// When the system has no certificates to trust.
    pub fn new(settings: ProviderSettings) -> anyhow::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()
            .context("the system's trusted certificates")?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            settings,
            client: Client::builder(TokioExecutor::new()).build(connector),
            metadata: RwLock::default(),
            keys: RwLock::default(),
            asking: tokio::sync::Mutex::default(),
        })
    }

    /// The provider, as it names itself.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Where a person is sent to sign in.
    ///
    /// # Errors
    /// [`ProviderFault::Silent`].
    pub async fn address(&self, state: &str, nonce: &str, challenge: &str) -> Result<String, ProviderFault> {
        let metadata = self.metadata().await?;
        let query = Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.settings.redirect_uri)
            .append_pair("scope", "openid")
            .append_pair("state", state)
            .append_pair("nonce", nonce)
            .append_pair("code_challenge", challenge)
            .append_pair("code_challenge_method", "S256")
            .finish();
        let address = &metadata.authorization_endpoint;
        let join = if address.contains('?') { '&' } else { '?' };
        Ok(format!("{address}{join}{query}"))
    }

    /// The subject for whom the provider vouches, against the code that it gave them.
    ///
    /// # Errors
    /// [`ProviderFault`].
    pub async fn subject(&self, returned: &Returned<'_>, now: Timestamp) -> Result<String, ProviderFault> {
        let token = self.exchange(returned).await?;
        let rules = IdentityRules {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce: returned.nonce,
            leeway_s: self.settings.leeway_s,
        };
        let verified = match self.keys(KEYS_FOR).await?.verify(&token, &rules, now) {
            // A provider with one key may name none in its tokens.
            Err(IdentityFlaw::UnknownKey | IdentityFlaw::Forged) => {
                self.keys(KEYS_PAUSE).await?.verify(&token, &rules, now)
            }
            verified => verified,
        };
        verified.map_err(|flaw| ProviderFault::Refused(flaw.into()))
    }

    async fn exchange(&self, returned: &Returned<'_>) -> Result<String, ProviderFault> {
        let metadata = self.metadata().await?;
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(&metadata.token_endpoint)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(authorization) = self.basic() {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let request = request.body(Body::from(self.form(returned))).map_err(|flaw| silent(flaw.into()))?;
        let (status, bytes) = self.send(request).await.map_err(silent)?;
        if status.is_client_error() {
            return Err(ProviderFault::Refused(anyhow::anyhow!("the provider takes no such code: {status}")));
        }
        let tokens = read::<Tokens>(status, &bytes).map_err(silent)?;
        Ok(tokens.id_token)
    }

    /// What a code is exchanged with (RFC 6749, 4.1.3).
    fn form(&self, returned: &Returned<'_>) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", returned.code)
            .append_pair("redirect_uri", &self.settings.redirect_uri)
            .append_pair("code_verifier", returned.verifier);
        if self.settings.client_secret.is_none() {
            form.append_pair("client_id", &self.settings.client_id);
        }
        form.finish()
    }

    /// By what the provider knows us (RFC 6749, 2.3.1).
    fn basic(&self) -> Option<HeaderValue> {
        let secret = self.settings.client_secret.as_ref()?;
        let escaped = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let both = format!("{}:{}", escaped(&self.settings.client_id), escaped(secret.expose()));
        let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(both)))
            .expect("base64 is visible ASCII");
        value.set_sensitive(true);
        Some(value)
    }

    async fn metadata(&self) -> Result<Arc<Metadata>, ProviderFault> {
        let ask = || async {
            let issuer = self.settings.issuer.trim_end_matches('/');
            let found: Metadata = self.get(&format!("{issuer}/.well-known/openid-configuration")).await?;
            ensure!(found.issuer == self.settings.issuer, "the provider calls itself something else");
            for address in [&found.authorization_endpoint, &found.token_endpoint, &found.jwks_uri] {
                self.settings.check_address(address)?;
            }
            Ok(found)
        };
        self.remembered(&self.metadata, METADATA_FOR, ask).await
    }

    async fn keys(&self, most: Duration) -> Result<Arc<IdentityKeys>, ProviderFault> {
        let metadata = self.metadata().await?;
        let ask = || async { Ok(IdentityKeys::new(&self.get::<Value>(&metadata.jwks_uri).await?)) };
        self.remembered(&self.keys, most, ask).await
    }

    /// What is remembered and not older than `most`, else what is asked for now; older than that when nobody answers.
    async fn remembered<T, F>(
        &self,
        memory: &Remembered<T>,
        most: Duration,
        ask: impl Fn() -> F,
    ) -> Result<Arc<T>, ProviderFault>
    where
        F: Future<Output = anyhow::Result<T>>,
    {
        let known = |most: Duration| {
            let memory = memory.read().unwrap_or_else(PoisonError::into_inner);
            memory.as_ref().filter(|read| read.asked_at.elapsed() < most).map(|read| Arc::clone(&read.what))
        };
        if let Some(what) = known(most) {
            return Ok(what);
        }
        let _turn = self.asking.lock().await;
        if let Some(what) = known(most) {
            return Ok(what);
        }
        match ask().await {
            Ok(what) => {
                let what = Arc::new(what);
                let read = Read { what: Arc::clone(&what), asked_at: Instant::now() };
                *memory.write().unwrap_or_else(PoisonError::into_inner) = Some(read);
                Ok(what)
            }
            Err(fault) => known(Duration::MAX).ok_or(ProviderFault::Silent(fault)),
        }
    }

    async fn get<T: for<'d> Deserialize<'d>>(&self, address: &str) -> anyhow::Result<T> {
        let request = Request::builder().uri(address.parse::<Uri>()?).body(Body::empty())?;
        let (status, bytes) = self.send(request).await?;
        read(status, &bytes)
    }

    async fn send(&self, request: Request<Body>) -> anyhow::Result<(StatusCode, Bytes)> {
        let answer = async {
            let response = self.client.request(request).await?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER_LIMIT).collect().await;
            let body = body.map_err(|fault| anyhow::anyhow!("its answer: {fault}"))?;
            Ok((status, body.to_bytes()))
        };
        tokio::time::timeout(PATIENCE, answer).await.context("no answer in time")?
    }
}

fn silent(fault: anyhow::Error) -> ProviderFault {
    ProviderFault::Silent(fault)
}

fn read<T: for<'d> Deserialize<'d>>(status: StatusCode, bytes: &[u8]) -> anyhow::Result<T> {
    if status != StatusCode::OK {
        bail!("answered with {status}");
    }
    serde_json::from_slice(bytes).map_err(|flaw| anyhow::anyhow!("not as agreed: {:?}", flaw.classify()))
}
