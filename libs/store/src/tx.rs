//! A transaction: SeaORM's queries and our bulk statements run on it alike.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    sea_query::Values,
    sqlx::{self, AssertSqlSafe, Executor as _, Postgres, Sqlite},
};
use sea_query_sqlx::SqlxValues;
use tokio::sync::{Mutex, MutexGuard, OwnedMutexGuard};

use crate::{Backend, StoreError, error::db_err};

pub(crate) enum Held {
    Postgres(sqlx::Transaction<'static, Postgres>),
    Sqlite(sqlx::Transaction<'static, Sqlite>),
}

/// An open transaction. Dropped without [`Tx::commit`] it rolls back.
///
/// It is a SeaORM connection itself: `Entity::find().one(&tx)` and `Entity::find().one(tx.connection())` are the same.
pub struct Tx {
    // Fields drop in this order: the transaction rolls back before the next writer gets its turn.
    held: Mutex<Held>,
    backend: Backend,
    failed: AtomicBool,
    tells: AtomicBool,
    /// How long one statement may take; the connection may have gone silent without a word.
    patience: Option<Duration>,
    _turn: Option<OwnedMutexGuard<()>>,
}

/// Runs the same expression on whichever transaction is held, and remembers a failure.
macro_rules! on_held {
    ($tx:expr, $conn:ident => $run:expr) => {{
        let mut held = $tx.hold().await;
        let work = async {
            match &mut *held {
                Held::Postgres(tx) => {
                    let $conn = &mut **tx;
                    $run
                }
                Held::Sqlite(tx) => {
                    let $conn = &mut **tx;
                    $run
                }
            }
        };
        $tx.watch(work).await
    }};
}

impl Tx {
    pub(crate) fn new(held: Held, turn: Option<OwnedMutexGuard<()>>, patience: Option<Duration>) -> Self {
        let backend = match held {
            Held::Postgres(_) => Backend::Postgres,
            Held::Sqlite(_) => Backend::Sqlite,
        };
        Self {
            held: Mutex::new(held),
            backend,
            failed: AtomicBool::new(false),
            tells: AtomicBool::new(false),
            patience,
            _turn: turn,
        }
    }

    /// For SeaORM's queries.
    #[must_use]
    pub fn connection(&self) -> &Self {
        self
    }

    /// Which database it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Whether a parcel was staged in it, so that a relay has something to do after the commit.
    #[must_use]
    pub fn tells(&self) -> bool {
        self.tells.load(Ordering::Acquire)
    }

    /// A parcel was staged in it.
    pub fn note_parcel(&self) {
        self.tells.store(true, Ordering::Release);
    }

    /// Makes everything done in the transaction last.
    ///
    /// # Errors
    /// [`StoreError::Aborted`] when a statement of it failed (PostgreSQL would answer such a commit with a silent
    /// rollback); otherwise why it could not be kept. After an error of the connection the outcome is unknown.
    pub async fn commit(self) -> Result<(), StoreError> {
        let failed = self.failed.load(Ordering::Acquire);
        let patience = self.patience;
        let end = async {
            match self.held.into_inner() {
                Held::Postgres(tx) if failed => {
                    tx.rollback().await?;
                    Err(StoreError::Aborted)
                }
                Held::Postgres(tx) => Ok(tx.commit().await?),
                Held::Sqlite(tx) => Ok(tx.commit().await?),
            }
        };
        match patience {
            Some(patience) => {
                tokio::time::timeout(patience, end).await.unwrap_or_else(|_| Err(silent().into()))
            }
            None => end.await,
        }
    }

    /// Undoes everything done in the transaction.
    ///
    /// # Errors
    /// When the connection is lost, which undoes it as well.
    pub async fn rollback(self) -> Result<(), StoreError> {
        match self.held.into_inner() {
            Held::Postgres(tx) => tx.rollback().await?,
            Held::Sqlite(tx) => tx.rollback().await?,
        }
        Ok(())
    }

    /// Sets a mark to which [`Tx::rollback_to_savepoint`] goes back. Marks nest: the last one set is the
    /// first one taken away.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn savepoint(&self) -> Result<(), StoreError> {
        self.run_fixed("SAVEPOINT mark").await
    }

    /// Undoes what was done since the mark and takes the mark away; the transaction is good again.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn rollback_to_savepoint(&self) -> Result<(), StoreError> {
        self.run_fixed("ROLLBACK TO SAVEPOINT mark").await?;
        self.failed.store(false, Ordering::Release);
        self.release_savepoint().await
    }

    /// Takes the mark away and keeps what was done since.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn release_savepoint(&self) -> Result<(), StoreError> {
        self.run_fixed("RELEASE SAVEPOINT mark").await
    }

    async fn run_fixed(&self, sql: &'static str) -> Result<(), StoreError> {
        on_held!(self, conn => conn.execute(sql).await.map(drop))?;
        Ok(())
    }

    pub(crate) async fn hold(&self) -> MutexGuard<'_, Held> {
        self.held.lock().await
    }

    /// Runs a piece of the transaction in bounded time, and remembers that the transaction is lost when it fails.
    pub(crate) async fn watch<T, E: From<sqlx::Error>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let outcome = match self.patience {
            Some(patience) => {
                tokio::time::timeout(patience, work).await.unwrap_or_else(|_| Err(silent().into()))
            }
            None => work.await,
        };
        if outcome.is_err() {
            self.failed.store(true, Ordering::Release);
        }
        outcome
    }
}

/// What is told when a statement gets no answer: the way to the database is as good as cut.
fn silent() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the database does not answer"))
}

fn bound(statement: Statement) -> (AssertSqlSafe<String>, SqlxValues) {
    (AssertSqlSafe(statement.sql), SqlxValues(statement.values.unwrap_or_else(|| Values(Vec::new()))))
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        match self.backend {
            Backend::Postgres => DbBackend::Postgres,
            Backend::Sqlite => DbBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let (sql, values) = bound(statement);
        on_held!(self, conn => sqlx::query_with(sql, values).execute(conn).await.map(ExecResult::from))
            .map_err(db_err)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        on_held!(self, conn => conn.execute(AssertSqlSafe(sql)).await.map(ExecResult::from)).map_err(db_err)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let (sql, values) = bound(statement);
        on_held!(self, conn => {
            sqlx::query_with(sql, values).fetch_optional(conn).await.map(|row| row.map(QueryResult::from))
        })
        .map_err(db_err)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let (sql, values) = bound(statement);
        on_held!(self, conn => {
            sqlx::query_with(sql, values)
                .fetch_all(conn)
                .await
                .map(|rows| rows.into_iter().map(QueryResult::from).collect())
        })
        .map_err(db_err)
    }
}
