//! The file of providers: who carries messages, on which terms, in which order.
//!
//! One table `[[provider]]` each: what all have, and beside it what their kind has. **What is wrong is said all at once**, each flaw
//! with the provider that it is about; keys are never shown.

use std::{collections::BTreeSet, fmt, path::PathBuf, sync::Arc};

use serde::{Deserialize, de::DeserializeOwned};
use toml::{Table, Value};

use super::{
    Provider,
    fcm::{self, Fcm},
    generic::{self, Generic},
    hook::{self, Hook},
    kavenegar::{self, Kavenegar},
    outbox::{self, Outbox},
    smpp::{self, Smpp},
    smtp::{self, Smtp},
    twilio::{self, Twilio},
    web_push::{self, WebPush},
};
use crate::domain::channel::Channel;

/// The most providers.
const MOST: usize = 50;
/// What goes to an outbox: what disturbs.
const OUTBOX: [Channel; 3] = [Channel::Sms, Channel::Push, Channel::Email];
/// The fastest provider, in messages a second.
const FASTEST: u32 = 10_000;

/// A provider with its name and terms.
pub struct Named {
    /// Its name in rows, answers and meters.
    pub name: String,
    /// The channels on which it carries.
    pub channels: Vec<Channel>,
    /// How many messages it takes in a second.
    pub per_second: Option<u32>,
    /// What it may cost on a day, in minor units of the chain's currency.
    pub daily_cap: Option<i64>,
    /// What a part of a message costs, in thousandths of the minor unit.
    pub price_per_part: i64,
    /// Whoever carries the messages.
    pub provider: Arc<dyn Provider>,
}

/// All providers, in the order of the file.
pub struct Providers(Vec<Named>);

/// Everything that is wrong with a file of providers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaws(pub Vec<String>);

impl fmt::Display for Flaws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for Flaws {}

impl IntoIterator for Providers {
    type Item = Named;
    type IntoIter = std::vec::IntoIter<Named>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// What every provider has.
#[derive(Deserialize)]
struct Common {
    name: String,
    kind: Kind,
    per_second: Option<u32>,
    daily_cap: Option<i64>,
    #[serde(default)]
    price_per_part: i64,
}

const COMMON: [&str; 5] = ["name", "kind", "per_second", "daily_cap", "price_per_part"];

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Outbox,
    Http,
    Kavenegar,
    Twilio,
    Smpp,
    Smtp,
    Hook,
    Fcm,
    WebPush,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutboxTerms {
    folder: Option<PathBuf>,
    #[serde(default)]
    console: bool,
    channels: Option<Vec<String>>,
}

impl Providers {
    /// What there is where no file is named: messages go into a folder, and onto the console.
    #[must_use]
    pub fn outbox(folder: Option<PathBuf>, console: bool) -> Self {
        Self(vec![Named {
            name: outbox::NAME.to_owned(),
            channels: OUTBOX.to_vec(),
            per_second: None,
            daily_cap: None,
            price_per_part: 0,
            provider: Arc::new(Outbox::new(folder, console)),
        }])
    }

    /// Reads a file of providers.
    ///
    /// # Errors
    /// [`Flaws`], all of them.
    pub fn read(text: &str) -> Result<Self, Flaws> {
        let file: Table = text.parse().map_err(|flaw: toml::de::Error| {
            // The place and the reason; the line itself may hold a key.
            let line = flaw.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
            Flaws(vec![format!("line {line}: {}", flaw.message())])
        })?;
        let mut flaws: Vec<String> = Vec::new();
        flaws.extend(
            file.keys()
                .filter(|name| !["provider", "inbound"].contains(&name.as_str()))
                .map(|name| format!("{name}: there is no such")),
        );
        let tables = file.get("provider").and_then(Value::as_array).cloned().unwrap_or_default();
        if tables.is_empty() || tables.len() > MOST {
            flaws.push(format!("there are 1 to {MOST} tables [[provider]]"));
        }
        let (mut names, mut providers) = (BTreeSet::new(), Vec::new());
        for (number, table) in (1..).zip(tables) {
            match one(table) {
                Ok(named) if names.insert(named.name.clone()) => providers.push(named),
                Ok(named) => flaws.push(format!("provider {number}: the name {} is taken", named.name)),
                Err(found) => flaws.extend(found.into_iter().map(|flaw| format!("provider {number}{flaw}"))),
            }
        }
        if flaws.is_empty() { Ok(Self(providers)) } else { Err(Flaws(flaws)) }
    }
}

/// One table; its flaws begin with its name, where it has one.
fn one(table: Value) -> Result<Named, Vec<String>> {
    let Value::Table(mut own) = table else { return Err(vec![": it is a table [[provider]]".to_owned()]) };
    let name = own.get("name").and_then(Value::as_str).map(|name| format!(" ({name})")).unwrap_or_default();
    let say = |flaw: String| format!("{name}: {flaw}");
    let mut common = Table::new();
    for name in COMMON {
        common.extend(own.remove(name).map(|value| (name.to_owned(), value)));
    }
    let common: Common = read(common).map_err(|flaw| vec![say(flaw)])?;
    let mut flaws = common.flaws();
    match kind(common.kind, own) {
        Ok((channels, provider)) if flaws.is_empty() => {
            let Common { name, per_second, daily_cap, price_per_part, .. } = common;
            return Ok(Named { name, channels, per_second, daily_cap, price_per_part, provider });
        }
        Ok(_) => {}
        Err(flaw) => flaws.push(flaw),
    }
    Err(flaws.into_iter().map(say).collect())
}

fn read<T: DeserializeOwned>(table: Table) -> Result<T, String> {
    table.try_into().map_err(|flaw: toml::de::Error| flaw.message().to_owned())
}

impl Common {
    fn flaws(&self) -> Vec<String> {
        let letter = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-')
        };
        let name = (1..=32).contains(&self.name.len()) && self.name.bytes().all(letter);
        let checks = [
            (name, "name is 1 to 32 characters of a-z, 0-9, '.', '_' and '-'"),
            (self.per_second.is_none_or(|rate| (1..=FASTEST).contains(&rate)), "per_second is 1 to 10000"),
            (self.daily_cap.is_none_or(|cap| cap >= 0), "daily_cap is 0 or more"),
            (
                (0..=1_000_000_000_000).contains(&self.price_per_part),
                "price_per_part is 0 to 1000000000000, in thousandths of a minor unit",
            ),
        ];
        checks.into_iter().filter(|(good, _)| !good).map(|(_, flaw)| flaw.to_owned()).collect()
    }
}

type Built = (Vec<Channel>, Arc<dyn Provider>);

fn kind(kind: Kind, own: Table) -> Result<Built, String> {
    match kind {
        Kind::Outbox => {
            let terms: OutboxTerms = read(own)?;
            let channels = terms.channels.map_or_else(|| Ok(OUTBOX.to_vec()), |words| channels(&words))?;
            if terms.folder.is_none() && !terms.console {
                return Err("an outbox has a folder, or console = true".to_owned());
            }
            Ok((channels, Arc::new(Outbox::new(terms.folder, terms.console))))
        }
        Kind::Http => {
            let mut own = own;
            let channel = own.remove("channel").and_then(|word| Some(word.as_str()?.to_owned()));
            let channels = channels(&[channel.unwrap_or_else(|| "sms".to_owned())])?;
            let terms: generic::Terms = read(own)?;
            let provider = Generic::new(terms).map_err(|flaw| format!("{flaw:#}"))?;
            Ok((channels, Arc::new(provider)))
        }
        Kind::Kavenegar => made(Channel::Sms, read::<kavenegar::Terms>(own)?, Kavenegar::new),
        Kind::Twilio => made(Channel::Sms, read::<twilio::Terms>(own)?, Twilio::new),
        Kind::Smpp => made(Channel::Sms, read::<smpp::Terms>(own)?, Smpp::new),
        Kind::Smtp => made(Channel::Email, read::<smtp::Terms>(own)?, Smtp::new),
        Kind::Hook => made(Channel::Hook, read::<hook::Terms>(own)?, Hook::new),
        Kind::Fcm => made(Channel::Push, read::<fcm::Terms>(own)?, Fcm::new),
        Kind::WebPush => made(Channel::Push, read::<web_push::Terms>(own)?, WebPush::new),
    }
}

/// A provider of one channel, by its terms.
fn made<T, P: Provider + 'static>(
    channel: Channel,
    terms: T,
    make: impl FnOnce(T) -> anyhow::Result<P>,
) -> Result<Built, String> {
    let provider = make(terms).map_err(|flaw| format!("{flaw:#}"))?;
    Ok((vec![channel], Arc::new(provider)))
}

fn channels(words: &[String]) -> Result<Vec<Channel>, String> {
    let carried = |word: &String| {
        let channel = Channel::from_word(word).filter(|channel| *channel != Channel::Inbox);
        channel.ok_or_else(|| format!("there is no channel {word}: use sms, email, push or hook"))
    };
    words.iter().map(carried).collect()
}
