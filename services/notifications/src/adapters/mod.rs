//! Providers: whoever carries messages to phones, mailboxes, devices and browsers. And membership, who knows where members are
//! reached.
//!
//! Which providers there are stands in a file of its own ([`Providers`]); the order there is the order in which they are tried
//! ([`Fleet`]). Answers are bounded in size and time, redirects are not followed, and nothing that is sent, or to whom, is logged.

pub mod audience;
mod call;
mod chance;
pub mod contacts;
pub mod doors;
mod fcm;
mod fleet;
mod generic;
mod hook;
mod kavenegar;
mod letter;
pub mod names;
pub mod opt_outs;
pub mod outbox;
mod phrase;
mod providers;
mod sealed_push;
pub mod senders;
mod smpp;
mod smtp;
pub mod told;
mod twilio;
mod web_push;

use std::sync::Arc;

use async_trait::async_trait;
use kernel::Timestamp;

use crate::domain::{
    channel::Channel,
    sending::{Address, Handed, Notice, Outgoing, Receipt},
    trigger::Lane,
};

pub use fleet::Fleet;
pub use providers::{Flaws, Named, Providers};

use told::{Told, ToldFlaw};

/// Carries messages on one channel.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Hands a message over; **the same id again is the same message**, to providers that know ids.
    async fn hand(&self, message: &Outgoing) -> Handed;

    /// Whether a repetition of a message with the same id does no harm, because the provider knows it.
    fn knows_repetitions(&self) -> bool;

    /// Asks what became of a message: by the provider's own name for it, or else by our id; nothing where it cannot be asked.
    async fn status(&self, message: uuid::Uuid, reference: Option<&str>) -> anyhow::Result<Option<Receipt>>;

    /// Reads what the provider says by itself of messages that it took; one that is expected to say nothing is not believed.
    ///
    /// # Errors
    /// [`ToldFlaw`].
    fn receipts(&self, _told: &Told) -> Result<Vec<Notice>, ToldFlaw> {
        Err(ToldFlaw::Forged)
    }

    /// Whether it can be asked about many messages at once, by its own names for them ([`Provider::ask_about`]).
    fn is_asked(&self) -> bool {
        false
    }

    /// Asks what became of messages; those of which nothing is known are not in the answer.
    ///
    /// # Errors
    /// Whatever keeps it from answering.
    async fn ask_about(&self, _references: &[String]) -> anyhow::Result<Vec<Notice>> {
        Ok(Vec::new())
    }

    /// What the provider said since, on a line that stays open; what is not asked for here comes in requests.
    async fn heard(&self) -> Vec<Notice> {
        Vec::new()
    }

    /// Whether it reaches an address of its channel.
    fn reaches(&self, _to: &Address) -> bool {
        true
    }

    /// Forgets what was handed over before, where that is kept on this side.
    ///
    /// # Errors
    /// Whatever keeps it from forgetting.
    async fn forget(&self, _before: Timestamp) -> anyhow::Result<()> {
        Ok(())
    }
}

/// A provider by its name.
#[derive(Clone)]
pub struct Carrier {
    /// Its name, in the chain's words.
    pub name: String,
    /// What it carries on.
    pub channel: Channel,
    /// What a part costs, in thousandths of the minor unit of the chain's currency.
    pub price: i64,
    /// Carries.
    pub provider: Arc<dyn Provider>,
}

/// Who carries a message now.
pub enum Pick {
    /// This one, which has room.
    Now(Carrier),
    /// Nobody has room; somebody may have from then on.
    Later(Timestamp),
    /// Nobody is left.
    Nobody,
}

/// All providers, in the order in which they are tried.
pub trait Carriers: Send + Sync {
    /// Whether there is one for a channel.
    fn serve(&self, channel: Channel) -> bool;

    /// The first one for a channel, but for those that were tried, that works and has room for a lane; it is taken.
    fn pick(&self, channel: Channel, lane: Lane, tried: &[String], now: Timestamp) -> Pick;

    /// The one of this name, however it does.
    fn named(&self, name: &str) -> Option<Carrier>;

    /// Notes how one did.
    fn note(&self, name: &str, handed: &Handed, now: Timestamp);

    /// All of them, in their order.
    fn all(&self) -> Vec<Carrier> {
        Vec::new()
    }

    /// Says what each cost on this day, in thousandths of the minor unit: who has a cap is picked for no more than it allows.
    fn spent(&self, _by_name: &[(String, i64)]) {}
}
