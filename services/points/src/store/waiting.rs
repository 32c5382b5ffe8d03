//! Returns that wait for their purchases.

use kernel::{Digest16, JournalId, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use store::{Database, StoreError, Tx};
use uuid::Uuid;

use super::rows::at;

/// A return that waits, or that was refused when its purchase came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingRow {
    /// The return's id, which its journal will have.
    pub id: JournalId,
    /// The purchase that it waits for.
    pub original: JournalId,
    /// Digest of the caller and the idempotency key.
    pub idempotency_key: Digest16,
    /// Digest of everything that was asked.
    pub fingerprint: Digest16,
    /// What was asked, as JSON.
    pub asked: String,
    /// When it came.
    pub came_at: Timestamp,
    /// The code under which it was refused when its purchase came.
    pub refused: Option<String>,
}

const COLUMNS: &str = "id, original, idempotency_key, fingerprint, asked, came_at, refused";

/// Keeps a return, unless there is one of this id or key.
///
/// # Errors
/// When the database refuses.
pub async fn keep(tx: &Tx, row: &WaitingRow) -> anyhow::Result<()> {
    let sql = format!(
        "INSERT INTO waiting_returns ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, NULL) ON CONFLICT DO NOTHING"
    );
    let values: [Value; 6] = [
        row.id.as_uuid().into(),
        row.original.as_uuid().into(),
        Uuid::from_bytes(row.idempotency_key.0).into(),
        Uuid::from_bytes(row.fingerprint.0).into(),
        row.asked.clone().into(),
        row.came_at.micros().into(),
    ];
    execute(tx.connection(), &sql, values).await
}

/// A return that waits, by its id.
///
/// # Errors
/// When the database refuses, or the row cannot be read.
pub async fn find(tx: &Tx, id: JournalId) -> anyhow::Result<Option<WaitingRow>> {
    one(tx.connection(), id).await
}

/// The same outside a transaction.
///
/// # Errors
/// When the database refuses, or the row cannot be read.
pub async fn read(database: &Database, id: JournalId) -> anyhow::Result<Option<WaitingRow>> {
    one(database.connection(), id).await
}

async fn one(connection: &impl ConnectionTrait, id: JournalId) -> anyhow::Result<Option<WaitingRow>> {
    let sql = format!("SELECT {COLUMNS} FROM waiting_returns WHERE id = $1");
    let rows = query(connection, &sql, [id.as_uuid().into()]).await?;
    rows.first().map(waiting).transpose()
}

/// Returns whose purchases have come, so many at most.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn matched(database: &Database, most: u32) -> anyhow::Result<Vec<WaitingRow>> {
    let columns = COLUMNS.split(", ").map(|column| format!("w.{column}")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT {columns} FROM waiting_returns w JOIN journals j ON j.id = w.original \
         WHERE w.refused IS NULL LIMIT $1"
    );
    let rows = query(database.connection(), &sql, [i64::from(most).into()]).await?;
    rows.iter().map(waiting).collect()
}

/// A return waits no longer: it was recorded.
///
/// # Errors
/// When the database refuses.
pub async fn settle(tx: &Tx, id: JournalId) -> anyhow::Result<()> {
    execute(tx.connection(), "DELETE FROM waiting_returns WHERE id = $1", [id.as_uuid().into()]).await
}

/// A return waits no longer: it was refused under this code.
///
/// # Errors
/// When the database refuses.
pub async fn refuse(tx: &Tx, id: JournalId, code: &str) -> anyhow::Result<()> {
    let sql = "UPDATE waiting_returns SET refused = $2 WHERE id = $1";
    execute(tx.connection(), sql, [id.as_uuid().into(), code.into()]).await
}

fn waiting(row: &QueryResult) -> anyhow::Result<WaitingRow> {
    let digest = |value: Uuid| Digest16(*value.as_bytes());
    Ok(WaitingRow {
        id: JournalId::from_uuid(at(row, 0)?),
        original: JournalId::from_uuid(at(row, 1)?),
        idempotency_key: digest(at(row, 2)?),
        fingerprint: digest(at(row, 3)?),
        asked: at(row, 4)?,
        came_at: Timestamp::from_micros(at(row, 5)?),
        refused: at(row, 6)?,
    })
}

async fn query(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> anyhow::Result<Vec<QueryResult>> {
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    Ok(connection.query_all_raw(statement).await.map_err(StoreError::from)?)
}

async fn execute(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> anyhow::Result<()> {
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    connection.execute_raw(statement).await.map_err(StoreError::from)?;
    Ok(())
}
