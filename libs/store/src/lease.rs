//! Leases: at most one holder of a name at a time, for work that only one replica may do.
//!
//! A lease is a row with an end, by the database's own clock, so that replicas with wrong clocks agree. A holder that
//! stalls past the end loses it without noticing; work that must not overlap even then checks the term, which rises with
//! every change of hands.

use sea_orm::{ConnectionTrait as _, Statement, Value};
use uuid::Uuid;

use crate::{Database, StoreError, Tx, time::now_micros};

/// A lease that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// What it is for.
    pub name: String,
    /// Who holds it.
    pub holder: Uuid,
    /// Rises with every change of hands.
    pub term: i64,
}

/// Takes or prolongs the lease `name` for `ttl_ms` milliseconds; `None` while somebody else holds it.
///
/// # Errors
/// When the database refuses.
pub async fn acquire(
    database: &Database,
    name: &str,
    holder: Uuid,
    ttl_ms: u32,
) -> Result<Option<Lease>, StoreError> {
    let now = now_micros(database.backend());
    let sql = format!(
        "INSERT INTO leases (name, holder, expires_at, term) VALUES ($1, $2, {now} + $3, 1) \
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at, \
         term = leases.term + CASE WHEN leases.holder = excluded.holder THEN 0 ELSE 1 END \
         WHERE leases.holder = excluded.holder OR leases.expires_at <= {now} RETURNING term"
    );
    let tx = database.begin().await?;
    let ttl = i64::from(ttl_ms) * 1_000;
    let row = tx.query_one_raw(statement(&tx, &sql, [name.into(), holder.into(), ttl.into()])).await?;
    let term: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    tx.commit().await?;
    Ok(term.map(|term| Lease { name: name.to_owned(), holder, term }))
}

/// Prolongs a lease by `ttl_ms` milliseconds from now; `false` when it has gone to somebody else.
///
/// # Errors
/// When the database refuses.
pub async fn renew(database: &Database, lease: &Lease, ttl_ms: u32) -> Result<bool, StoreError> {
    let now = now_micros(database.backend());
    let sql =
        format!("UPDATE leases SET expires_at = {now} + $1 WHERE name = $2 AND holder = $3 AND term = $4");
    let ttl = i64::from(ttl_ms) * 1_000;
    let values = [ttl.into(), lease.name.as_str().into(), lease.holder.into(), lease.term.into()];
    Ok(write(database, &sql, values).await? == 1)
}

/// Gives a lease back before its end, so that another need not wait for it.
///
/// # Errors
/// When the database refuses.
pub async fn release(database: &Database, lease: &Lease) -> Result<(), StoreError> {
    let sql = "UPDATE leases SET expires_at = 0 WHERE name = $1 AND holder = $2 AND term = $3";
    let values = [lease.name.as_str().into(), lease.holder.into(), lease.term.into()];
    write(database, sql, values).await.map(drop)
}

async fn write(
    database: &Database,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, StoreError> {
    let tx = database.begin().await?;
    let touched = tx.execute_raw(statement(&tx, sql, values)).await?.rows_affected();
    tx.commit().await?;
    Ok(touched)
}

fn statement(tx: &Tx, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(tx.get_database_backend(), sql, values)
}
