//! Forgets what was kept long enough, batch by batch, and counts it.

use super::{Desk, exchange_code::after};
use crate::{
    domain::retention::Kept,
    error::Error,
    store::retention::{forget, note},
};

/// Rows that one transaction deletes at most: nobody waits long for it.
pub const BATCH: u64 = 500;
/// Transactions of one line in one run; what is left waits for the next one.
const BATCHES: u32 = 200;

/// Forgets what was kept long enough of one line; answers how many rows.
///
/// # Errors
/// A fault of the database.
pub async fn forget_kept(desk: &Desk, kept: Kept) -> Result<u64, Error> {
    let now = desk.clock.now();
    let before = after(now, -desk.settings.retention.of(kept));
    let mut forgotten = 0;
    for _ in 0..BATCHES {
        let tx = desk.vault.database.begin().await?;
        let rows = forget(&desk.vault, &tx, kept, before, BATCH).await?;
        note(&tx, kept, now, rows).await?;
        tx.commit().await?;
        forgotten += rows;
        if rows < BATCH {
            break;
        }
    }
    Ok(forgotten)
}
