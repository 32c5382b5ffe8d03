//! The consumer loop: takes parcels from a stream and applies their facts, once, in the service's own database.
//!
//! Parcels that arrived together are applied in one transaction with their inbox rows. When that fails they are applied
//! one by one behind savepoints, so that a fact that cannot be taken is set aside and the others are not held up. When the
//! database is in trouble the batch waits and is tried again whole, in order. A subscription that brings nothing though
//! parcels wait is bound again.

mod apply;
mod batch;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use kernel::{Clock, Ids};
use store::Database;
use tokio_util::sync::CancellationToken;

use crate::{
    BusError, Carrier, ConsumerSpec, Delivery, Reaction, ReactionError, StreamSpec, Subscription, Waker,
    crash, leader::Leadership, metrics::ConsumerFigures, relay::Patience,
};
use apply::Outcome;
use batch::Batch;

/// How a consumer works; the defaults suit every service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsumerSettings {
    /// Parcels taken together at most.
    pub parcels: usize,
    /// Facts applied in one transaction, about.
    pub facts: usize,
    /// Batches begin this far apart at least: facts that come close together share a transaction.
    pub pace: Duration,
    /// How often a fact is tried whose reaction fails, before it goes to the dead letters.
    pub attempts: u32,
    /// The wait before the second try; it grows fourfold with each try.
    pub retry_after: Duration,
    /// When nothing came for this long though parcels wait, the subscription is bound again; a batch that takes longer
    /// is given up and tried again.
    pub stalled_after: Duration,
    /// How long after its death another replica takes over.
    pub lease: Duration,
}

impl Default for ConsumerSettings {
    fn default() -> Self {
        Self {
            parcels: 256,
            facts: 2_000,
            pace: Duration::from_millis(20),
            attempts: 5,
            retry_after: Duration::from_secs(1),
            stalled_after: Duration::from_mins(1),
            lease: Duration::from_secs(6),
        }
    }
}

/// A reaction bound to its stream and its database.
pub struct Consumer {
    database: Database,
    carrier: Arc<dyn Carrier>,
    reaction: Arc<dyn Reaction>,
    clock: Arc<dyn Clock>,
    relay: Waker,
    settings: ConsumerSettings,
    leadership: Leadership,
    figures: ConsumerFigures,
    looked_at: Instant,
    progress_at: Instant,
}

/// Runs a reaction with the default settings until `shutdown`; a plain future for the runtime to run.
pub async fn run_consumer(
    database: Database,
    carrier: Arc<dyn Carrier>,
    reaction: Arc<dyn Reaction>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    shutdown: CancellationToken,
) {
    Consumer::new(database, carrier, reaction, clock, &*ids).run(shutdown).await;
}

/// How often the carrier is asked how many parcels wait.
const LOOK: Duration = Duration::from_secs(5);
/// Longest wait for parcels before other duties are seen to.
const WAIT: Duration = Duration::from_secs(1);

impl Consumer {
    /// A consumer that applies `reaction` in `database`.
    #[must_use]
    pub fn new(
        database: Database,
        carrier: Arc<dyn Carrier>,
        reaction: Arc<dyn Reaction>,
        clock: Arc<dyn Clock>,
        ids: &dyn Ids,
    ) -> Self {
        let settings = ConsumerSettings::default();
        let name = format!("consumer.{}", reaction.consumer());
        Self {
            leadership: Leadership::new(database.clone(), name, ids.uuid(), settings.lease),
            figures: ConsumerFigures::of(reaction.consumer()),
            database,
            carrier,
            reaction,
            clock,
            relay: Waker::default(),
            settings,
            looked_at: Instant::now(),
            progress_at: Instant::now(),
        }
    }

    /// Works with other settings.
    #[must_use]
    pub fn with_settings(mut self, settings: ConsumerSettings) -> Self {
        self.settings = settings;
        self.leadership.set_ttl(settings.lease);
        self
    }

    /// Wakes this relay after a commit in which its reaction told something.
    #[must_use]
    pub fn with_relay(mut self, relay: Waker) -> Self {
        self.relay = relay;
        self
    }

    /// The durable consumer it binds to; made beforehand, it misses nothing that is published before it first runs.
    #[must_use]
    pub fn spec(&self) -> ConsumerSpec {
        ConsumerSpec {
            stream: self.reaction.stream().to_owned(),
            durable: self.reaction.consumer().to_owned(),
            ack_wait: self.settings.stalled_after,
            max_ack_pending: 1_024,
        }
    }

    /// Consumes until `shutdown`, and finishes the batch in hand then. Failures are waited out and tried again.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut patience = Patience::new();
        while !shutdown.is_cancelled() {
            let wait = match self.bound(&shutdown, &mut patience).await {
                Ok(wait) => wait,
                Err(error) => {
                    let consumer = self.reaction.consumer();
                    tracing::warn!(%error, consumer, "the subscription ended, binding again");
                    self.figures.rebound();
                    patience.next()
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = shutdown.cancelled() => {}
            }
        }
        self.leadership.resign().await;
    }

    /// Binds and consumes as long as that goes well; answers how long to wait before binding again.
    async fn bound(
        &mut self,
        shutdown: &CancellationToken,
        patience: &mut Patience,
    ) -> Result<Duration, BusError> {
        if !self.leadership.holds().await? {
            return Ok(self.leadership.patience());
        }
        let spec = self.spec();
        self.carrier.ensure_stream(&StreamSpec::named(&spec.stream)).await?;
        let mut subscription = self.carrier.consume(&spec).await?;
        self.progress_at = Instant::now();
        let mut began = None::<Instant>;
        loop {
            if let Some(began) = began {
                tokio::time::sleep_until((began + self.settings.pace).into()).await;
            }
            let deliveries = tokio::select! {
                deliveries = subscription.next(self.settings.parcels, WAIT) => deliveries?,
                () = shutdown.cancelled() => return Ok(Duration::ZERO),
            };
            began = (!deliveries.is_empty()).then(Instant::now);
            if !deliveries.is_empty() {
                self.take(&mut *subscription, deliveries, shutdown).await?;
                self.progress_at = Instant::now();
                patience.reset();
            }
            self.look().await?;
            if !self.leadership.holds().await? {
                return Ok(self.leadership.patience());
            }
        }
    }

    /// Sees, now and then, how many parcels wait; an error when they wait and nothing came for too long.
    async fn look(&mut self) -> Result<(), BusError> {
        if self.looked_at.elapsed() < LOOK.min(self.settings.stalled_after) {
            return Ok(());
        }
        self.looked_at = Instant::now();
        let (stream, durable) = (self.reaction.stream(), self.reaction.consumer());
        let state = self.carrier.consumer_state(stream, durable).await?;
        self.figures.pending(state.pending);
        self.figures.oldest(None, self.clock.now());
        if state.pending == 0 {
            self.progress_at = Instant::now();
        }
        if self.progress_at.elapsed() < self.settings.stalled_after {
            return Ok(());
        }
        Err(BusError::Unbound(format!("{} parcels wait and none comes", state.pending)))
    }

    async fn take(
        &mut self,
        subscription: &mut dyn Subscription,
        deliveries: Vec<Delivery>,
        shutdown: &CancellationToken,
    ) -> Result<(), BusError> {
        for batch in Batch::split(deliveries, &*self.reaction, self.settings.facts, self.clock.now()) {
            let Some(outcome) = self.apply_patiently(subscription, &batch, shutdown).await? else {
                return Ok(());
            };
            crash::point("consumer.before_ack");
            subscription.ack(&outcome.done).await?;
            crash::point("consumer.after_ack");
            self.figures.retried(outcome.again.len());
            for (seq, attempt) in outcome.again {
                subscription.retry(&[seq], self.delay_after(attempt)).await?;
            }
        }
        Ok(())
    }

    /// Applies a batch; while the database is in trouble it waits and tries again. `None` when it was told to stop.
    async fn apply_patiently(
        &mut self,
        subscription: &mut dyn Subscription,
        batch: &Batch,
        shutdown: &CancellationToken,
    ) -> Result<Option<Outcome>, BusError> {
        let mut patience = Patience::new();
        loop {
            let trouble = match tokio::time::timeout(self.settings.stalled_after, self.apply(batch)).await {
                Ok(Ok(outcome)) => {
                    self.figures.oldest(None, self.clock.now());
                    return Ok(Some(outcome));
                }
                Ok(Err(error)) => error,
                Err(_) => ReactionError::Fault(anyhow::anyhow!("the batch took too long")),
            };
            let consumer = self.reaction.consumer();
            tracing::warn!(error = %trouble, consumer, "nothing was applied, trying again");
            self.figures.oldest(batch.oldest(), self.clock.now());
            subscription.working(&batch.stream_seqs()).await?;
            tokio::select! {
                () = tokio::time::sleep(patience.next()) => {}
                () = shutdown.cancelled() => return Ok(None),
            }
            if !self.leadership.holds().await.unwrap_or(true) {
                return Ok(None);
            }
        }
    }

    fn delay_after(&self, attempt: u32) -> Duration {
        let growth = 4_u32.saturating_pow(attempt.saturating_sub(1)).min(256);
        self.settings.retry_after.saturating_mul(growth)
    }
}
