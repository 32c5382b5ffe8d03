//! Gives up what nobody took in time, and forgets what was kept long enough.

use super::Desk;
use crate::{
    error::Error,
    store::queue::{self, Keeping},
};

/// How many messages one transaction touches.
const BATCH: u32 = 1_000;

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Messages that became dead letters.
    pub given_up: u64,
    /// Messages that were deleted.
    pub deleted: u64,
}

impl Forgotten {
    /// Whether there is perhaps more to do.
    #[must_use]
    pub fn is_much(&self) -> bool {
        self.given_up.max(self.deleted) >= u64::from(BATCH)
    }
}

/// One bounded step.
///
/// # Errors
/// A fault of the database.
pub async fn forget_kept(desk: &Desk) -> Result<Forgotten, Error> {
    let now = desk.clock.now();
    let keeping = Keeping {
        delivered_since: now.plus_millis(-desk.settings.keep_delivered),
        dead_since: now.plus_millis(-desk.settings.keep_dead),
    };
    let tx = desk.database.begin().await?;
    let given_up = queue::give_up(&tx, now, BATCH).await?;
    tx.commit().await?;
    let tx = desk.database.begin().await?;
    let deleted = queue::forget(&tx, keeping, BATCH).await?;
    tx.commit().await?;
    Ok(Forgotten { given_up, deleted })
}
