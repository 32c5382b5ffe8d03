//! Members who turned out to be others, and members who are erased.

use kernel::{MemberId, Timestamp};
use sea_orm::ConnectionTrait;
use store::Tx;
use uuid::Uuid;

use super::{at, execute, instant, query};
use crate::error::Error;

/// What is a member's and moves when two are merged. What both were told of the same cause stays once with the one who stays.
const MOVES: [&str; 6] =
    ["messages", "wishes", "unknown_texts", "campaign_members", "campaign_lists", "calls"];

/// What both have of these tables the one who stays keeps: the columns that make two rows the same.
const TWICE: [(&str, &str); 5] = [
    ("messages", "own.kind = messages.kind AND own.cause = messages.cause"),
    ("wishes", "own.topic = wishes.topic AND own.channel = wishes.channel"),
    ("campaign_members", "own.campaign = campaign_members.campaign AND own.cause = campaign_members.cause"),
    ("campaign_lists", "own.campaign = campaign_lists.campaign"),
    ("calls", "own.call_list = calls.call_list"),
];

/// Notes that a member is another one, and gives the one who stays what was the other's.
///
/// # Errors
/// A fault of the database.
pub async fn merge(tx: &Tx, survivor: MemberId, absorbed: MemberId) -> Result<(), Error> {
    let ids = || [survivor.as_uuid().into(), absorbed.as_uuid().into()];
    let sql =
        "INSERT INTO merged_members (survivor, member_id) VALUES ($1, $2) ON CONFLICT (member_id) DO NOTHING";
    execute(tx, sql, ids()).await?;
    execute(tx, "UPDATE merged_members SET survivor = $1 WHERE survivor = $2", ids()).await?;
    for (table, same) in TWICE {
        let twice = format!(
            "DELETE FROM {table} WHERE member_id = $2 AND EXISTS (SELECT 1 FROM {table} own WHERE own.member_id = $1 AND {same})"
        );
        execute(tx, &twice, ids()).await?;
    }
    for table in MOVES {
        execute(tx, &format!("UPDATE {table} SET member_id = $1 WHERE member_id = $2"), ids()).await?;
    }
    Ok(())
}

/// Deletes what is kept of a member who is erased; `false` when it was done before.
///
/// # Errors
/// A fault of the database.
pub async fn erase(tx: &Tx, member: MemberId, when: Timestamp) -> Result<bool, Error> {
    let id = || [member.as_uuid().into()];
    for table in MOVES {
        execute(tx, &format!("DELETE FROM {table} WHERE member_id = $1"), id()).await?;
    }
    let sql = "INSERT INTO erased_members (member_id, erased_at) VALUES ($1, $2) ON CONFLICT (member_id) DO NOTHING";
    Ok(execute(tx, sql, [member.as_uuid().into(), when.micros().into()]).await? == 1)
}

/// Those of these members who are erased.
///
/// # Errors
/// A fault of the database.
pub async fn is_erased(on: &impl ConnectionTrait, member: MemberId) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM erased_members WHERE member_id = $1";
    Ok(!query(on, sql, [member.as_uuid().into()]).await?.is_empty())
}

/// Up to `limit` erased members whose ids come after `after`, in order, with when they were erased.
///
/// # Errors
/// A fault of the database.
pub async fn list_erased(
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
