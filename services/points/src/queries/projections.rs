//! What did points hear of others, and what will others have heard of points? For comparisons.

use anyhow::Context as _;
use kernel::{Digest16, IdentifierKind, MemberId};
use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use store::{Database, StoreError};
use uuid::Uuid;

use crate::store::tables::{branch, identifier};

/// Every keyed hash that was heard of.
///
/// # Errors
/// When the database refuses.
pub async fn identifiers(
    database: &Database,
) -> anyhow::Result<Vec<(Digest16, MemberId, IdentifierKind, bool)>> {
    let rows = identifier::Entity::find().all(database.connection()).await.map_err(StoreError::from)?;
    rows.into_iter()
        .map(|row| {
            let kind = IdentifierKind::from_word(&row.kind).context("a kind of identifier")?;
            Ok((Digest16(*row.digest.as_bytes()), MemberId::from_uuid(row.member_id), kind, row.active))
        })
        .collect()
}

/// Every branch that was heard of, with its region.
///
/// # Errors
/// When the database refuses.
pub async fn branches(database: &Database) -> anyhow::Result<Vec<(String, String)>> {
    let rows = branch::Entity::find().all(database.connection()).await.map_err(StoreError::from)?;
    Ok(rows.into_iter().map(|row| (row.branch, row.region)).collect())
}

/// For every account: the member, its version, and how many purchases it has.
///
/// # Errors
/// When the database refuses.
pub async fn purchase_counts(database: &Database) -> anyhow::Result<Vec<(MemberId, u64, u64)>> {
    let connection = database.connection();
    let sql = "SELECT member_id, max(version), count(idempotency_key) FROM journals GROUP BY member_id";
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await;
    rows.map_err(StoreError::from)?
        .iter()
        .map(|row| {
            let member: Uuid = row.try_get_by_index(0).map_err(StoreError::from)?;
            let version: i64 = row.try_get_by_index(1).map_err(StoreError::from)?;
            let purchases: i64 = row.try_get_by_index(2).map_err(StoreError::from)?;
            Ok((MemberId::from_uuid(member), u64::try_from(version)?, u64::try_from(purchases)?))
        })
        .collect()
}
