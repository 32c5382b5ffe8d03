//! The relay: publishes what lies in a service's outbox, in order, and marks it.
//!
//! One relay per service and database is active at a time. It is woken after every commit that staged something and looks
//! by itself now and then, so a lost wake-up costs a moment. A crash between publishing and marking publishes twice: the
//! carrier drops most of that, inboxes the rest.
//!
//! Wake-ups that come close together are served together: a turn every few milliseconds costs a fraction of one turn per
//! commit.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use kernel::{Clock, Ids};
use store::{
    Database,
    outbox::{self, Drain},
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{BusError, Carrier, Parcel, StreamSpec, crash, leader::Leadership, metrics::RelayFigures, parts};

/// Reading, publishing and marking one batch takes no longer, or something has gone silent.
const STEP: Duration = Duration::from_secs(20);

/// Wakes a relay after a commit that staged a parcel. Clones wake the same one.
#[derive(Clone, Debug, Default)]
pub struct Waker(Arc<Notify>);

impl Waker {
    /// There is something in the outbox.
    pub fn wake(&self) {
        self.0.notify_one();
    }
}

/// How a relay works; the defaults suit every service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelaySettings {
    /// Parcels read and published together at most.
    pub batch: u32,
    /// How often it looks without being woken.
    pub poll: Duration,
    /// Turns begin this far apart at least.
    pub pace: Duration,
    /// How long after its death another replica takes over.
    pub lease: Duration,
}

impl Default for RelaySettings {
    fn default() -> Self {
        Self {
            batch: 64,
            poll: Duration::from_millis(500),
            pace: Duration::from_millis(10),
            lease: Duration::from_secs(6),
        }
    }
}

/// The relay of one service.
pub struct Relay {
    database: Database,
    carrier: Arc<dyn Carrier>,
    stream: StreamSpec,
    clock: Arc<dyn Clock>,
    waker: Waker,
    settings: RelaySettings,
    leadership: Leadership,
    drain: Drain,
    /// Parcels of the next step: fewer after one that took too long.
    batch: u32,
    figures: RelayFigures,
}

impl Relay {
    /// A relay from the outbox in `database` to the stream of `service`.
    #[must_use]
    pub fn new(
        database: Database,
        carrier: Arc<dyn Carrier>,
        service: &str,
        clock: Arc<dyn Clock>,
        ids: &dyn Ids,
    ) -> Self {
        let settings = RelaySettings::default();
        let name = format!("relay.{service}");
        let leadership = Leadership::new(database.clone(), name, ids.uuid(), settings.lease);
        Self {
            drain: Drain::new(database.clone()),
            batch: settings.batch,
            database,
            carrier,
            stream: StreamSpec::named(service),
            clock,
            waker: Waker::default(),
            settings,
            leadership,
            figures: RelayFigures::of(service),
        }
    }

    /// Works with other settings.
    #[must_use]
    pub fn with_settings(mut self, settings: RelaySettings) -> Self {
        self.settings = settings;
        self.batch = settings.batch;
        self.leadership.set_ttl(settings.lease);
        self
    }

    /// Is woken by this waker, made before the relay was.
    #[must_use]
    pub fn with_waker(mut self, waker: Waker) -> Self {
        self.waker = waker;
        self
    }

    /// What wakes it.
    #[must_use]
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// Relays until `shutdown`; a plain future for the runtime to run. Failures are waited out and tried again.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut patience = Patience::new();
        let mut stream_is_sure = false;
        while !shutdown.is_cancelled() {
            let began = Instant::now();
            let wait = match self.turn(&mut stream_is_sure).await {
                Ok(wait) => {
                    patience.reset();
                    wait
                }
                Err(error) => {
                    let service = &self.stream.name;
                    tracing::warn!(%error, service, "nothing was relayed, trying again");
                    self.figures.failed();
                    self.report_age().await;
                    // The stream itself may be what is missing.
                    stream_is_sure = false;
                    patience.next()
                }
            };
            tokio::select! {
                () = self.waker.0.notified(), if patience.is_fresh() => {
                    tokio::time::sleep_until((began + self.settings.pace).into()).await;
                }
                () = tokio::time::sleep(wait) => {}
                () = shutdown.cancelled() => {}
            }
        }
        if let Err(error) = self.drain.write_marks(self.clock.now()).await {
            tracing::debug!(%error, "marks were not written and parcels will be published again");
        }
        self.leadership.resign().await;
    }

    /// Publishes until the outbox is empty, if this replica leads; answers how long to wait for the next turn.
    async fn turn(&mut self, stream_is_sure: &mut bool) -> Result<Duration, BusError> {
        if !self.leadership.holds().await? {
            self.drain.forget_marks();
            return Ok(self.leadership.patience());
        }
        if !*stream_is_sure {
            self.carrier.ensure_stream(&self.stream).await?;
            *stream_is_sure = true;
        }
        while self.step().await? {
            if !self.leadership.holds().await? {
                return Ok(self.leadership.patience());
            }
        }
        Ok(self.drain.marks_due_in().unwrap_or(self.settings.poll).min(self.settings.poll))
    }

    /// Publishes the next batch and writes marks that are due, in bounded time; answers whether there may be more.
    async fn step(&mut self) -> Result<bool, BusError> {
        let step = async {
            let more = self.publish_next().await?;
            if self.drain.marks_due_in() == Some(Duration::ZERO) {
                self.drain.write_marks(self.clock.now()).await?;
                crash::point("relay.after_mark");
            }
            Ok(more)
        };
        if let Ok(outcome) = tokio::time::timeout(STEP, step).await {
            if outcome.is_ok() {
                self.batch = self.batch.saturating_mul(2).min(self.settings.batch);
            }
            return outcome;
        }
        // A silent connection, or a link too slow for so much at once.
        self.drain.hang_up();
        self.batch = (self.batch / 4).max(1);
        Err(BusError::Late("a step of the relay"))
    }

    /// Publishes the next batch; answers whether there may be more.
    async fn publish_next(&mut self) -> Result<bool, BusError> {
        let rows = self.drain.next(self.batch).await?;
        self.figures.waiting(rows.first().map(|row| row.parcel.created_at), self.clock.now());
        if rows.is_empty() {
            return Ok(false);
        }
        let full = rows.len() >= usize::try_from(self.batch).unwrap_or(usize::MAX);
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let parcels: Vec<Parcel> = rows.into_iter().flat_map(|row| parts::parcels(row.parcel)).collect();
        crash::point("relay.before_publish");
        self.carrier.publish(&self.stream.name, &parcels).await?;
        crash::point("relay.after_publish");
        self.drain.note_published(&ids);
        self.figures.published(parcels.len());
        Ok(full)
    }

    async fn report_age(&self) {
        if let Ok(oldest) = outbox::oldest_unpublished_at(&self.database).await {
            self.figures.waiting(oldest, self.clock.now());
        }
    }
}

/// How long to wait after failures: longer each time, 5 s at most.
pub(crate) struct Patience {
    failures: u32,
}

impl Patience {
    pub(crate) fn new() -> Self {
        Self { failures: 0 }
    }

    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    pub(crate) fn is_fresh(&self) -> bool {
        self.failures == 0
    }

    pub(crate) fn next(&mut self) -> Duration {
        self.failures = self.failures.saturating_add(1);
        Duration::from_millis(50 << self.failures.min(7)).min(Duration::from_secs(5))
    }
}
