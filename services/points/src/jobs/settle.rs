//! Settles accounts that are due, in bounded batches, while tills work.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use runtime::Tasks;
use store::lease;
use uuid::Uuid;

use crate::commands::{record_purchases::Recorder, settle_accounts::settle_accounts};

/// Accounts in one transaction: small enough that a till that meets one of them hardly waits.
const BATCH: u32 = 500;
const LEASE: &str = "points.settling";
const LEASE_MS: u32 = 30_000;

/// Starts the job: it looks every so often, on one replica at a time, until nothing is due.
pub fn settle(recorder: &Arc<Recorder>, every: Duration, tasks: &Tasks) {
    let (recorder, stop) = (Arc::clone(recorder), tasks.stopping());
    let holder = recorder.ids.uuid();
    tasks.spawn("points settling", async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(every) => {}
            }
            let mut accounts = 0;
            while !stop.is_cancelled() {
                let began = Instant::now();
                match step(&recorder, holder).await {
                    Ok(0) => break,
                    Ok(settled) => accounts += settled,
                    Err(fault) => {
                        tracing::warn!(fault = format!("{fault:#}"), "accounts could not be settled");
                        break;
                    }
                }
                // It rests as long as it worked, so that tills have half of the database at least.
                tokio::time::sleep(began.elapsed()).await;
            }
            if accounts > 0 {
                tracing::info!(accounts, "accounts were settled");
            }
        }
    });
}

/// One batch, where no other replica is at it.
async fn step(recorder: &Recorder, holder: Uuid) -> anyhow::Result<usize> {
    match lease::acquire(&recorder.database, LEASE, holder, LEASE_MS).await? {
        Some(_) => settle_accounts(recorder, BATCH).await,
        None => Ok(0),
    }
}
