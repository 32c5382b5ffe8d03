//! Rows and what they mean: the only room that knows the database.
//!
//! Functions that write take a transaction; functions that read take any connection.

pub mod attempts;
pub mod auditing;
pub mod calls;
pub mod campaign_lists;
pub mod campaign_members;
pub mod campaigns;
pub mod heard;
pub mod kept;
pub mod lately;
pub mod log;
pub mod members;
pub mod messages;
pub mod migrations;
pub mod queue;
pub mod templates;
pub mod wishes;

use anyhow::anyhow;
use kernel::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, TryGetable, Value};
use store::{Backend, StoreError, Tx};

use crate::error::Error;

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        StoreError::from(error).into()
    }
}

async fn query(
    on: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>, Error> {
    let statement = Statement::from_sql_and_values(on.get_database_backend(), sql, values);
    Ok(on.query_all_raw(statement).await?)
}

/// Runs a statement; answers how many rows it touched.
async fn execute(tx: &Tx, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, Error> {
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    Ok(tx.execute_raw(statement).await?.rows_affected())
}

/// Rows that another replica holds just now are passed over; SQLite has one writer, and needs no word for it.
fn passing_over(tx: &Tx) -> &'static str {
    if tx.backend() == Backend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" }
}

fn at<T: TryGetable>(row: &QueryResult, index: usize) -> Result<T, Error> {
    Ok(row.try_get_by_index(index)?)
}

fn instant(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

/// A count that a row holds as a signed number.
fn counted(number: i32) -> Result<u32, Error> {
    u32::try_from(number).map_err(|_| broken("a negative count"))
}

fn broken(what: &str) -> Error {
    Error::Fault(anyhow!("a row holds {what} that cannot be read"))
}
