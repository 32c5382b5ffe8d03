//! One handing of a message to a provider, and what is known of it.

use kernel::Timestamp;
use uuid::Uuid;

use super::{
    channel::Channel,
    message::MessageId,
    sending::{Handed, Receipt, Refused},
};

/// Where an attempt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// It is written down that the provider will be called; what came of it is not.
    Handing,
    /// The provider took it.
    Taken,
    /// It arrived.
    Delivered,
    /// Somebody read it.
    Read,
    /// The provider did not take it, or it did not arrive.
    Failed,
    /// It cannot be known whether the provider took it.
    Uncertain,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 6] =
        [Self::Handing, Self::Taken, Self::Delivered, Self::Read, Self::Failed, Self::Uncertain];

    /// Its number in rows.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Self::Handing => 0,
            Self::Taken => 1,
            Self::Delivered => 2,
            Self::Read => 3,
            Self::Failed => 4,
            Self::Uncertain => 5,
        }
    }

    /// The standing of this number.
    #[must_use]
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.number() == number)
    }

    /// Its word in answers and meters.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Handing => "handing",
            Self::Taken => "taken",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
            Self::Uncertain => "uncertain",
        }
    }

    /// Whether the provider has the message for sure.
    #[must_use]
    pub const fn is_with_provider(self) -> bool {
        matches!(self, Self::Taken | Self::Delivered | Self::Read)
    }

    /// What it is after a provider's receipt: a receipt that comes late or twice takes nothing back.
    #[must_use]
    pub fn after(self, receipt: Receipt) -> Self {
        match (self, receipt) {
            (Self::Handing | Self::Uncertain | Self::Taken, Receipt::Underway) => Self::Taken,
            (Self::Handing | Self::Uncertain | Self::Taken, Receipt::Delivered) => Self::Delivered,
            (Self::Handing | Self::Uncertain | Self::Taken | Self::Delivered, Receipt::Read) => Self::Read,
            (Self::Handing | Self::Uncertain | Self::Taken, Receipt::Failed)
            | (Self::Handing, Receipt::Unknown) => Self::Failed,
            (standing, _) => standing,
        }
    }
}

/// An attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its id: the key by which the provider knows a repetition.
    pub id: Uuid,
    /// The message.
    pub message: MessageId,
    /// On which channel.
    pub channel: Channel,
    /// By which provider.
    pub provider: String,
    /// Where it stands.
    pub standing: Standing,
    /// The provider's own name for it.
    pub reference: Option<String>,
    /// Parts of a text message; 1 for everything else.
    pub parts: u16,
    /// What it costs, in thousandths of the minor unit of the chain's currency.
    pub cost: i64,
    /// Why it failed, in a word or a few.
    pub why: Option<String>,
    /// When the provider was called.
    pub begun_at: Timestamp,
    /// When it stood as it stands.
    pub noted_at: Timestamp,
}

impl Attempt {
    /// The same after the provider's answer.
    #[must_use]
    pub fn answered(self, handed: Handed, now: Timestamp) -> Self {
        let noted_at = now;
        match handed {
            Handed::Taken { reference, cost } => {
                let cost = cost.unwrap_or(self.cost);
                Self { standing: Standing::Taken, reference, cost, noted_at, ..self }
            }
            Handed::Refused(refused) => {
                let why = Some(word(refused).to_owned());
                Self { standing: Standing::Failed, cost: 0, why, noted_at, ..self }
            }
            Handed::Failed { why, wait_s: _ } => {
                Self { standing: Standing::Failed, cost: 0, why: Some(why), noted_at, ..self }
            }
            // It may have been sent, and then it is paid for.
            Handed::Uncertain { why } => {
                Self { standing: Standing::Uncertain, why: Some(why), noted_at, ..self }
            }
        }
    }
}

/// The word of a refusal, in rows and answers.
#[must_use]
pub const fn word(refused: Refused) -> &'static str {
    match refused {
        Refused::Address => "address_refused",
        Refused::Content => "content_refused",
        Refused::Account => "account_refused",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receipts_go_forward_only() {
        use Standing::{Delivered, Failed, Handing, Read, Taken, Uncertain};
        let cases = [
            (Taken, Receipt::Delivered, Delivered),
            (Delivered, Receipt::Underway, Delivered),
            (Delivered, Receipt::Failed, Delivered),
            (Delivered, Receipt::Read, Read),
            (Read, Receipt::Delivered, Read),
            (Taken, Receipt::Failed, Failed),
            (Failed, Receipt::Underway, Failed),
            (Uncertain, Receipt::Delivered, Delivered),
            (Uncertain, Receipt::Unknown, Uncertain),
            (Handing, Receipt::Unknown, Failed),
            (Handing, Receipt::Underway, Taken),
        ];
        for (before, receipt, after) in cases {
            assert_eq!(before.after(receipt), after, "{before:?} {receipt:?}");
        }
        assert!(Standing::ALL.iter().all(|one| Standing::from_number(one.number()) == Some(*one)));
    }
}
