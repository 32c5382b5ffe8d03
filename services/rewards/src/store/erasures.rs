//! Members whose data was erased.

use std::{collections::HashSet, sync::LazyLock};

use kernel::{MemberId, Timestamp};
use sea_orm::ConnectionTrait;
use store::{Column, ColumnType, Tx, bulk::BulkSelect};
use uuid::Uuid;

use super::{at, execute, instant, query};
use crate::error::Error;

static ERASED: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("erased_members", "member_id", ("member_id", ColumnType::Uuid)));

/// Notes that a member is erased; `false` when it was noted before.
///
/// # Errors
/// A fault of the database.
pub async fn note(tx: &Tx, member: MemberId, when: Timestamp) -> Result<bool, Error> {
    let sql = "INSERT INTO erased_members (member_id, erased_at) VALUES ($1, $2) ON CONFLICT (member_id) DO NOTHING";
    Ok(execute(tx, sql, [member.as_uuid().into(), when.micros().into()]).await? == 1)
}

/// Whether a member is erased.
///
/// # Errors
/// A fault of the database.
pub async fn is_erased(on: &impl ConnectionTrait, member: MemberId) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM erased_members WHERE member_id = $1";
    Ok(!query(on, sql, [member.as_uuid().into()]).await?.is_empty())
}

/// Those of these members whose data is erased. Give each once.
///
/// # Errors
/// A fault of the database.
pub async fn among(tx: &Tx, members: &[Uuid]) -> Result<HashSet<MemberId>, Error> {
    let rows = ERASED.run(tx, Column::Uuid(members)).await?;
    rows.iter().map(|row| Ok(MemberId::from_uuid(at(row, 0)?))).collect()
}

/// Forgets how often the member had what, on which receipts their vouchers were used, and why something of theirs was cancelled.
///
/// # Errors
/// A fault of the database.
pub async fn forget(tx: &Tx, member: MemberId) -> Result<(), Error> {
    execute(tx, "DELETE FROM tallies WHERE member_id = $1", [member.as_uuid().into()]).await?;
    let reasons =
        "UPDATE redemptions SET cancelled_for = NULL WHERE member_id = $1 AND cancelled_for IS NOT NULL";
    execute(tx, reasons, [member.as_uuid().into()]).await?;
    let verdicts =
        "UPDATE fulfilments SET outcome_for = NULL WHERE member_id = $1 AND outcome_for IS NOT NULL";
    execute(tx, verdicts, [member.as_uuid().into()]).await?;
    let receipts = "UPDATE voucher_uses SET receipt = NULL \
                    WHERE voucher_id IN (SELECT id FROM vouchers WHERE member_id = $1) AND receipt IS NOT NULL";
    execute(tx, receipts, [member.as_uuid().into()]).await.map(drop)
}

/// Up to `limit` erased members whose ids come after `after`, in order, with when they were erased.
///
/// # Errors
/// A fault of the database.
pub async fn list(
    on: &impl ConnectionTrait,
    after: Option<MemberId>,
    limit: u64,
) -> Result<Vec<(MemberId, Timestamp)>, Error> {
    let sql =
        "SELECT member_id, erased_at FROM erased_members WHERE member_id > $1 ORDER BY member_id LIMIT $2";
    let after = after.map_or(Uuid::nil(), MemberId::as_uuid);
    let rows = query(on, sql, [after.into(), i64::try_from(limit).unwrap_or(i64::MAX).into()]).await?;
    rows.iter().map(|row| Ok((MemberId::from_uuid(at(row, 0)?), instant(at(row, 1)?)))).collect()
}
