//! Forgets looks of the back office that were kept long enough.

use std::{sync::Arc, time::Duration};

use kernel::{Clock, Timestamp};
use opentelemetry::global;
use runtime::{LookBook, Tasks};
use store::Database;

/// How often it looks.
const EVERY: Duration = Duration::from_hours(1);
/// Looks that one transaction deletes at most: nobody waits long for it.
const BATCH: u64 = 500;
/// Transactions of one run; what is left waits for the next one.
const BATCHES: u32 = 200;

/// Starts to forget, at the start and every hour.
pub fn forget_looks(
    looks: &LookBook,
    database: &Database,
    clock: &Arc<dyn Clock>,
    kept: Duration,
    tasks: &Tasks,
) {
    let (looks, database, clock) = (looks.clone(), database.clone(), Arc::clone(clock));
    let forgotten = global::meter("vafa")
        .u64_counter("vafa.points.looks.forgotten")
        .with_description("Looks of the back office that were deleted since they had been kept long enough")
        .build();
    let stop = tasks.stopping();
    tasks.spawn("points forgets looks", async move {
        loop {
            match forget(&looks, &database, &*clock, kept).await {
                Ok(0) => {}
                Ok(rows) => {
                    forgotten.add(rows, &[]);
                    tracing::info!(rows, "looks that were kept long enough are forgotten");
                }
                Err(fault) => {
                    tracing::warn!(
                        fault = format!("{fault:#}"),
                        "looks could not be forgotten; it is tried again"
                    );
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    });
}

async fn forget(
    looks: &LookBook,
    database: &Database,
    clock: &dyn Clock,
    kept: Duration,
) -> anyhow::Result<u64> {
    let kept = i64::try_from(kept.as_micros()).unwrap_or(i64::MAX);
    let before = Timestamp::from_micros(clock.now().micros().saturating_sub(kept));
    let mut forgotten = 0;
    for _ in 0..BATCHES {
        let tx = database.begin().await?;
        let rows = looks.forget(&tx, before, BATCH).await?;
        tx.commit().await?;
        forgotten += rows;
        if rows < BATCH {
            break;
        }
    }
    Ok(forgotten)
}
