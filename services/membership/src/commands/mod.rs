//! What can be done, one verb a file: load, decide, record, stage, commit.

pub mod enrol_till;
pub mod issue_till_key;
pub mod join;
pub mod leave_household;
pub mod link_card;
pub mod note_purchases;
pub mod open_branch;
pub mod open_region;
pub mod put_into_household;
pub mod revoke_till_key;

use std::sync::Arc;

use bus::Waker;
use kernel::{Clock, Ids};
use store::Tx;

use crate::{
    error::Error,
    settings::Settings,
    store::{Vault, telling::Telling},
};

/// What commands are done with.
#[derive(Clone)]
pub struct Desk {
    /// The rows.
    pub vault: Vault,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids and secrets.
    pub ids: Arc<dyn Ids>,
    /// Is told when facts lie in the outbox.
    pub relay: Waker,
    /// The service's settings.
    pub settings: Arc<Settings>,
}

/// How often a command starts again when another writer was faster, before it gives up.
const ATTEMPTS: usize = 5;

/// What a put command found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put<T> {
    /// It was not there before.
    New(T),
    /// It was there; it is now as asked.
    Known(T),
}

impl Desk {
    /// Stages what is told, commits, and wakes the relay.
    async fn conclude(&self, tx: Tx, telling: Telling<'_>) -> Result<(), Error> {
        telling.stage(&tx).await?;
        tx.commit().await?;
        self.relay.wake();
        Ok(())
    }
}
