//! Tells all accounts what a version of the programme says of inactivity, once it is live.
//!
//! Each entry sets the day of its own account. Who does nothing any more has none when such a rule begins, and still has one when it ends:
//! they are gone through once for each version, in bounded batches. So a rule counts for nobody from before the day it began.

use super::{persistence::persistently, record_purchases::Recorder};
use crate::store::clocks;

/// Accounts in one transaction.
const BATCH: u32 = 2_000;

/// Goes on with the accounts for the version that is live; answers whether there are more.
///
/// # Errors
/// When the database refuses.
pub async fn set_clocks(recorder: &Recorder) -> anyhow::Result<bool> {
    persistently("setting clocks", || batch(recorder)).await
}

async fn batch(recorder: &Recorder) -> anyhow::Result<bool> {
    let tx = recorder.database.begin().await?;
    let now = recorder.clock.now();
    let live = recorder.programmes.live(tx.connection(), now).await?;
    let Some(programme) = live else { return tx.rollback().await.map(|()| false).map_err(Into::into) };
    let Some(after) = clocks::gone_through(&tx, programme.version).await? else {
        tx.rollback().await?;
        return Ok(false);
    };
    let today = recorder.chain.local(now, None).day;
    let idle_on = programme.document.inactivity.map(|terms| terms.last_day(today));
    let nothing_to_do = idle_on.is_none() && !clocks::any(&tx).await?;
    let last = if nothing_to_do { None } else { clocks::set_next(&tx, after, BATCH, idle_on).await? };
    let done = last.is_none();
    clocks::note(&tx, programme.version, last.unwrap_or(after), done).await?;
    tx.commit().await?;
    Ok(!done)
}
