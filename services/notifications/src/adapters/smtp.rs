//! Letters by SMTP.
//!
//! Until the letter itself is under way nothing is sent, and whatever breaks is a failure; **once it is under way, silence says
//! nothing.** So the commands are given one by one ([`AsyncSmtpConnection`]), over connections that are kept for a while.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use async_trait::async_trait;
use lettre::{
    Address,
    message::Mailbox,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Mail, Rcpt, Rset},
        extension::{ClientId, Extension, MailParameter},
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::{Provider, call::within, letter::Writer};
use crate::domain::sending::{Handed, Outgoing, Receipt, Refused};

/// Connections that are kept.
const KEPT: usize = 8;
/// How long one is kept unused.
const KEPT_FOR: Duration = Duration::from_secs(30);

/// What the file says of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    host: String,
    port: Option<u16>,
    #[serde(default)]
    tls: Tls,
    /// A file of certificates that vouch for the server, beside those that the system trusts.
    ca: Option<PathBuf>,
    username: Option<String>,
    password: Option<String>,
    from: String,
    reply_to: Option<String>,
    hello: Option<String>,
    #[serde(default = "patience_ms")]
    timeout_ms: u64,
}

/// How the connection is kept from others.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Tls {
    /// It begins in the open and goes on encrypted.
    #[default]
    Starttls,
    /// It is encrypted from the first byte.
    Implicit,
    /// It is not: for a server on the same machine or network.
    None,
}

const fn patience_ms() -> u64 {
    20_000
}

/// A server that takes letters.
pub struct Smtp {
    server: (String, u16),
    tls: Option<(Tls, TlsParameters)>,
    credentials: Option<Credentials>,
    writer: Writer,
    hello: ClientId,
    patience: Duration,
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl Smtp {
    /// The server of these terms; it is not called yet.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(terms: Terms) -> anyhow::Result<Self> {
        let patience = within(terms.timeout_ms)?;
        anyhow::ensure!(!terms.host.is_empty(), "host is missing");
        let mailbox = |text: &str, what: &'static str| -> anyhow::Result<Mailbox> {
            text.parse().with_context(|| format!("{what} is a mailbox, such as Club <club@shop.example>"))
        };
        let from = mailbox(&terms.from, "from")?;
        let reply_to = terms.reply_to.as_deref().map(|text| mailbox(text, "reply_to")).transpose()?;
        let credentials = match (terms.username, terms.password) {
            (Some(username), Some(password)) => Some(Credentials::new(username, password)),
            (None, None) => None,
            _ => anyhow::bail!("there are username and password, or neither"),
        };
        anyhow::ensure!(
            terms.tls != Tls::None || credentials.is_none() || is_here(&terms.host),
            "a password goes to another machine only by tls = \"starttls\" or \"implicit\""
        );
        let tls = match terms.tls {
            Tls::None => None,
            tls => Some((tls, trusting(&terms.host, terms.ca.as_ref())?)),
        };
        let usual = match terms.tls {
            Tls::Starttls => 587,
            Tls::Implicit => 465,
            Tls::None => 25,
        };
        let hello = terms.hello.unwrap_or_else(|| from.email.domain().to_owned());
        Ok(Self {
            server: (terms.host, terms.port.unwrap_or(usual)),
            tls,
            credentials,
            writer: Writer { from, reply_to },
            hello: ClientId::Domain(hello),
            patience,
            idle: Mutex::default(),
        })
    }

    /// A connection that is kept and still stands, or a new one.
    async fn connection(&self) -> Result<AsyncSmtpConnection, Handed> {
        while let Some((mut kept, since)) = self.pop() {
            if since.elapsed() < KEPT_FOR && kept.test_connected().await {
                return Ok(kept);
            }
        }
        let implicit = self.tls.as_ref().filter(|(kind, _)| *kind == Tls::Implicit);
        let parameters = implicit.map(|(_, parameters)| parameters.clone());
        let server = (&*self.server.0, self.server.1);
        let connected =
            AsyncSmtpConnection::connect_tokio1(server, Some(self.patience), &self.hello, parameters, None);
        let mut connection = connected.await.map_err(|error| broken(&error, "not reached"))?;
        if let Some((Tls::Starttls, parameters)) = &self.tls {
            // A server that does not offer it is not spoken to in the open.
            let upgraded = connection.starttls(parameters.clone(), &self.hello).await;
            upgraded.map_err(|error| broken(&error, "no encryption"))?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await.map_err(|error| {
                let ours = error.is_permanent() || error.is_client();
                if ours { Handed::Refused(Refused::Account) } else { broken(&error, "it broke off") }
            })?;
        }
        Ok(connection)
    }

    fn pop(&self) -> Option<(AsyncSmtpConnection, Instant)> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT && !connection.has_broken() {
            idle.push((connection, Instant::now()));
        }
    }

    /// Everything before the letter itself: from whom, to whom, and that it comes now.
    async fn announce(&self, to: &Address) -> Result<AsyncSmtpConnection, Handed> {
        let mut connection = self.connection().await?;
        let mut options = Vec::new();
        if !AsRef::<str>::as_ref(to).is_ascii() {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                self.keep(connection);
                return Err(Handed::Refused(Refused::Address));
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        let from = Mail::new(Some(self.writer.from.email.clone()), options);
        let told = connection.command(from).await;
        told.map_err(|error| refused(&error, Refused::Account))?;
        if let Err(error) = connection.command(Rcpt::new(to.clone(), Vec::new())).await {
            let handed = refused(&error, Refused::Address);
            // The server stays as good as it was.
            if error.status().is_some() && connection.command(Rset).await.is_ok() {
                self.keep(connection);
            }
            return Err(handed);
        }
        connection.command(Data).await.map_err(|error| refused(&error, Refused::Content))?;
        Ok(connection)
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

fn trusting(host: &str, ca: Option<&PathBuf>) -> anyhow::Result<TlsParameters> {
    let mut parameters = TlsParameters::builder(host.to_owned());
    if let Some(file) = ca {
        let pem = std::fs::read(file).with_context(|| format!("ca: {}", file.display()))?;
        parameters = parameters.add_root_certificate(Certificate::from_pem(&pem).context("ca")?);
    }
    parameters.build_rustls().context("the system's trusted certificates")
}

fn failed(why: &str) -> Handed {
    Handed::Failed { why: why.to_owned(), wait_s: None }
}

/// What a fault means before anything was said of a letter. What a server says may repeat an address and is not kept.
fn broken(error: &Error, why: &str) -> Handed {
    error.status().map_or_else(|| failed(why), |code| failed(&code.to_string()))
}

/// What a refusal means: 4xx passes, and of 5xx whatever is about policy or rights (5.7.x of RFC 3463) is the account's.
fn refused(error: &Error, means: Refused) -> Handed {
    match error.status() {
        Some(_) if !error.is_permanent() => broken(error, ""),
        Some(_) if error.to_string().contains(": 5.7.") && means == Refused::Address => {
            Handed::Refused(Refused::Account)
        }
        Some(_) => Handed::Refused(means),
        None => failed("it broke off"),
    }
}

#[async_trait]
impl Provider for Smtp {
    async fn hand(&self, message: &Outgoing) -> Handed {
        let Some(letter) = self.writer.letter(message) else { return Handed::Refused(Refused::Address) };
        let Some(to) = letter.envelope().to().first() else { return Handed::Refused(Refused::Address) };
        let announced = tokio::time::timeout(self.patience, self.announce(to)).await;
        let mut connection = match announced {
            Ok(Ok(connection)) => connection,
            Ok(Err(handed)) => return handed,
            Err(_) => return failed("no answer in time"),
        };
        let uncertain = |why: &str| Handed::Uncertain { why: why.to_owned() };
        match tokio::time::timeout(self.patience, connection.message(&letter.formatted())).await {
            Ok(Ok(_)) => {
                self.keep(connection);
                Handed::Taken { reference: None, cost: None }
            }
            Ok(Err(error)) if error.status().is_some() => refused(&error, Refused::Content),
            Ok(Err(_)) => uncertain("it broke off"),
            Err(_) => uncertain("no answer in time"),
        }
    }

    fn knows_repetitions(&self) -> bool {
        false
    }

    async fn status(&self, _: Uuid, _: Option<&str>) -> anyhow::Result<Option<Receipt>> {
        Ok(None)
    }
}
