//! Members whose data was erased, and what led to them.

use kernel::{BranchCode, MemberId, Timestamp};
use sea_orm::{ConnectionTrait, Statement};
use store::{Database, StoreError, Tx};
use uuid::Uuid;

use super::rows::{at, query};

/// Notes that a member is erased, since when; `false` when it was noted before.
///
/// # Errors
/// When the database refuses.
pub async fn note(tx: &Tx, member: MemberId, erased_at: Timestamp) -> anyhow::Result<bool> {
    let sql = "INSERT INTO erased_members (member_id, erased_at) VALUES ($1, $2) ON CONFLICT (member_id) DO NOTHING";
    let values = [member.as_uuid().into(), erased_at.micros().into()];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    Ok(tx.execute_raw(statement).await.map_err(StoreError::from)?.rows_affected() == 1)
}

/// What is forgotten of an erased member: by what they were found, with whom they belong together, when their occasions
/// were (which tells a birthday), in which segments they were, what plan they paid for, and what people wrote about them.
const FORGET: [&str; 11] = [
    "DELETE FROM identifiers WHERE member_id = $1",
    "UPDATE households SET household = member_id, counts = 0, head = 0 WHERE member_id = $1",
    "DELETE FROM occasions WHERE member_id = $1",
    "DELETE FROM segment_members WHERE member_id = $1",
    "DELETE FROM guards WHERE member_id = $1",
    "UPDATE members SET confirmed_at = NULL WHERE member_id = $1",
    "DELETE FROM plan_standings WHERE member_id = $1",
    "UPDATE journals SET reason = NULL WHERE member_id = $1 AND reason IS NOT NULL",
    "UPDATE proposals SET reason = '' WHERE member_id = $1",
    "UPDATE tier_grants SET reason = '', end_reason = NULL WHERE member_id = $1",
    "UPDATE transfers SET reason = NULL WHERE (sender = $1 OR receiver = $1) AND reason IS NOT NULL",
];

/// Forgets what there is to know of a member but their ledger.
///
/// # Errors
/// When the database refuses.
pub async fn forget(tx: &Tx, member: MemberId) -> anyhow::Result<()> {
    for sql in FORGET {
        let values = [member.as_uuid().into()];
        let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
        tx.execute_raw(statement).await.map_err(StoreError::from)?;
    }
    Ok(())
}

/// Some branch, always the same one; `None` while the chain has none, and so nobody has bought anything.
///
/// # Errors
/// When the database refuses.
pub async fn some_branch(tx: &Tx) -> anyhow::Result<Option<BranchCode>> {
    let rows = query(tx, "SELECT branch FROM branches ORDER BY branch LIMIT 1", []).await?;
    rows.first().map(|row| Ok(BranchCode::parse(&at::<String>(row, 0)?)?)).transpose()
}

/// Up to `limit` erased members whose ids come after `after`, in order, with when they were erased.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    database: &Database,
    after: Option<MemberId>,
    limit: u64,
) -> anyhow::Result<Vec<(MemberId, Timestamp)>> {
    let sql =
        "SELECT member_id, erased_at FROM erased_members WHERE member_id > $1 ORDER BY member_id LIMIT $2";
    let after = after.map_or(Uuid::nil(), MemberId::as_uuid);
    let on = database.connection();
    let values = [after.into(), i64::try_from(limit)?.into()];
    let statement = Statement::from_sql_and_values(on.get_database_backend(), sql, values);
    let rows = on.query_all_raw(statement).await.map_err(StoreError::from)?;
    let erased =
        rows.iter().map(|row| Ok((MemberId::from_uuid(at(row, 0)?), Timestamp::from_micros(at(row, 1)?))));
    erased.collect()
}
