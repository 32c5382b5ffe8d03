//! What is handed to a provider, and what comes of it.

use kernel::{Language, Pii, Timestamp};
use uuid::Uuid;

use super::{channel::Channel, trigger::Lane};

/// Where somebody is reached on a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A phone, in E.164.
    Phone(Pii<String>),
    /// An e-mail address.
    Email(Pii<String>),
    /// A device that Firebase Cloud Messaging knows by this token.
    Device(Pii<String>),
    /// A browser, by the subscription that it gave out: RFC 8030 with the keys of RFC 8291.
    Browser(Pii<Browser>),
    /// The chain's own systems, which know the member by this id.
    Hook(Pii<String>),
}

/// The subscription of a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Browser {
    /// The address to which messages are pushed.
    pub endpoint: String,
    /// Its public key, in base64url.
    pub p256dh: String,
    /// Its secret, in base64url.
    pub auth: String,
}

impl Address {
    /// The channel that leads there.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Phone(_) => Channel::Sms,
            Self::Email(_) => Channel::Email,
            Self::Device(_) | Self::Browser(_) => Channel::Push,
            Self::Hook(_) => Channel::Hook,
        }
    }

    /// The address as a text: a phone, a mailbox, a token, a member's id, or where a browser's messages are pushed.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Phone(text) | Self::Email(text) | Self::Device(text) | Self::Hook(text) => text.expose(),
            Self::Browser(browser) => &browser.expose().endpoint,
        }
    }
}

/// A message to one person by one provider.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Its id: the key by which a provider knows a repetition.
    pub id: Uuid,
    /// How urgent it is.
    pub lane: Lane,
    /// Where to.
    pub to: Address,
    /// The language of its words.
    pub language: Language,
    /// The subject of a letter, the title of a notification; a text message has none.
    pub title: Pii<String>,
    /// What it says.
    pub text: Pii<String>,
    /// Where one click says that no more of this kind is wanted; letters that were not asked for have it.
    pub unsubscribe: Option<String>,
    /// When it is handed over.
    pub at: Timestamp,
}

/// What came of handing a message to a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handed {
    /// The provider took it.
    Taken {
        /// Its own name for it, by which receipts name it.
        reference: Option<String>,
        /// What it said that this costs, in thousandths of the minor unit of the chain's currency.
        cost: Option<i64>,
    },
    /// The provider takes it by no repetition; another one might.
    Refused(Refused),
    /// The provider did not take it now, and nothing of it was sent.
    Failed {
        /// In a few words, without what was sent or to whom.
        why: String,
        /// How long it wants to be left alone, in seconds, where it says so.
        wait_s: Option<u32>,
    },
    /// It is not known whether the provider took it: the answer did not come, or made no sense.
    Uncertain {
        /// In a few words, without what was sent or to whom.
        why: String,
    },
}

/// Why a provider takes a message by no repetition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refused {
    /// There is nobody at the address, or who is there wants nothing: no provider would do better.
    Address,
    /// What it says, or the provider's own rules.
    Content,
    /// Our account with the provider: keys, credit, rights.
    Account,
}

/// What a provider says later about a message that it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Receipt {
    /// It is on its way.
    Underway,
    /// It arrived.
    Delivered,
    /// It did not and will not arrive.
    Failed,
    /// Somebody read it.
    Read,
    /// The provider knows no such message.
    Unknown,
}

/// A receipt, and the message that it is about: by our id of the attempt, by the provider's own name for it, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The attempt.
    pub attempt: Option<Uuid>,
    /// The provider's own name for it.
    pub reference: Option<String>,
    /// What became of it.
    pub receipt: Receipt,
}
