//! One replica at a time does what must be done in order: relaying an outbox, working a consumer.

use std::time::{Duration, Instant};

use store::{Backend, Database, StoreError, lease, lease::Lease};
use uuid::Uuid;

/// A claim to lead, held by a lease in the database and renewed as it goes. A SQLite file has one process to itself,
/// which therefore always leads.
///
/// A leader that stalls past its lease may overlap with the next one for a moment. That is harmless: both publish the same
/// parcels in the same order, and inboxes take each once.
pub(crate) struct Leadership {
    database: Database,
    name: String,
    holder: Uuid,
    ttl: Duration,
    lease: Option<Lease>,
    renewed: Instant,
}

impl Leadership {
    pub(crate) fn new(database: Database, name: String, holder: Uuid, ttl: Duration) -> Self {
        Self { database, name, holder, ttl, lease: None, renewed: Instant::now() }
    }

    /// Whether this replica leads now; takes the lead when it is free. Answers in bounded time.
    pub(crate) async fn holds(&mut self) -> Result<bool, StoreError> {
        if self.database.backend() == Backend::Sqlite {
            return Ok(true);
        }
        if self.lease.is_some() && self.renewed.elapsed() < self.ttl / 3 {
            return Ok(true);
        }
        let patience = self.ttl.max(Duration::from_secs(5));
        if let Ok(answer) = tokio::time::timeout(patience, self.ask()).await {
            return answer;
        }
        self.lease = None;
        Err(StoreError::Busy { waited_ms: u64::try_from(patience.as_millis()).unwrap_or(u64::MAX) })
    }

    async fn ask(&mut self) -> Result<bool, StoreError> {
        let asked = Instant::now();
        let ttl_ms = u32::try_from(self.ttl.as_millis()).unwrap_or(u32::MAX);
        let held = match &self.lease {
            Some(lease) => lease::renew(&self.database, lease, ttl_ms).await,
            None => Ok(false),
        };
        match held {
            Ok(true) => {}
            Ok(false) => self.lease = lease::acquire(&self.database, &self.name, self.holder, ttl_ms).await?,
            Err(error) => {
                self.lease = None;
                return Err(error);
            }
        }
        self.renewed = asked;
        Ok(self.lease.is_some())
    }

    pub(crate) fn set_ttl(&mut self, ttl: Duration) {
        self.ttl = ttl;
    }

    /// How long to wait before asking for the lead again.
    pub(crate) fn patience(&self) -> Duration {
        self.ttl / 3
    }

    /// Gives the lead up, so that another need not wait for its end.
    pub(crate) async fn resign(&mut self) {
        let Some(lease) = self.lease.take() else { return };
        if let Err(error) = lease::release(&self.database, &lease).await {
            tracing::debug!(%error, lease = lease.name, "a lease was not given back and will lapse");
        }
    }
}
