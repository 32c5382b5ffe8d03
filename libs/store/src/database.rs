//! Opening a database: the pool, its guards, and how a transaction begins.
//!
//! **A connection never returns to the pool inside a transaction.** sqlx 0.9 can hand one back that way when a future is
//! dropped while `BEGIN` is under way; later writes on it answer Ok and are never kept. Two guards, each enough alone:
//! transactions begin on a task that a caller cannot drop, and every release to the pool rolls back whatever is open.

use std::{
    path::Path,
    str::FromStr as _,
    sync::Arc,
    time::{Duration, Instant},
};

use sea_orm::{
    DatabaseConnection, SqlxPostgresConnector, SqlxSqliteConnector,
    sqlx::{
        self, ConnectOptions as _, Connection as _, Executor as _, Postgres, Sqlite,
        pool::PoolOptions,
        postgres::{PgConnectOptions, PgConnection},
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};
use tokio::sync::Mutex;

use crate::{DatabaseSettings, StoreError, Tx, shielded, tx::Held};

/// Statements kept prepared on one connection.
const PREPARED: usize = 256;
/// A connection whose last rollback takes longer is given up.
const RELEASE: Duration = Duration::from_secs(5);
/// A statement of a writing transaction takes no longer.
const STATEMENT: Duration = Duration::from_mins(1);
/// A connection that rested this long is tried before it is used.
const RESTED: Duration = Duration::from_secs(5);

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// PostgreSQL, a server of its own.
    Postgres,
    /// SQLite, a file beside us.
    Sqlite,
}

#[derive(Clone)]
pub(crate) enum Pool {
    Postgres(sqlx::Pool<Postgres>),
    Sqlite(sqlx::Pool<Sqlite>),
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
        let pool = if settings.url.starts_with("sqlite:") {
            Pool::Sqlite(open_sqlite(settings, guarded).await?)
        } else {
            Pool::Postgres(open_postgres(settings, guarded).await?)
        };
        let connection = match &pool {
            Pool::Postgres(pool) => SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone()),
            Pool::Sqlite(pool) => SqlxSqliteConnector::from_sqlx_sqlite_pool(pool.clone()),
        };
        let settings = Arc::new(settings.clone());
        Ok(Self { pool, connection, settings, writer: Arc::new(Mutex::new(())), guarded })
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
        let pool = self.pool.clone();
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
        let (open, idle) = match &self.pool {
            Pool::Postgres(pool) => (pool.size(), pool.num_idle()),
            Pool::Sqlite(pool) => (pool.size(), pool.num_idle()),
        };
        let idle = u32::try_from(idle).unwrap_or(u32::MAX);
        PoolUse { open, idle, max: self.settings.max_connections }
    }

    /// Closes the pool; what is in flight ends first.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Postgres(pool) => pool.close().await,
            Pool::Sqlite(pool) => pool.close().await,
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

fn postgres_options(settings: &DatabaseSettings) -> Result<PgConnectOptions, StoreError> {
    let lock_timeout = format!("{}ms", settings.busy_timeout_ms);
    let mut options = PgConnectOptions::from_str(&settings.url)
        .map_err(|_| StoreError::Settings("url is not a PostgreSQL address".to_owned()))?
        .statement_cache_capacity(PREPARED)
        .options([
            ("lock_timeout", lock_timeout.as_str()),
            // A net under the guards: a transaction that nobody drives any more ends by itself.
            ("idle_in_transaction_session_timeout", "30s"),
            // Statement texts are fixed and look up by key: one plan each, made once.
            ("plan_cache_mode", "force_generic_plan"),
            // That plan is made while tables are small, when reading all of one looks cheap, and is kept as they grow.
            ("enable_seqscan", "off"),
            ("jit", "off"),
        ])
        .log_statements("trace".parse().expect("the name of a level"));
    if let Some(schema) = &settings.schema {
        options = options.options([("search_path", schema.as_str())]);
    }
    Ok(options)
}

async fn open_postgres(
    settings: &DatabaseSettings,
    guarded: bool,
) -> Result<sqlx::Pool<Postgres>, StoreError> {
    let mut pool = pool_options::<Postgres>(settings);
    if guarded {
        // `BEGIN` first, so that the usual case, nothing open, brings no warning into the server's log.
        pool = pool.after_release(|connection, _| {
            Box::pin(async move {
                // A way that has gone silent must not keep its place in the pool for ever.
                match tokio::time::timeout(RELEASE, connection.execute("BEGIN; ROLLBACK")).await {
                    Ok(rolled_back) => rolled_back.map(|_| true),
                    Err(_) => Err(sqlx::Error::PoolTimedOut),
                }
            })
        });
    }
    Ok(pool.connect_with(postgres_options(settings)?).await?)
}

fn sqlite_options(settings: &DatabaseSettings) -> Result<SqliteConnectOptions, StoreError> {
    SqliteConnectOptions::from_str(&settings.url)
        .map_err(|_| StoreError::Settings("url is not a path to a SQLite file".to_owned()))
}

fn is_in_memory(settings: &DatabaseSettings) -> bool {
    settings.url.contains(":memory:") || settings.url.contains("mode=memory")
}

async fn open_sqlite(settings: &DatabaseSettings, guarded: bool) -> Result<sqlx::Pool<Sqlite>, StoreError> {
    let options = sqlite_options(settings)?;
    let in_memory = is_in_memory(settings);
    if !in_memory {
        make_folder(options.get_filename()).await?;
    }
    let options = options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_millis(settings.busy_timeout_ms))
        .foreign_keys(true)
        .statement_cache_capacity(PREPARED)
        .row_buffer_size(1_024)
        .pragma("temp_store", "memory")
        .pragma("cache_size", "-8192")
        .pragma("wal_autocheckpoint", "4000")
        .pragma("journal_size_limit", "67108864")
        .log_statements("trace".parse().expect("the name of a level"));
    let mut pool = pool_options::<Sqlite>(settings);
    if in_memory {
        // Each connection to `:memory:` would be a database of its own.
        pool = pool.max_connections(1).min_connections(1).idle_timeout(None).max_lifetime(None);
    }
    if guarded {
        pool = pool.after_release(|connection, _| {
            Box::pin(async move {
                // Refused when nothing is open, which is the usual case and as good.
                let _ = connection.execute("ROLLBACK").await;
                Ok(true)
            })
        });
    }
    Ok(pool.connect_with(options).await?)
}

fn pool_options<DB>(settings: &DatabaseSettings) -> PoolOptions<DB>
where
    DB: sqlx::Database,
{
    PoolOptions::new()
        .max_connections(settings.max_connections)
        .acquire_timeout(Duration::from_millis(settings.acquire_timeout_ms))
        .test_before_acquire(false)
        .before_acquire(|connection: &mut DB::Connection, rest| {
            Box::pin(async move {
                if rest.idle_for >= RESTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
}

async fn make_folder(file: &Path) -> Result<(), StoreError> {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => Ok(tokio::fs::create_dir_all(folder).await?),
        _ => Ok(()),
    }
}
