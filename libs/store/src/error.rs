//! What can go wrong between us and a database, and whether trying again may help.

use std::sync::Arc;

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, sqlx};

/// A failure of the database gear.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database or the way to it failed.
    #[error("database: {0}")]
    Database(#[source] DbErr),
    /// The turn to write did not come within the busy time-out (SQLite has one writer at a time).
    #[error("no turn to write within {waited_ms} ms")]
    Busy {
        /// How long was waited.
        waited_ms: u64,
    },
    /// An earlier statement of the transaction failed, so there is nothing that a commit could keep.
    #[error("the transaction failed before its commit and was rolled back")]
    Aborted,
    /// A setting cannot be used; names the setting and what is allowed.
    #[error("{0}")]
    Settings(String),
    /// The file system refused.
    #[error("file system: {0}")]
    Io(#[from] std::io::Error),
    /// A bulk statement was given columns that do not fit it: a mistake in the calling code.
    #[error("bulk statement on {table}: {problem}")]
    Shape {
        /// The table.
        table: String,
        /// What does not fit.
        problem: String,
    },
    /// A page cursor is not one that we gave out.
    #[error("this cursor is not one that was given out here")]
    Cursor,
}

impl StoreError {
    /// Whether the same work may succeed when it is done again: lost connections, deadlocks, serialisation failures,
    /// busy files, full disks, no free connection in time.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy { .. } => true,
            Self::Database(error) => is_transient(error),
            _ => false,
        }
    }

    /// Whether a unique key was in the way.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        match self {
            Self::Database(error) => sqlx_error(error)
                .and_then(sqlx::Error::as_database_error)
                .is_some_and(sqlx::error::DatabaseError::is_unique_violation),
            _ => false,
        }
    }
}

/// Whether the same work may succeed when it is done again; for errors that SeaORM answers itself.
#[must_use]
pub fn is_transient(error: &DbErr) -> bool {
    match error {
        DbErr::Conn(_) | DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => true,
        other => sqlx_error(other).is_some_and(sqlx_is_transient),
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(db_err(error))
    }
}

/// The same error in SeaORM's words.
pub(crate) fn db_err(error: sqlx::Error) -> DbErr {
    match error {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        other => DbErr::Query(RuntimeErr::SqlxError(Arc::new(other))),
    }
}

fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

fn sqlx_is_transient(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed
        | sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code_is_transient(&code)),
        _ => false,
    }
}

/// SQLSTATE on PostgreSQL: lost ways, lack of room, a server that ends or stands by. Extended result codes on SQLite,
/// whose low byte says busy 5, locked 6, no memory 7, input and output 10, full 13, cannot open 14.
fn code_is_transient(code: &str) -> bool {
    const CODES: [&str; 6] = ["40001", "40P01", "55P03", "57014", "25P03", "25006"];
    const CLASSES: [&str; 4] = ["08", "53", "57P", "58"];
    if code.len() == 5 {
        return CODES.contains(&code) || CLASSES.iter().any(|class| code.starts_with(class));
    }
    code.parse::<u32>().is_ok_and(|number| matches!(number & 0xff, 5 | 6 | 7 | 10 | 13 | 14))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_that_passes_is_told_from_mistakes_that_stay() {
        for passes in ["40001", "40P01", "08006", "53100", "57P01", "58030", "25006", "5", "517", "13", "778"]
        {
            assert!(code_is_transient(passes), "{passes}");
        }
        for stays in ["23505", "42P01", "22003", "2067", "1", "19", ""] {
            assert!(!code_is_transient(stays), "{stays}");
        }
    }
}
