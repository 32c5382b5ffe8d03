//! Settles accounts that are due, in bounded batches, while tills work.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use opentelemetry::{global, metrics::Counter};
use runtime::Tasks;
use store::lease::{self, Lease};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::commands::{
    record_purchases::Recorder,
    set_clocks::set_clocks,
    settle_accounts::{due_accounts, settle_accounts},
};

/// Accounts in one transaction: small enough that tills hardly notice it, large enough that millions are done in an hour.
const BATCH: usize = 80;
/// After each transaction it rests so many times as long as that took, so that tills have two thirds of the database at least.
const RESTS: u32 = 2;
/// Accounts that are found at once. A search steps over all that was settled since the database last tidied up, so that
/// millions would take ever longer if each batch searched for itself.
const ROUND: u32 = 20_000;
const LEASE: &str = "points.settling";
const LEASE_MS: u32 = 30_000;
const RENEWED_AFTER: Duration = Duration::from_secs(10);

/// Starts the job: it looks every so often, on one replica at a time, until nothing is due.
pub fn settle(recorder: &Arc<Recorder>, every: Duration, tasks: &Tasks) {
    let job = Job { recorder: Arc::clone(recorder), stop: tasks.stopping(), meters: Meters::new() };
    let holder = recorder.ids.uuid();
    tasks.spawn("points settling", async move {
        loop {
            tokio::select! {
                () = job.stop.cancelled() => return,
                () = tokio::time::sleep(every) => {}
            }
            match job.until_nothing_is_due(holder).await {
                Ok(0) => {}
                Ok(accounts) => tracing::info!(accounts, "accounts were settled"),
                Err(fault) => {
                    tracing::warn!(fault = format!("{fault:#}"), "accounts could not be settled");
                }
            }
        }
    });
}

struct Job {
    recorder: Arc<Recorder>,
    stop: CancellationToken,
    meters: Meters,
}

struct Meters {
    accounts: Counter<u64>,
    lots: Counter<u64>,
}

impl Meters {
    fn new() -> Self {
        let meter = global::meter("vafa");
        Self {
            accounts: meter
                .u64_counter("vafa.points.settled.accounts")
                .with_description("Accounts that the job settled, since something of them was due")
                .build(),
            lots: meter
                .u64_counter("vafa.points.settled.lots")
                .with_description("Lots that the job wrote off, since their last day was over")
                .build(),
        }
    }
}

impl Job {
    /// Round by round, where no other replica is at it; answers how many accounts were settled.
    async fn until_nothing_is_due(&self, holder: Uuid) -> anyhow::Result<u64> {
        let Some(mut held) = Held::take(&self.recorder, holder).await? else { return Ok(0) };
        let mut accounts = 0;
        while held.still(&self.recorder).await? && set_clocks(&self.recorder).await? {
            if self.stop.is_cancelled() {
                break;
            }
        }
        while !self.stop.is_cancelled() && !held.lost {
            let settled = self.round(&mut held).await?;
            if settled == 0 {
                break;
            }
            accounts += settled;
        }
        lease::release(&self.recorder.database, &held.lease).await?;
        Ok(accounts)
    }

    async fn round(&self, held: &mut Held) -> anyhow::Result<u64> {
        let due = due_accounts(&self.recorder, ROUND).await?;
        let mut accounts = 0;
        for batch in due.chunks(BATCH) {
            if self.stop.is_cancelled() || !held.still(&self.recorder).await? {
                break;
            }
            let began = Instant::now();
            match settle_accounts(&self.recorder, batch).await {
                Ok(settled) => {
                    accounts += settled.accounts;
                    self.meters.accounts.add(settled.accounts, &[]);
                    self.meters.lots.add(settled.lots, &[]);
                }
                // What cannot be settled keeps no other waiting.
                Err(fault) => {
                    tracing::warn!(fault = format!("{fault:#}"), "accounts could not be settled");
                }
            }
            tokio::time::sleep(began.elapsed() * RESTS).await;
        }
        Ok(accounts)
    }
}

/// The lease, while it is held.
struct Held {
    lease: Lease,
    since: Instant,
    lost: bool,
}

impl Held {
    async fn take(recorder: &Recorder, holder: Uuid) -> anyhow::Result<Option<Self>> {
        let lease = lease::acquire(&recorder.database, LEASE, holder, LEASE_MS).await?;
        Ok(lease.map(|lease| Self { lease, since: Instant::now(), lost: false }))
    }

    /// Prolongs it now and then; whether it is still this replica's.
    async fn still(&mut self, recorder: &Recorder) -> anyhow::Result<bool> {
        if !self.lost && self.since.elapsed() > RENEWED_AFTER {
            self.since = Instant::now();
            self.lost = !lease::renew(&recorder.database, &self.lease, LEASE_MS).await?;
        }
        Ok(!self.lost)
    }
}
