//! Dead letters: facts that a consumer could not take, set aside in its inbox transaction so that they stop nobody, and
//! kept until a person has them replayed.

use std::sync::LazyLock;

use kernel::{FactId, ParcelId, Timestamp};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};
use uuid::Uuid;

use crate::{Backend, Column, ColumnType, Database, StoreError, Tx, bulk::BulkInsert};

static RECORD: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [
        ("consumer", ColumnType::Text),
        ("stream", ColumnType::Text),
        ("parcel_id", ColumnType::Uuid),
        ("fact_id", ColumnType::Uuid),
        ("kind", ColumnType::Text),
        ("reason", ColumnType::Text),
        ("attempts", ColumnType::I32),
        ("payload", ColumnType::Bytes),
        ("recorded_at", ColumnType::I64),
    ];
    BulkInsert::new("dead_letters", &columns, "")
});

const FIELDS: &str =
    "consumer, stream, parcel_id, fact_id, kind, reason, attempts, payload, recorded_at, id, resolved_at";

/// A fact set aside, or a whole parcel that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Who could not take it.
    pub consumer: String,
    /// Whose stream it came from.
    pub stream: String,
    /// The parcel it came in.
    pub parcel_id: ParcelId,
    /// The fact, where it could be told.
    pub fact_id: Option<FactId>,
    /// The fact's type, where it could be told.
    pub kind: Option<String>,
    /// Why, in words for an operator; never with personal data.
    pub reason: String,
    /// How often it was tried.
    pub attempts: i32,
    /// The fact as it came, or the whole parcel.
    pub payload: Vec<u8>,
    /// When it was set aside.
    pub recorded_at: Timestamp,
}

/// A dead letter as it lies in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptLetter {
    /// Its place in the table.
    pub id: i64,
    /// The letter.
    pub letter: DeadLetter,
    /// When it was replayed with success.
    pub resolved_at: Option<Timestamp>,
}

/// Sets letters aside, in the inbox transaction of their consumer.
///
/// # Errors
/// When the database refuses.
pub async fn record(tx: &Tx, letters: &[DeadLetter]) -> Result<(), StoreError> {
    fn each<'l, T>(letters: &'l [DeadLetter], field: impl Fn(&'l DeadLetter) -> T) -> Vec<T> {
        letters.iter().map(field).collect()
    }
    let columns = [
        Column::Text(&each(letters, |letter| letter.consumer.as_str())),
        Column::Text(&each(letters, |letter| letter.stream.as_str())),
        Column::Uuid(&each(letters, |letter| letter.parcel_id.as_uuid())),
        Column::UuidOrNull(&each(letters, |letter| letter.fact_id.map(FactId::as_uuid))),
        Column::TextOrNull(&each(letters, |letter| letter.kind.as_deref())),
        Column::Text(&each(letters, |letter| letter.reason.as_str())),
        Column::I32(&each(letters, |letter| letter.attempts)),
        Column::Bytes(&each(letters, |letter| letter.payload.as_slice())),
        Column::I64(&each(letters, |letter| letter.recorded_at.micros())),
    ];
    RECORD.run(tx, &columns).await.map(drop)
}

/// Letters of all consumers that wait to be replayed, past the place `after` (0 to begin), oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(database: &Database, after: i64, limit: u32) -> Result<Vec<KeptLetter>, StoreError> {
    let sql = format!(
        "SELECT {FIELDS} FROM dead_letters WHERE resolved_at IS NULL AND id > $1 ORDER BY id LIMIT $2"
    );
    letters(database.connection(), &sql, [after.into(), i64::from(limit).into()]).await
}

/// How many letters of `consumer` wait to be replayed.
///
/// # Errors
/// When the database refuses.
pub async fn count(database: &Database, consumer: &str) -> Result<u64, StoreError> {
    let connection = database.connection();
    let sql = "SELECT COUNT(*) FROM dead_letters WHERE consumer = $1 AND resolved_at IS NULL";
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [consumer.into()]);
    let row = connection.query_one_raw(statement).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// The next letter of `consumer` past the place `after` that waits, locked until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn take(tx: &Tx, consumer: &str, after: i64) -> Result<Option<KeptLetter>, StoreError> {
    let lock = match tx.backend() {
        Backend::Postgres => " FOR UPDATE",
        Backend::Sqlite => "",
    };
    let sql = format!(
        "SELECT {FIELDS} FROM dead_letters WHERE consumer = $1 AND resolved_at IS NULL AND id > $2 \
         ORDER BY id LIMIT 1{lock}"
    );
    Ok(letters(tx, &sql, [consumer.into(), after.into()]).await?.pop())
}

/// Marks a letter as replayed with success.
///
/// # Errors
/// When the database refuses.
pub async fn resolve(tx: &Tx, id: i64, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE dead_letters SET resolved_at = $1 WHERE id = $2";
    let statement =
        Statement::from_sql_and_values(tx.get_database_backend(), sql, [now.micros().into(), id.into()]);
    tx.execute_raw(statement).await?;
    Ok(())
}

async fn letters<C: ConnectionTrait>(
    connection: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<KeptLetter>, StoreError> {
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let rows = connection.query_all_raw(statement).await?;
    Ok(rows.iter().map(kept_letter).collect::<Result<_, DbErr>>()?)
}

fn kept_letter(row: &QueryResult) -> Result<KeptLetter, DbErr> {
    let fact_id: Option<Uuid> = row.try_get_by_index(3)?;
    let resolved_at: Option<i64> = row.try_get_by_index(10)?;
    let letter = DeadLetter {
        consumer: row.try_get_by_index(0)?,
        stream: row.try_get_by_index(1)?,
        parcel_id: ParcelId::from_uuid(row.try_get_by_index(2)?),
        fact_id: fact_id.map(FactId::from_uuid),
        kind: row.try_get_by_index(4)?,
        reason: row.try_get_by_index(5)?,
        attempts: row.try_get_by_index(6)?,
        payload: row.try_get_by_index(7)?,
        recorded_at: Timestamp::from_micros(row.try_get_by_index(8)?),
    };
    let resolved_at = resolved_at.map(Timestamp::from_micros);
    Ok(KeptLetter { id: row.try_get_by_index(9)?, letter, resolved_at })
}
