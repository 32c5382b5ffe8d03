//! The connections to a database: how they are opened, guarded at their return, and shared out.

use std::{path::Path, str::FromStr as _, time::Duration};

use sea_orm::{
    DatabaseConnection, SqlxPostgresConnector, SqlxSqliteConnector,
    sqlx::{
        self, ConnectOptions as _, Connection as _, Executor as _, Postgres, Sqlite,
        pool::PoolOptions,
        postgres::PgConnectOptions,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};

use crate::{DatabaseSettings, StoreError};

/// Statements kept prepared on one connection.
const PREPARED: usize = 256;
/// A connection whose last rollback takes longer is given up.
const RELEASE: Duration = Duration::from_secs(5);
/// A connection that rested this long is tried before it is used.
const RESTED: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub(crate) enum Pool {
    Postgres(sqlx::Pool<Postgres>),
    Sqlite(sqlx::Pool<Sqlite>),
}

/// What a pool's connections are for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Single statements that read.
    Reading,
    /// The one connection that writes to a SQLite file. **Its pages stay in memory from one transaction to the next**: a
    /// connection forgets what it has read as soon as another one commits.
    Writing { guarded: bool },
    /// Everything, with or without the guard at their return.
    Any { guarded: bool },
}

impl Use {
    fn is_guarded(self) -> bool {
        matches!(self, Self::Any { guarded: true } | Self::Writing { guarded: true })
    }

    /// Pages that a SQLite connection keeps in memory, in KiB.
    fn cache_kib(self) -> u32 {
        if matches!(self, Self::Writing { .. }) { 32 * 1024 } else { 4 * 1024 }
    }
}

impl Pool {
    pub(crate) async fn open(
        settings: &DatabaseSettings,
        purpose: Use,
        size: u32,
    ) -> Result<Self, StoreError> {
        if settings.url.starts_with("sqlite:") {
            return Ok(Self::Sqlite(open_sqlite(settings, purpose, size).await?));
        }
        Ok(Self::Postgres(open_postgres(settings, purpose, size).await?))
    }

    /// A pool of so many connections; `None` for none.
    pub(crate) async fn open_some(
        settings: &DatabaseSettings,
        purpose: Use,
        size: u32,
    ) -> Result<Option<Self>, StoreError> {
        if size == 0 { Ok(None) } else { Self::open(settings, purpose, size).await.map(Some) }
    }

    pub(crate) fn connection(&self) -> DatabaseConnection {
        match self {
            Self::Postgres(pool) => SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone()),
            Self::Sqlite(pool) => SqlxSqliteConnector::from_sqlx_sqlite_pool(pool.clone()),
        }
    }

    /// Open connections, and those of them that nobody uses.
    pub(crate) fn size(&self) -> (u32, u32) {
        let (open, idle) = match self {
            Self::Postgres(pool) => (pool.size(), pool.num_idle()),
            Self::Sqlite(pool) => (pool.size(), pool.num_idle()),
        };
        (open, u32::try_from(idle).unwrap_or(u32::MAX))
    }
}

/// How the connections are shared out.
pub(crate) struct Shares {
    /// For everything.
    pub(crate) any: u32,
    /// For reading alone: a quarter, where there are four at least.
    pub(crate) reading: u32,
    /// For writing to a SQLite file: one, where there are two at least.
    pub(crate) writing: u32,
}

impl Shares {
    pub(crate) fn of(settings: &DatabaseSettings) -> Self {
        let all = settings.max_connections;
        if is_in_memory(settings) {
            return Self { any: all, reading: 0, writing: 0 };
        }
        let reading = all / 4;
        let writing = u32::from(settings.url.starts_with("sqlite:") && all > 1);
        Self { any: all - reading - writing, reading, writing }
    }
}

pub(crate) fn postgres_options(settings: &DatabaseSettings) -> Result<PgConnectOptions, StoreError> {
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
    purpose: Use,
    size: u32,
) -> Result<sqlx::Pool<Postgres>, StoreError> {
    let mut pool = pool_options::<Postgres>(settings, size);
    let mut options = postgres_options(settings)?;
    if purpose == Use::Reading {
        options = options.options([("default_transaction_read_only", "on")]);
    }
    if purpose.is_guarded() {
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
    Ok(pool.connect_with(options).await?)
}

pub(crate) fn sqlite_options(settings: &DatabaseSettings) -> Result<SqliteConnectOptions, StoreError> {
    SqliteConnectOptions::from_str(&settings.url)
        .map_err(|_| StoreError::Settings("url is not a path to a SQLite file".to_owned()))
}

pub(crate) fn is_in_memory(settings: &DatabaseSettings) -> bool {
    settings.url.contains(":memory:") || settings.url.contains("mode=memory")
}

async fn open_sqlite(
    settings: &DatabaseSettings,
    purpose: Use,
    size: u32,
) -> Result<sqlx::Pool<Sqlite>, StoreError> {
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
        .pragma("cache_size", format!("-{}", purpose.cache_kib()))
        .pragma("wal_autocheckpoint", "4000")
        .pragma("journal_size_limit", "67108864")
        .log_statements("trace".parse().expect("the name of a level"));
    let options = if purpose == Use::Reading { options.pragma("query_only", "on") } else { options };
    let mut pool = pool_options::<Sqlite>(settings, size);
    if in_memory {
        // Each connection to `:memory:` would be a database of its own.
        pool = pool.max_connections(1).min_connections(1).idle_timeout(None).max_lifetime(None);
    }
    if purpose.is_guarded() {
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

fn pool_options<DB>(settings: &DatabaseSettings, size: u32) -> PoolOptions<DB>
where
    DB: sqlx::Database,
{
    PoolOptions::new()
        .max_connections(size)
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
