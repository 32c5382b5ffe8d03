//! Rows and what they mean: the only room that knows the database.
//!
//! Functions that write take a transaction; functions that read take any connection.

pub mod auditing;
pub mod bearer_codes;
pub mod beginnings;
pub mod cancellations;
pub mod challenge_entries;
pub mod challenges;
pub mod code_batches;
pub mod coupons;
pub mod draw_entries;
pub mod draw_wins;
pub mod draws;
pub mod erasures;
pub mod events;
pub mod fulfilments;
pub mod gift_rules;
pub mod gifts;
pub mod guesses;
pub mod kept;
mod kept_challenges;
mod kept_draws;
mod kept_offers;
pub mod merging;
pub mod migrations;
pub mod money;
pub mod money_flows;
pub mod offers;
pub mod personal_offers;
pub mod places;
pub mod redemptions;
pub mod reminders;
pub mod sagas;
pub mod seats;
pub mod shoppers;
pub mod statements;
pub mod stock;
pub mod takings;
pub mod tallies;
pub mod tastes;
pub mod uses;
pub mod vouchers;

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

/// Holds the rows that a statement of this transaction reads against others; SQLite has one writer, and needs no word for it.
fn held(tx: &Tx) -> &'static str {
    if tx.backend() == Backend::Postgres { " FOR UPDATE" } else { "" }
}

/// Against whoever would change it, and not against others who read it so.
fn shared(tx: &Tx) -> &'static str {
    if tx.backend() == Backend::Postgres { " FOR SHARE" } else { "" }
}

fn at<T: TryGetable>(row: &QueryResult, index: usize) -> Result<T, Error> {
    Ok(row.try_get_by_index(index)?)
}

fn instant(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn micros(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::micros)
}

fn broken(what: &str) -> Error {
    Error::Fault(anyhow!("a row holds {what} that cannot be read"))
}
