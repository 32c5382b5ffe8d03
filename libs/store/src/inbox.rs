//! The inbox: which parcels a consumer has dealt with, written in the transaction of the effects.
//!
//! **A parcel takes effect once: whoever writes its inbox row does the work, in the same transaction.** Rows may be
//! pruned after a while; what must hold for ever rests on natural unique keys of the effects themselves.

use std::{collections::HashSet, sync::LazyLock};

use kernel::{ParcelId, Timestamp};
use sea_orm::{ConnectionTrait as _, DbErr, Statement};
use uuid::Uuid;

use crate::{Column, ColumnType, Database, StoreError, Tx, bulk::BulkInsert};

static CLAIM: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns =
        [("consumer", ColumnType::Text), ("parcel_id", ColumnType::Uuid), ("processed_at", ColumnType::I64)];
    BulkInsert::new("inbox", &columns, "ON CONFLICT DO NOTHING RETURNING parcel_id")
});

/// Writes the inbox rows of `parcels` for `consumer`; answers those that had none yet, which are the caller's to deal
/// with in this transaction.
///
/// # Errors
/// When the database refuses.
pub async fn claim(
    tx: &Tx,
    consumer: &str,
    parcels: &[ParcelId],
    now: Timestamp,
) -> Result<HashSet<ParcelId>, StoreError> {
    let mut ids: Vec<Uuid> = parcels.iter().map(|parcel| parcel.as_uuid()).collect();
    // In one order, so that two replicas that claim the same parcels never wait for each other in a circle.
    ids.sort_unstable();
    ids.dedup();
    let consumers = vec![consumer; ids.len()];
    let at = vec![now.micros(); ids.len()];
    let columns = [Column::Text(&consumers), Column::Uuid(&ids), Column::I64(&at)];
    let claimed = CLAIM.run_returning(tx, &columns).await?;
    let claimed = claimed.iter().map(|row| row.try_get_by_index(0).map(ParcelId::from_uuid));
    Ok(claimed.collect::<Result<_, DbErr>>()?)
}

/// Forgets inbox rows of `consumer` written before `before`; answers how many.
///
/// # Errors
/// When the database refuses.
pub async fn prune(database: &Database, consumer: &str, before: Timestamp) -> Result<u64, StoreError> {
    let tx = database.begin().await?;
    let sql = "DELETE FROM inbox WHERE consumer = $1 AND processed_at < $2";
    let values = [consumer.into(), before.micros().into()];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    let gone = tx.execute_raw(statement).await?.rows_affected();
    tx.commit().await?;
    Ok(gone)
}

/// How many parcels `consumer` has dealt with, as far as rows are kept.
///
/// # Errors
/// When the database refuses.
pub async fn count(database: &Database, consumer: &str) -> Result<u64, StoreError> {
    let connection = database.connection();
    let sql = "SELECT COUNT(*) FROM inbox WHERE consumer = $1";
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [consumer.into()]);
    let row = connection.query_one_raw(statement).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// The names of all parcels that a consumer has processed and that were not pruned; for audits.
///
/// # Errors
/// When the database refuses.
pub async fn all_ids(database: &Database, consumer: &str) -> Result<HashSet<ParcelId>, StoreError> {
    let connection = database.connection();
    let sql = "SELECT parcel_id FROM inbox WHERE consumer = $1";
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [consumer.into()]);
    let rows = connection.query_all_raw(statement).await?;
    let ids = rows.iter().map(|row| row.try_get_by_index(0).map(ParcelId::from_uuid));
    Ok(ids.collect::<Result<_, _>>()?)
}
