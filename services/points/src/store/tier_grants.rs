//! Tiers that people granted, and ended before their day.

use kernel::{Day, MemberId, Timestamp};
use sea_orm::{ConnectionTrait as _, QueryResult, Statement};
use store::{StoreError, Tx};

use super::rows::{at, query};

/// A level that a person granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRow {
    /// To whom.
    pub member: MemberId,
    /// Which of the member's grants, from 1; the highest counts.
    pub number: u32,
    /// The level.
    pub tier: String,
    /// The last day.
    pub until: Day,
    /// Who granted it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// When.
    pub granted_at: Timestamp,
    /// How it was ended before its day.
    pub ended: Option<GrantEnd>,
}

/// A person ended a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantEnd {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: String,
}

const COLUMNS: &str =
    "member_id, number, tier, until, actor, reason, granted_at, ended_at, ended_by, end_reason";

/// The member's last grant.
///
/// # Errors
/// When the database refuses, or the row cannot be read.
pub async fn last_grant(tx: &Tx, member: MemberId) -> anyhow::Result<Option<GrantRow>> {
    Ok(of_member(tx, member, u32::MAX, 1).await?.pop())
}

/// The member's grants before the one of a number, the latest first, so many at most.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn of_member(tx: &Tx, member: MemberId, before: u32, most: u32) -> anyhow::Result<Vec<GrantRow>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM tier_grants WHERE member_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3"
    );
    let values = [member.as_uuid().into(), i64::from(before).into(), i64::from(most).into()];
    query(tx, &sql, values).await?.iter().map(read).collect()
}

/// What was granted before an instant, in the order of members and their grants.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn granted_until(tx: &Tx, until: Timestamp) -> anyhow::Result<Vec<GrantRow>> {
    let sql = format!("SELECT {COLUMNS} FROM tier_grants WHERE granted_at < $1 ORDER BY member_id, number");
    query(tx, &sql, [until.micros().into()]).await?.iter().map(read).collect()
}

fn read(row: &QueryResult) -> anyhow::Result<GrantRow> {
    let ended = match (at(row, 7)?, at(row, 8)?, at(row, 9)?) {
        (Some(ended_at), Some(actor), Some(reason)) => {
            Some(GrantEnd { at: Timestamp::from_micros(ended_at), actor, reason })
        }
        _ => None,
    };
    Ok(GrantRow {
        member: MemberId::from_uuid(at(row, 0)?),
        number: u32::try_from(at::<i32>(row, 1)?)?,
        tier: at(row, 2)?,
        until: Day::from_number(at(row, 3)?),
        actor: at(row, 4)?,
        reason: at(row, 5)?,
        granted_at: Timestamp::from_micros(at(row, 6)?),
        ended,
    })
}

/// Keeps a grant.
///
/// # Errors
/// A unique violation when somebody else took the number; otherwise why the database refused.
pub async fn insert_grant(tx: &Tx, grant: &GrantRow) -> anyhow::Result<()> {
    let sql = "INSERT INTO tier_grants (member_id, number, tier, until, actor, reason, granted_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = [
        grant.member.as_uuid().into(),
        i32::try_from(grant.number)?.into(),
        grant.tier.clone().into(),
        grant.until.number().into(),
        grant.actor.clone().into(),
        grant.reason.clone().into(),
        grant.granted_at.micros().into(),
    ];
    run(tx, sql, values).await
}

/// Notes that a grant was ended. Its member's standing is written in the same transaction, which only one can.
///
/// # Errors
/// When the database refuses.
pub async fn end_grant(tx: &Tx, grant: &GrantRow, end: &GrantEnd) -> anyhow::Result<()> {
    let sql = "UPDATE tier_grants SET ended_at = $1, ended_by = $2, end_reason = $3 \
               WHERE member_id = $4 AND number = $5";
    let values = [
        end.at.micros().into(),
        end.actor.clone().into(),
        end.reason.clone().into(),
        grant.member.as_uuid().into(),
        i32::try_from(grant.number)?.into(),
    ];
    run(tx, sql, values).await
}

async fn run(tx: &Tx, sql: &str, values: impl IntoIterator<Item = sea_orm::Value>) -> anyhow::Result<()> {
    let connection = tx.connection();
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    connection.execute_raw(statement).await.map_err(StoreError::from)?;
    Ok(())
}
