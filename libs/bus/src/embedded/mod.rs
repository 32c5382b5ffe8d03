//! The carrier for one process: a SQLite file of its own and wake-ups in memory. Nothing is installed.
//!
//! What is published is on the disk before the answer. How far consumers are is kept as a floor below which everything is
//! acknowledged; what lies above it comes again after a restart, and inboxes take each parcel once.

mod durable;
mod log;
mod subscription;

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use store::{Database, DatabaseSettings};
use tokio::sync::Notify;

use crate::{
    BusError, Carrier, ConsumerSpec, ConsumerState, LONGEST_PARCEL, Parcel, StreamSpec, StreamState,
    Subscription,
};
use durable::Durable;
use subscription::EmbeddedSubscription;

/// The embedded carrier. Clones share one file.
#[derive(Clone)]
pub struct EmbeddedCarrier {
    shared: Arc<Shared>,
}

type SharedDurable = Arc<Mutex<Durable>>;

struct Shared {
    database: Database,
    /// Woken when something was published, by stream.
    arrivals: Mutex<HashMap<String, Arc<Notify>>>,
    /// How far consumers are, by stream and name.
    durables: Mutex<HashMap<(String, String), SharedDurable>>,
    /// What each stream keeps, as `ensure_stream` said.
    specs: Mutex<HashMap<String, StreamSpec>>,
    pruned_at: Mutex<Instant>,
}

/// Old parcels are dropped this often.
const PRUNE: Duration = Duration::from_secs(30);

impl EmbeddedCarrier {
    /// Opens the carrier's file, made when missing.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn open(file: &Path) -> Result<Self, BusError> {
        Self::at(format!("sqlite://{}", file.display()), 4).await
    }

    /// A carrier in memory alone, for tests: what is published goes with the process.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub async fn in_memory() -> Result<Self, BusError> {
        Self::at("sqlite::memory:".to_owned(), 1).await
    }

    async fn at(url: String, max_connections: u32) -> Result<Self, BusError> {
        let settings = DatabaseSettings { max_connections, ..DatabaseSettings::at(url) };
        let database = store::connect(&settings).await?;
        store::migrate(&database, log::migrations()).await?;
        let shared = Shared {
            database,
            arrivals: Mutex::default(),
            durables: Mutex::default(),
            specs: Mutex::default(),
            pruned_at: Mutex::new(Instant::now()),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    fn arrival(&self, stream: &str) -> Arc<Notify> {
        let mut arrivals = locked(&self.shared.arrivals);
        Arc::clone(arrivals.entry(stream.to_owned()).or_default())
    }

    async fn durable(&self, stream: &str, name: &str) -> Result<SharedDurable, BusError> {
        let key = (stream.to_owned(), name.to_owned());
        if let Some(known) = locked(&self.shared.durables).get(&key) {
            return Ok(Arc::clone(known));
        }
        let floor = log::floor(&self.shared.database, stream, name).await?;
        let mut durables = locked(&self.shared.durables);
        Ok(Arc::clone(durables.entry(key).or_insert_with(|| Arc::new(Mutex::new(Durable::at(floor))))))
    }
}

#[async_trait::async_trait]
impl Carrier for EmbeddedCarrier {
    async fn ensure_stream(&self, spec: &StreamSpec) -> Result<(), BusError> {
        log::ensure_stream(&self.shared.database, &spec.name).await?;
        locked(&self.shared.specs).insert(spec.name.clone(), spec.clone());
        Ok(())
    }

    async fn ensure_consumer(&self, spec: &ConsumerSpec) -> Result<(), BusError> {
        self.must_have(&spec.stream).await?;
        log::ensure_durable(&self.shared.database, &spec.stream, &spec.durable).await?;
        self.durable(&spec.stream, &spec.durable).await.map(drop)
    }

    async fn publish(&self, stream: &str, parcels: &[Parcel]) -> Result<(), BusError> {
        if let Some(long) = parcels.iter().find(|parcel| parcel.payload.len() > LONGEST_PARCEL) {
            return Err(BusError::TooLong { bytes: long.payload.len(), longest: LONGEST_PARCEL });
        }
        self.must_have(stream).await?;
        log::append(&self.shared.database, stream, parcels).await?;
        self.arrival(stream).notify_waiters();
        self.prune(stream).await
    }

    async fn consume(&self, spec: &ConsumerSpec) -> Result<Box<dyn Subscription>, BusError> {
        self.ensure_consumer(spec).await?;
        let durable = self.durable(&spec.stream, &spec.durable).await?;
        let binding = locked(&durable).bind();
        let arrival = self.arrival(&spec.stream);
        // Whoever bound before is told at once that it no longer does.
        arrival.notify_waiters();
        let database = self.shared.database.clone();
        Ok(Box::new(EmbeddedSubscription::new(database, durable, binding, arrival, spec.clone())))
    }

    async fn stream_state(&self, stream: &str) -> Result<StreamState, BusError> {
        self.must_have(stream).await?;
        Ok(log::stream_state(&self.shared.database, stream).await?)
    }

    async fn consumer_state(&self, stream: &str, durable: &str) -> Result<ConsumerState, BusError> {
        self.must_have(stream).await?;
        let durable = self.durable(stream, durable).await?;
        let (delivered, unacknowledged) = {
            let durable = locked(&durable);
            (durable.delivered(), durable.unacknowledged())
        };
        let pending = log::count_after(&self.shared.database, stream, delivered).await?;
        Ok(ConsumerState { pending, unacknowledged })
    }

    async fn forget_consumer(&self, stream: &str, durable: &str) -> Result<(), BusError> {
        log::forget_durable(&self.shared.database, stream, durable).await?;
        let forgotten = locked(&self.shared.durables).remove(&(stream.to_owned(), durable.to_owned()));
        if let Some(forgotten) = forgotten {
            locked(&forgotten).unbind();
            self.arrival(stream).notify_waiters();
        }
        Ok(())
    }

    async fn forget_stream(&self, stream: &str) -> Result<(), BusError> {
        log::forget_stream(&self.shared.database, stream).await?;
        locked(&self.shared.specs).remove(stream);
        locked(&self.shared.durables).retain(|(of, _), durable| {
            if of == stream {
                locked(durable).unbind();
            }
            of != stream
        });
        self.arrival(stream).notify_waiters();
        Ok(())
    }

    async fn ping(&self) -> Result<(), BusError> {
        Ok(self.shared.database.ping().await?)
    }
}

impl EmbeddedCarrier {
    async fn prune(&self, stream: &str) -> Result<(), BusError> {
        let Some(keep) = locked(&self.shared.specs).get(stream).map(|spec| spec.keep) else { return Ok(()) };
        {
            let mut pruned_at = locked(&self.shared.pruned_at);
            if pruned_at.elapsed() < PRUNE {
                return Ok(());
            }
            *pruned_at = Instant::now();
        }
        let keep_s = i64::try_from(keep.as_secs()).unwrap_or(i64::MAX);
        Ok(log::prune(&self.shared.database, stream, keep_s).await?)
    }

    async fn must_have(&self, stream: &str) -> Result<(), BusError> {
        if locked(&self.shared.specs).contains_key(stream)
            || log::has_stream(&self.shared.database, stream).await?
        {
            return Ok(());
        }
        Err(BusError::Carrier(format!("there is no stream {stream}")))
    }
}

/// A lock whose holder cannot leave it half done: no panic happens under it.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
