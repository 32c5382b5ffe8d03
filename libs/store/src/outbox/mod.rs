//! The outbox: what a service tells the others, written in the transaction of the change that it tells about.
//!
//! One row a transaction, holding that transaction's facts (a parcel). **Rows are found by what is not yet published,
//! never by "later than the last one": transactions commit in another order than they draw their numbers.** Rows stay
//! after they are published: any stream can be filled again from here.

mod drain;

pub use drain::Drain;

use std::sync::LazyLock;

use kernel::{ParcelId, Timestamp};
use sea_orm::{ConnectionTrait as _, DbErr, QueryResult, Statement, Value};
use uuid::Uuid;

use crate::{
    Column, ColumnType, Database, StoreError, Tx,
    bulk::{BulkInsert, BulkUpdate},
};

/// The statement that [`stage`] runs, for those who put it together with others ([`crate::bulk::BulkTogether`]); its columns are
/// [`Staged`].
pub static STAGE: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns =
        [("parcel_id", ColumnType::Uuid), ("created_at", ColumnType::I64), ("payload", ColumnType::Bytes)];
    BulkInsert::new("outbox", &columns, "")
});

static MARK: LazyLock<BulkUpdate> = LazyLock::new(|| {
    BulkUpdate::new("outbox", &[("id", ColumnType::I64)], &[("published_at", ColumnType::I64)])
});

/// What one transaction tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParcelRow {
    /// Names the parcel for ever; consumers recognise a second delivery by it.
    pub parcel_id: ParcelId,
    /// When it was staged.
    pub created_at: Timestamp,
    /// The encoded facts.
    pub payload: Vec<u8>,
}

/// A parcel as it lies in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// The place in this outbox; rises, with gaps.
    pub id: i64,
    /// The parcel.
    pub parcel: ParcelRow,
}

/// A parcel as the columns of [`STAGE`].
pub struct Staged<'a> {
    parcel_id: [Uuid; 1],
    created_at: [i64; 1],
    payload: [&'a [u8]; 1],
}

impl<'a> Staged<'a> {
    /// The columns of this parcel.
    #[must_use]
    pub fn of(row: &'a ParcelRow) -> Self {
        Self {
            parcel_id: [row.parcel_id.as_uuid()],
            created_at: [row.created_at.micros()],
            payload: [&row.payload],
        }
    }

    /// In the statement's order.
    #[must_use]
    pub fn columns(&self) -> [Column<'_>; 3] {
        [Column::Uuid(&self.parcel_id), Column::I64(&self.created_at), Column::Bytes(&self.payload)]
    }
}

/// Puts a parcel into the outbox, in the transaction of the change that it tells about.
///
/// # Errors
/// When the database refuses.
pub async fn stage(tx: &Tx, row: &ParcelRow) -> Result<(), StoreError> {
    tx.note_parcel();
    STAGE.run(tx, &Staged::of(row).columns()).await.map(drop)
}

/// The parcels that are not marked as published, lowest place first, `limit` at most.
///
/// # Errors
/// When the database refuses.
pub async fn unpublished(database: &Database, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
    let sql = "SELECT id, parcel_id, created_at, payload FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT $1";
    rows(database, sql, [i64::from(limit).into()]).await
}

/// Marks parcels as published, by their places in the outbox.
///
/// # Errors
/// When the database refuses.
pub async fn mark_published(database: &Database, ids: &[i64], now: Timestamp) -> Result<(), StoreError> {
    let at = vec![now.micros(); ids.len()];
    let tx = database.begin().await?;
    MARK.run(&tx, &[Column::I64(ids), Column::I64(&at)]).await?;
    tx.commit().await
}

/// When the oldest parcel was staged that is not marked as published.
///
/// # Errors
/// When the database refuses.
pub async fn oldest_unpublished_at(database: &Database) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT created_at FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT 1";
    let connection = database.connection();
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await?;
    let at: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    Ok(at.map(Timestamp::from_micros))
}

/// A page of the whole outbox, published or not, past the place `after` (0 to begin); `limit` rows at most.
///
/// # Errors
/// When the database refuses.
pub async fn page(database: &Database, after: i64, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
    let sql = "SELECT id, parcel_id, created_at, payload FROM outbox WHERE id > $1 ORDER BY id LIMIT $2";
    rows(database, sql, [after.into(), i64::from(limit).into()]).await
}

/// The names of all parcels, each with whether it is marked as published, lowest place first; for audits.
///
/// # Errors
/// When the database refuses.
pub async fn all_ids(database: &Database) -> Result<Vec<(ParcelId, bool)>, StoreError> {
    let sql = "SELECT parcel_id, published_at FROM outbox ORDER BY id";
    let connection = database.connection();
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await?;
    let read = |row: &QueryResult| {
        let published: Option<i64> = row.try_get_by_index(1)?;
        Ok((ParcelId::from_uuid(row.try_get_by_index(0)?), published.is_some()))
    };
    Ok(rows.iter().map(read).collect::<Result<_, DbErr>>()?)
}

async fn rows(
    database: &Database,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<OutboxRow>, StoreError> {
    let connection = database.connection();
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let rows = connection.query_all_raw(statement).await?;
    Ok(rows.iter().map(outbox_row).collect::<Result<_, DbErr>>()?)
}

fn outbox_row(row: &QueryResult) -> Result<OutboxRow, DbErr> {
    Ok(OutboxRow {
        id: row.try_get_by_index(0)?,
        parcel: ParcelRow {
            parcel_id: ParcelId::from_uuid(row.try_get_by_index(1)?),
            created_at: Timestamp::from_micros(row.try_get_by_index(2)?),
            payload: row.try_get_by_index(3)?,
        },
    })
}
