//! Forgets what was kept long enough.

use kernel::Timestamp;

use super::{Desk, campaigns::measure};
use crate::{
    error::Error,
    store::{calls, heard, queue},
};

/// How many messages one transaction deletes.
const BATCH: u32 = 1_000;

/// One bounded step; answers whether there is perhaps more to do.
///
/// # Errors
/// A fault of the database.
pub async fn forget_kept(desk: &Desk) -> Result<bool, Error> {
    let before = desk.clock.now().plus_millis(-desk.settings.keep_messages);
    let texts_before = desk.clock.now().plus_millis(-desk.settings.keep_texts);
    let tx = desk.database.begin().await?;
    let gone = queue::forget(&tx, before, BATCH).await?;
    let more = heard::forget(&tx, texts_before, i64::from(BATCH)).await?;
    tx.commit().await?;
    let calls_gone = forget_calls(desk, before).await?;
    let settles = measure::settle(desk).await?;
    let forgets = measure::forget(desk).await?;
    Ok(more || gone >= u64::from(BATCH) || settles || forgets || calls_gone)
}

async fn forget_calls(desk: &Desk, before: Timestamp) -> Result<bool, Error> {
    let tx = desk.database.begin().await?;
    let gone = calls::forget(&tx, before, BATCH).await?;
    tx.commit().await?;
    Ok(gone >= u64::from(BATCH))
}
