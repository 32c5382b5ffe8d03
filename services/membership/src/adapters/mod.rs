//! How messages reach members. Until a provider is set up they are written into a folder, and shown on the console of a
//! person who runs the platform at theirs. What they say is in no log. And who vouches for the staff: the chain's identity provider.

mod console;
mod folder;
pub mod provider;

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Language, Pii, SignInId, Timestamp};
use web::{Arg, Catalog, Texts};

use crate::domain::{code::OneTimeCode, phone::Phone};

pub use console::Console;
pub use folder::OutboxFolder;

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

    /// What somebody reads who asked for a code. Its digits are Latin, which phones can fill in by themselves.
    #[must_use]
    pub fn code(&self, language: Language, code: &OneTimeCode, minutes: i64) -> Pii<String> {
        let args = [
            ("chain", Arg::from(self.chain.as_str())),
            ("code", Arg::from(code.digits())),
            ("minutes", Arg::from(minutes)),
        ];
        let text = self.texts.find(language, "one-time-code", &args);
        Pii::new(text.expect("every message is there in every language, as a test reads"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_in_the_message_of_every_language() {
        let wording = Wording::new("Vafa".to_owned());
        let code = OneTimeCode::parse("012345").expect("a code");
        let texts = Language::ALL.map(|language| wording.code(language, &code, 3).into_exposed());
        for text in &texts {
            assert!(text.contains("012345") && text.contains("Vafa"), "{text}");
            // One part of a text message in scripts other than Latin.
            assert!(text.chars().count() <= 134, "{text}");
        }
        assert!(texts[0] != texts[1] && texts[1] != texts[2]);
    }
}
