//! The embedded carrier's file: streams, their parcels, and the floors of their consumers.

use std::sync::LazyLock;

use kernel::ParcelId;
use store::{
    Column, ColumnType, Database, SqlMigration, StoreError,
    bulk::{BulkInsert, BulkSelect},
    sea_orm::{ConnectionTrait as _, DbErr, QueryResult, Statement, Value},
    sea_orm_migration::MigrationTrait,
};
use uuid::Uuid;

use crate::{Parcel, StreamState};

const TABLES: &str = "
CREATE TABLE streams (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE parcels (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    stream TEXT NOT NULL,
    parcel_id BLOB NOT NULL,
    published_at INTEGER NOT NULL DEFAULT (unixepoch()),
    payload BLOB NOT NULL,
    UNIQUE (parcel_id, stream)
) STRICT;
CREATE INDEX parcels_by_stream ON parcels (stream);
CREATE TABLE durables (
    stream TEXT NOT NULL,
    name TEXT NOT NULL,
    floor INTEGER NOT NULL,
    PRIMARY KEY (stream, name)
) STRICT, WITHOUT ROWID;
";

static APPEND: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns =
        [("stream", ColumnType::Text), ("parcel_id", ColumnType::Uuid), ("payload", ColumnType::Bytes)];
    BulkInsert::new("parcels", &columns, "ON CONFLICT DO NOTHING")
});

static BY_PLACE: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("parcels", "seq, parcel_id, payload", ("seq", ColumnType::I64)));

/// A parcel and its place.
pub(super) struct Placed {
    pub(super) seq: u64,
    pub(super) parcel: Parcel,
}

pub(super) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    // Made for SQLite alone.
    vec![SqlMigration::new("m0000_bus", "", TABLES).boxed()]
}

pub(super) async fn ensure_stream(database: &Database, stream: &str) -> Result<(), StoreError> {
    write(database, "INSERT INTO streams (name) VALUES ($1) ON CONFLICT DO NOTHING", [stream.into()]).await
}

pub(super) async fn has_stream(database: &Database, stream: &str) -> Result<bool, StoreError> {
    let count = number(database, "SELECT COUNT(*) FROM streams WHERE name = $1", [stream.into()]).await?;
    Ok(count > 0)
}

pub(super) async fn forget_stream(database: &Database, stream: &str) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM durables WHERE stream = $1",
        "DELETE FROM parcels WHERE stream = $1",
        "DELETE FROM streams WHERE name = $1",
    ] {
        write(database, sql, [stream.into()]).await?;
    }
    Ok(())
}

/// Appends parcels; one that is there already is passed over.
pub(super) async fn append(database: &Database, stream: &str, parcels: &[Parcel]) -> Result<(), StoreError> {
    let streams = vec![stream; parcels.len()];
    let ids: Vec<Uuid> = parcels.iter().map(|parcel| parcel.id.as_uuid()).collect();
    let payloads: Vec<&[u8]> = parcels.iter().map(|parcel| &*parcel.payload).collect();
    let tx = database.begin().await?;
    APPEND.run(&tx, &[Column::Text(&streams), Column::Uuid(&ids), Column::Bytes(&payloads)]).await?;
    tx.commit().await
}

/// Drops some parcels that every consumer has done with and that are older than `keep_s` seconds.
pub(super) async fn prune(database: &Database, stream: &str, keep_s: i64) -> Result<(), StoreError> {
    let sql = "DELETE FROM parcels WHERE seq IN (SELECT seq FROM parcels WHERE stream = $1 \
               AND published_at < unixepoch() - $2 \
               AND seq <= (SELECT COALESCE(MIN(floor), 0) FROM durables WHERE stream = $1) \
               ORDER BY seq LIMIT 4096)";
    write(database, sql, [stream.into(), keep_s.into()]).await
}

pub(super) async fn after(
    database: &Database,
    stream: &str,
    seq: u64,
    limit: usize,
) -> Result<Vec<Placed>, StoreError> {
    let sql =
        "SELECT seq, parcel_id, payload FROM parcels WHERE stream = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    let values = [stream.into(), place(seq).into(), i64::try_from(limit).unwrap_or(i64::MAX).into()];
    let connection = database.connection();
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let rows = connection.query_all_raw(statement).await?;
    Ok(rows.iter().map(placed).collect::<Result<_, DbErr>>()?)
}

pub(super) async fn at(database: &Database, seqs: &[u64]) -> Result<Vec<Placed>, StoreError> {
    let places: Vec<i64> = seqs.iter().copied().map(place).collect();
    let rows = BY_PLACE.read(database, Column::I64(&places)).await?;
    let mut parcels = rows.iter().map(placed).collect::<Result<Vec<_>, DbErr>>()?;
    parcels.sort_unstable_by_key(|parcel| parcel.seq);
    Ok(parcels)
}

pub(super) async fn count_after(database: &Database, stream: &str, seq: u64) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) FROM parcels WHERE stream = $1 AND seq > $2";
    number(database, sql, [stream.into(), place(seq).into()]).await
}

pub(super) async fn stream_state(database: &Database, stream: &str) -> Result<StreamState, StoreError> {
    let count = "SELECT COUNT(*) FROM parcels WHERE stream = $1";
    let last = "SELECT COALESCE(MAX(seq), 0) FROM parcels WHERE stream = $1";
    Ok(StreamState {
        parcels: number(database, count, [stream.into()]).await?,
        last_seq: number(database, last, [stream.into()]).await?,
    })
}

pub(super) async fn ensure_durable(database: &Database, stream: &str, name: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO durables (stream, name, floor) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING";
    write(database, sql, [stream.into(), name.into()]).await
}

pub(super) async fn floor(database: &Database, stream: &str, name: &str) -> Result<u64, StoreError> {
    let sql = "SELECT COALESCE(MAX(floor), 0) FROM durables WHERE stream = $1 AND name = $2";
    number(database, sql, [stream.into(), name.into()]).await
}

pub(super) async fn write_floor(
    database: &Database,
    stream: &str,
    name: &str,
    floor: u64,
) -> Result<(), StoreError> {
    let sql = "UPDATE durables SET floor = $1 WHERE stream = $2 AND name = $3";
    write(database, sql, [place(floor).into(), stream.into(), name.into()]).await
}

pub(super) async fn forget_durable(database: &Database, stream: &str, name: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM durables WHERE stream = $1 AND name = $2";
    write(database, sql, [stream.into(), name.into()]).await
}

async fn write<const N: usize>(database: &Database, sql: &str, values: [Value; N]) -> Result<(), StoreError> {
    let tx = database.begin().await?;
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    tx.commit().await
}

async fn number<const N: usize>(
    database: &Database,
    sql: &str,
    values: [Value; N],
) -> Result<u64, StoreError> {
    let connection = database.connection();
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let row = connection.query_one_raw(statement).await?;
    let number: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(u64::try_from(number).unwrap_or_default())
}

fn placed(row: &QueryResult) -> Result<Placed, DbErr> {
    let seq: i64 = row.try_get_by_index(0)?;
    let payload: Vec<u8> = row.try_get_by_index(2)?;
    let parcel = Parcel { id: ParcelId::from_uuid(row.try_get_by_index(1)?), payload: payload.into() };
    Ok(Placed { seq: u64::try_from(seq).unwrap_or_default(), parcel })
}

/// SQLite counts in signed numbers; places never come near their end.
fn place(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
