//! Forgets keyed hashes of phones and cards whose key went.

use std::{sync::Arc, time::Duration};

use kernel::{Clock, Timestamp};
use runtime::Tasks;
use store::Database;

use crate::store::projections;

/// How often it looks.
const EVERY: Duration = Duration::from_hours(1);
/// How long a hash stays, in microseconds: until nobody can bring an older word about it.
const KEPT: i64 = 24 * 60 * 60 * 1_000_000;
/// Hashes that one transaction deletes at most.
const BATCH: u16 = 500;

/// Starts to forget, at the start and every hour.
pub fn forget_hashes(database: &Database, clock: &Arc<dyn Clock>, tasks: &Tasks) {
    let (database, clock) = (database.clone(), Arc::clone(clock));
    let stop = tasks.stopping();
    tasks.spawn("points forgets hashes", async move {
        loop {
            if let Err(fault) = forget_gone_hashes(&database, clock.now()).await {
                tracing::warn!(
                    fault = format!("{fault:#}"),
                    "hashes whose key went could not be forgotten; it is tried again"
                );
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    });
}

/// Forgets all that are gone for a day.
async fn forget_gone_hashes(database: &Database, now: Timestamp) -> anyhow::Result<()> {
    let before = Timestamp::from_micros(now.micros().saturating_sub(KEPT));
    loop {
        let tx = database.begin().await?;
        let rows = projections::forget_gone(&tx, before, BATCH.into()).await?;
        tx.commit().await?;
        if rows < u64::from(BATCH) {
            return Ok(());
        }
    }
}
