//! Opening a database: the pool, its guards, and how a transaction begins.
//!
//! **A connection never returns to the pool inside a transaction.** sqlx 0.9 can hand one back that way when a future is
//! dropped while `BEGIN` is under way; later writes on it answer Ok and are never kept. Two guards, each enough alone:
//! transactions begin on a task that a caller cannot drop, and every release to the pool rolls back whatever is open.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sea_orm::{
    DatabaseConnection,
    sqlx::{self, ConnectOptions as _, Connection as _, postgres::PgConnection},
};
use tokio::sync::Mutex;

use crate::{
    DatabaseSettings, Reads, StoreError, Tx,
    pool::{Pool, Shares, Use, is_in_memory, postgres_options, sqlite_options},
    shielded,
    tx::Held,
};

/// A statement of a writing transaction takes no longer.
const STATEMENT: Duration = Duration::from_mins(1);

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// PostgreSQL, a server of its own.
    Postgres,
    /// SQLite, a file beside us.
    Sqlite,
}

/// How full a pool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolUse {
    /// Open connections.
    pub open: u32,
    /// Open connections that nobody uses.
    pub idle: u32,
    /// Connections at most.
    pub max: u32,
}

/// An open database. Clones share one pool.
#[derive(Clone)]
pub struct Database {
    pub(crate) pool: Pool,
    connection: DatabaseConnection,
    /// The connections of [`Database::reads`], where there are enough for some of their own.
    reading: Option<Pool>,
    /// The connection that writes, where it has a pool of its own.
    writing: Option<Pool>,
    reads: Reads,
    settings: Arc<DatabaseSettings>,
    /// SQLite lets one connection write at a time and has no queue: waiters poll, with naps up to 100 ms. This lock is
    /// the queue, fair and without naps.
    writer: Arc<Mutex<()>>,
    guarded: bool,
}

/// Opens the database that `settings` name.
///
/// # Errors
/// [`StoreError::Settings`] for settings that cannot work; otherwise why it cannot be reached.
pub async fn connect(settings: &DatabaseSettings) -> Result<Database, StoreError> {
    Database::open(settings, true).await
}

impl Database {
    async fn open(settings: &DatabaseSettings, guarded: bool) -> Result<Self, StoreError> {
        settings.check()?;
        let shares = Shares::of(settings);
        let pool = Pool::open(settings, Use::Any { guarded }, shares.any).await?;
        let reading = Pool::open_some(settings, Use::Reading, shares.reading).await?;
        let writing = Pool::open_some(settings, Use::Writing { guarded }, shares.writing).await?;
        let reads = Reads(reading.as_ref().unwrap_or(&pool).connection());
        let (connection, settings) = (pool.connection(), Arc::new(settings.clone()));
        Ok(Self { pool, connection, reading, writing, reads, settings, writer: Arc::default(), guarded })
    }

    /// Opens without any guard against connections that return inside a transaction. It loses acknowledged writes; it
    /// exists for the test that shows so.
    ///
    /// # Errors
    /// As [`connect`].
    #[cfg(feature = "planted")]
    pub async fn connect_unguarded(settings: &DatabaseSettings) -> Result<Self, StoreError> {
        Self::open(settings, false).await
    }

    /// For SeaORM's queries outside a transaction.
    #[must_use]
    pub fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// For questions of one statement, answered in one round trip.
    #[must_use]
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// Which database it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match self.pool {
            Pool::Postgres(_) => Backend::Postgres,
            Pool::Sqlite(_) => Backend::Sqlite,
        }
    }

    /// The settings it was opened with.
    #[must_use]
    pub fn settings(&self) -> &DatabaseSettings {
        &self.settings
    }

    /// Begins a writing transaction; on SQLite it holds the only place to write until it ends.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when the turn to write does not come in time; otherwise why it could not begin.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let turn = match self.pool {
            Pool::Postgres(_) => None,
            Pool::Sqlite(_) => Some(self.turn_to_write().await?),
        };
        let pool = self.writing.as_ref().unwrap_or(&self.pool).clone();
        let patience =
            Duration::from_millis(self.settings.acquire_timeout_ms + self.settings.busy_timeout_ms);
        let begin = async move {
            let held = async {
                Ok::<_, sqlx::Error>(match pool {
                    Pool::Postgres(pool) => Held::Postgres(pool.begin().await?),
                    Pool::Sqlite(pool) => Held::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
                })
            };
            // A connection that has gone silent is given back, and given up there.
            let held =
                tokio::time::timeout(patience, held).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
            Ok(Tx::new(held, turn, Some(STATEMENT)))
        };
        if self.guarded { shielded(begin).await } else { begin.await }
    }

    /// Begins a transaction that only reads, and sees one state of the database throughout.
    ///
    /// # Errors
    /// Why it could not begin.
    pub async fn snapshot(&self) -> Result<Tx, StoreError> {
        let pool = self.pool.clone();
        let begin = async move {
            let held = match pool {
                Pool::Postgres(pool) => {
                    Held::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
                }
                Pool::Sqlite(pool) => Held::Sqlite(pool.begin_with("BEGIN DEFERRED").await?),
            };
            Ok(Tx::new(held, None, None))
        };
        if self.guarded { shielded(begin).await } else { begin.await }
    }

    async fn turn_to_write(&self) -> Result<tokio::sync::OwnedMutexGuard<()>, StoreError> {
        let asked = Instant::now();
        let patience = Duration::from_millis(self.settings.busy_timeout_ms);
        let turn = tokio::time::timeout(patience, Arc::clone(&self.writer).lock_owned()).await;
        turn.map_err(|_| StoreError::Busy {
            waited_ms: u64::try_from(asked.elapsed().as_millis()).unwrap_or(u64::MAX),
        })
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// When none comes.
    pub async fn ping(&self) -> Result<(), StoreError> {
        match &self.pool {
            Pool::Postgres(pool) => pool.acquire().await?.ping().await?,
            Pool::Sqlite(pool) => pool.acquire().await?.ping().await?,
        }
        Ok(())
    }

    /// How full the pool is, for the metrics.
    #[must_use]
    pub fn pool_use(&self) -> PoolUse {
        let (open, idle) =
            self.pools().map(Pool::size).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        PoolUse { open, idle, max: self.settings.max_connections }
    }

    /// Where single statements that read find a connection.
    pub(crate) fn for_reading(&self) -> &Pool {
        self.reading.as_ref().unwrap_or(&self.pool)
    }

    fn pools(&self) -> impl Iterator<Item = &Pool> {
        self.reading.iter().chain(&self.writing).chain([&self.pool])
    }

    /// Closes the pool; what is in flight ends first.
    pub async fn close(&self) {
        for pool in self.pools() {
            match pool {
                Pool::Postgres(pool) => pool.close().await,
                Pool::Sqlite(pool) => pool.close().await,
            }
        }
    }

    /// Keeps other processes from migrating the same SQLite file, until the answer is dropped.
    pub(crate) async fn sole_migrator(&self) -> Result<Option<std::fs::File>, StoreError> {
        let options = sqlite_options(&self.settings)?;
        if is_in_memory(&self.settings) {
            return Ok(None);
        }
        let path = options.get_filename().with_extension("migrating");
        let lock = tokio::task::spawn_blocking(move || {
            let file = std::fs::File::create(path)?;
            file.lock()?;
            Ok::<_, std::io::Error>(file)
        });
        let file = lock.await.map_err(std::io::Error::other)??;
        Ok(Some(file))
    }

    /// A connection of its own, outside the pool, for locks that belong to a session.
    pub(crate) async fn postgres_session(&self) -> Result<PgConnection, StoreError> {
        Ok(postgres_options(&self.settings)?.connect().await?)
    }

    /// A connection of its own whose commits do not wait for the disk; for notes that may be lost.
    pub(crate) async fn postgres_notepad(&self) -> Result<PgConnection, StoreError> {
        let options = postgres_options(&self.settings)?.options([("synchronous_commit", "off")]);
        Ok(options.connect().await?)
    }
}
