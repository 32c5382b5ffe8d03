//! Redemptions of rewards: which are over, and what became of their holds.

use std::{collections::HashSet, sync::LazyLock};

use kernel::{JournalId, Points, RedemptionId, Timestamp};
use sea_orm::{ConnectionTrait as _, Statement};
use store::{Column, ColumnType, Database, StoreError, Tx, bulk::BulkSelect};
use uuid::Uuid;

use super::rows::{at, query};
use crate::domain::{JournalKind, is_of_redemption};

static ENDED: LazyLock<BulkSelect> = LazyLock::new(|| {
    BulkSelect::new("ended_redemptions", "redemption_id", ("redemption_id", ColumnType::Uuid))
});

/// Notes that a redemption came to nothing, and why; `false` when it was noted before.
///
/// # Errors
/// When the database refuses.
pub async fn end(tx: &Tx, redemption: RedemptionId, reason: &str, now: Timestamp) -> anyhow::Result<bool> {
    let sql = "INSERT INTO ended_redemptions (redemption_id, reason, ended_at) VALUES ($1, $2, $3) \
               ON CONFLICT (redemption_id) DO NOTHING";
    let values = [redemption.as_uuid().into(), reason.into(), now.micros().into()];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    Ok(tx.execute_raw(statement).await.map_err(StoreError::from)?.rows_affected() == 1)
}

/// Whether a redemption came to nothing.
///
/// # Errors
/// When the database refuses.
pub async fn has_ended(tx: &Tx, redemption: RedemptionId) -> anyhow::Result<bool> {
    let sql = "SELECT 1 FROM ended_redemptions WHERE redemption_id = $1";
    Ok(!query(tx, sql, [redemption.as_uuid().into()]).await?.is_empty())
}

/// Those of these redemptions that came to nothing.
///
/// # Errors
/// When the database refuses.
pub async fn ended(tx: &Tx, redemptions: &[Uuid]) -> anyhow::Result<HashSet<RedemptionId>> {
    let rows = ENDED.run(tx, Column::Uuid(redemptions)).await?;
    rows.iter().map(|row| Ok(RedemptionId::from_uuid(at(row, 0)?))).collect()
}

/// What redemptions took: how many points, and whether they were redeemed or are free again; nothing while they are set aside.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn holds(database: &Database) -> anyhow::Result<Vec<(RedemptionId, Points, Option<bool>)>> {
    let tx = database.snapshot().await?;
    let sql = "SELECT h.id, h.points, \
                      (SELECT MIN(e.kind) FROM journals e WHERE e.original = h.id AND e.kind IN ($2, $3)), \
                      (SELECT COUNT(*) FROM asides a WHERE a.member_id = h.member_id AND a.hold_id = h.id) \
               FROM journals h WHERE h.kind = $1";
    let kinds =
        [JournalKind::Hold, JournalKind::Release, JournalKind::Capture].map(|kind| kind.number().into());
    let rows = query(&tx, sql, kinds).await?;
    let at_once = "SELECT original, points FROM journals WHERE kind = $1 AND original IS NOT NULL";
    let redeemed = query(&tx, at_once, [JournalKind::Redemption.number().into()]).await?;
    tx.rollback().await?;
    let mut holds = Vec::new();
    for row in &redeemed {
        let id = at(row, 0)?;
        if is_of_redemption(JournalId::from_uuid(id)) {
            let points = Points::ZERO.minus(Points::new(at(row, 1)?))?;
            holds.push((RedemptionId::from_uuid(id), points, Some(true)));
        }
    }
    for row in &rows {
        let id = at(row, 0)?;
        if !is_of_redemption(JournalId::from_uuid(id)) {
            continue;
        }
        let ended: Option<i16> = at(row, 2)?;
        let captured = ended.map(|kind| kind == JournalKind::Capture.number());
        // Closing an account frees what it held, without a word about each hold.
        let freed = captured.is_none() && at::<i64>(row, 3)? == 0;
        let points = Points::ZERO.minus(Points::new(at(row, 1)?))?;
        holds.push((RedemptionId::from_uuid(id), points, if freed { Some(false) } else { captured }));
    }
    Ok(holds)
}

/// The redemptions whose points came back, each as often as they did.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn refunded(database: &Database) -> anyhow::Result<Vec<RedemptionId>> {
    let tx = database.snapshot().await?;
    let sql = "SELECT c.original FROM journals u JOIN journals c ON c.id = u.original AND c.kind IN ($2, $3) \
               WHERE u.kind = $1 AND c.original IS NOT NULL";
    let kinds = [JournalKind::RedemptionReversal, JournalKind::Capture, JournalKind::Redemption];
    let kinds = kinds.map(|kind| kind.number().into());
    let rows = query(&tx, sql, kinds).await?;
    tx.rollback().await?;
    let mut refunded = Vec::new();
    for row in &rows {
        let id = at(row, 0)?;
        if is_of_redemption(JournalId::from_uuid(id)) {
            refunded.push(RedemptionId::from_uuid(id));
        }
    }
    Ok(refunded)
}
