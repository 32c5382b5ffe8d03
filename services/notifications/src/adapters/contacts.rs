//! Where members are reached: membership is asked at the moment of sending, and nothing of its answer is kept.

use std::{collections::HashMap, time::Duration};

use axum::http::Method;
use kernel::{Language, MemberId, Pii};
use serde::{Deserialize, Serialize};
use web::{AskError, Peer};

use crate::domain::{
    channel::Channel,
    sending::{Address, Browser},
};

const PATH: &str = "/internal/v1/contacts";

/// Where a member is reached, and what they consented to.
#[derive(Debug, Clone)]
pub struct Contact {
    /// Whether they are a member still.
    pub active: bool,
    /// The language in which they read.
    pub language: Language,
    /// The name by which they are spoken to.
    pub name: Option<Pii<String>>,
    /// Addresses, the best of a channel first.
    pub addresses: Vec<Address>,
    /// Purposes to which they consented.
    pub consents: Vec<String>,
}

#[derive(Serialize)]
struct Question<'a> {
    members: &'a [MemberId],
}

#[derive(Deserialize)]
struct Answer {
    contacts: Vec<Told>,
}

#[derive(Deserialize)]
struct Told {
    member_id: MemberId,
    status: String,
    language: Language,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    push: Vec<PushTold>,
    #[serde(default)]
    consents: Vec<String>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum PushTold {
    Device { token: String },
    Browser { endpoint: String, p256dh: String, auth: String },
}

impl Contact {
    /// Whether they consented to something on a channel: `purpose` alone is for every channel, `purpose-by-sms` for one.
    #[must_use]
    pub fn agreed(&self, purpose: &str, channel: Channel) -> bool {
        let own = format!("{purpose}-by-{}", channel.word());
        self.consents.iter().any(|given| *given == purpose || *given == own)
    }
}

impl From<Told> for (MemberId, Contact) {
    fn from(told: Told) -> Self {
        let mut addresses = Vec::new();
        addresses.extend(told.phone.map(|phone| Address::Phone(Pii::new(phone))));
        addresses.extend(told.email.map(|email| Address::Email(Pii::new(email))));
        addresses.extend(told.push.into_iter().map(|push| match push {
            PushTold::Device { token } => Address::Device(Pii::new(token)),
            PushTold::Browser { endpoint, p256dh, auth } => {
                Address::Browser(Pii::new(Browser { endpoint, p256dh, auth }))
            }
        }));
        // Wherever else somebody is reached, the chain's own systems know who it is.
        addresses.push(Address::Hook(Pii::new(told.member_id.to_string())));
        let contact = Contact {
            active: told.status == "active",
            language: told.language,
            name: told.name.map(Pii::new),
            addresses,
            consents: told.consents,
        };
        (told.member_id, contact)
    }
}

/// Asks membership. Cheap to clone.
#[derive(Clone)]
pub struct Contacts {
    membership: Peer,
    within: Duration,
}

impl Contacts {
    /// Asks this membership, which has so long for an answer.
    #[must_use]
    pub const fn new(membership: Peer, within: Duration) -> Self {
        Self { membership, within }
    }

    /// Where these members are reached, 500 at most; who is erased or unknown is not in the answer.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn of(&self, members: &[MemberId]) -> Result<HashMap<MemberId, Contact>, AskError> {
        let question = Question { members };
        let answer: Answer = self.membership.ask(Method::POST, PATH, &question, self.within).await?;
        Ok(answer.contacts.into_iter().map(Into::into).collect())
    }
}
