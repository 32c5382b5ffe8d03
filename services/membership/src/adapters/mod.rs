//! How messages reach members: they are handed to the service `notifications`, or written into a folder until a provider is set up,
//! and shown on the console of a person who runs the platform at theirs. What they say is in no log. And who vouches for the staff, the chain's identity
//! provider, and where members pay in the app, its payment provider.

mod console;
mod folder;
mod handed_on;
pub mod payments;
pub mod provider;

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Language, MemberId, Pii, SignInId, Timestamp};
use web::{Arg, Catalog, Texts};

use crate::domain::{message::MessageKind, phone::Phone};

pub use console::Console;
pub use folder::OutboxFolder;
pub use handed_on::HandedOn;

/// The texts of messages.
pub const MESSAGES: &Catalog = &[
    (Language::En, include_str!("../../locales/messages/en.ftl")),
    (Language::Fa, include_str!("../../locales/messages/fa.ftl")),
    (Language::Ar, include_str!("../../locales/messages/ar.ftl")),
];

/// A message to one person.
#[derive(Debug, Clone)]
pub struct Message {
    /// The sign-in that it is about; a message that comes twice has it twice.
    pub id: SignInId,
    /// Who is told.
    pub member: MemberId,
    /// The phone.
    pub to: Phone,
    /// The language of the text.
    pub language: Language,
    /// What it says.
    pub text: Pii<String>,
    /// When it was handed over.
    pub at: Timestamp,
}

/// Brings messages to phones, or to where a phone would be.
#[async_trait]
pub trait Carrier: Send + Sync {
    /// Hands a message over; a repetition does no harm.
    async fn deliver(&self, message: &Message) -> anyhow::Result<()>;

    /// Forgets what was handed over before.
    async fn forget(&self, before: Timestamp) -> anyhow::Result<()>;
}

/// All carriers; each gets every message.
#[derive(Clone)]
pub struct Carriers(Vec<Arc<dyn Carrier>>);

impl Carriers {
    /// These carriers.
    #[must_use]
    pub fn new(carriers: Vec<Arc<dyn Carrier>>) -> Self {
        Self(carriers)
    }

    /// Hands a message to all of them.
    ///
    /// # Errors
    /// What the first one says that fails; the message may come again.
    pub async fn deliver(&self, message: &Message) -> anyhow::Result<()> {
        for carrier in &self.0 {
            carrier.deliver(message).await?;
        }
        Ok(())
    }

    /// Lets all of them forget what was handed over before.
    ///
    /// # Errors
    /// What the first one says that fails.
    pub async fn forget(&self, before: Timestamp) -> anyhow::Result<()> {
        for carrier in &self.0 {
            carrier.forget(before).await?;
        }
        Ok(())
    }
}

/// The words of messages.
#[derive(Debug, Clone)]
pub struct Wording {
    texts: Texts,
    chain: String,
}

impl Wording {
    /// Words in the name of this chain.
    #[must_use]
    pub fn new(chain: String) -> Self {
        Self { texts: Texts::new(&[MESSAGES]), chain }
    }

    /// What somebody reads who is sent this code, which is good for so many minutes, or days. Its digits are Latin, which phones can
    /// fill in by themselves.
    #[must_use]
    pub fn say(&self, kind: MessageKind, language: Language, code: &str, lasts: i64) -> Pii<String> {
        let key = match kind {
            MessageKind::Code => "one-time-code",
            MessageKind::NewPhone => "new-phone-code",
            MessageKind::MergeCode => "merge-code",
            MessageKind::MergeAsked => "merge-asked",
            MessageKind::PhoneChanged => "phone-changed",
            MessageKind::PhoneChangedForGood => "phone-changed-for-good",
        };
        let args = [
            ("chain", Arg::from(self.chain.as_str())),
            ("code", Arg::from(code)),
            ("minutes", Arg::from(lasts)),
            ("days", Arg::from(lasts)),
        ];
        let text = self.texts.find(language, key, &args);
        Pii::new(text.expect("every message is there in every language, as a test reads"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_there_in_every_language_with_its_code() {
        let wording = Wording::new("Vafa".to_owned());
        for kind in MessageKind::ALL {
            let code = if kind == MessageKind::PhoneChanged { "0123-4567-89AB" } else { "012345" };
            let texts = Language::ALL.map(|language| wording.say(kind, language, code, 3).into_exposed());
            for text in &texts {
                let shows = !matches!(kind, MessageKind::PhoneChangedForGood | MessageKind::MergeAsked);
                assert!(text.contains(code) == shows && text.contains("Vafa"), "{text}");
                // One part of a text message in scripts other than Latin.
                assert!(text.chars().count() <= 134, "{text}");
            }
            assert!(texts[0] != texts[1] && texts[1] != texts[2]);
        }
    }
}
