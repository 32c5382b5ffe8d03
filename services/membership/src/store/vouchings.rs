//! Until when fresh codes vouch for members, and at which counter.

use kernel::{MemberId, Timestamp};
use sea_orm::{ConnectionTrait, QuerySelect, Statement, TryGetable};
use store::Tx;
use uuid::Uuid;

use super::{instant, members::known, tables::members::Column};
use crate::{domain::vouching::VouchedAt, error::Error};

/// Notes that a code vouches for a member at a counter until then; the later end counts.
///
/// # Errors
/// A fault of the database.
pub async fn note(
    tx: &Tx,
    id: Uuid,
    member: MemberId,
    at: &VouchedAt,
    until: Timestamp,
) -> Result<(), Error> {
    let sql = "INSERT INTO vouchings (id, member_id, branch, till, staff, expires_at) VALUES ($1, $2, $3, $4, $5, $6) \
               ON CONFLICT (member_id, branch, till, staff) DO UPDATE SET expires_at = excluded.expires_at \
               WHERE vouchings.expires_at < excluded.expires_at";
    let [branch, till, staff] = at.columns();
    let values =
        [id.into(), member.as_uuid().into(), branch.into(), till.into(), staff.into(), until.micros().into()];
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    Ok(())
}

/// Until when a code vouches for a member at a counter, be it over or not.
///
/// # Errors
/// A fault of the database.
pub async fn until(
    on: &impl ConnectionTrait,
    member: MemberId,
    at: &VouchedAt,
) -> Result<Option<Timestamp>, Error> {
    let sql =
        "SELECT expires_at FROM vouchings WHERE member_id = $1 AND branch = $2 AND till = $3 AND staff = $4";
    let [branch, till, staff] = at.columns();
    let values = [member.as_uuid().into(), branch.into(), till.into(), staff.into()];
    let statement = Statement::from_sql_and_values(on.get_database_backend(), sql, values);
    let Some(row) = on.query_one_raw(statement).await? else { return Ok(None) };
    let until = i64::try_get_by_index(&row, 0).map_err(sea_orm::DbErr::from)?;
    Ok(Some(instant(until)))
}

/// Lets no code vouch for a member any more.
///
/// # Errors
/// A fault of the database.
pub async fn forget(tx: &Tx, member: MemberId) -> Result<(), Error> {
    let sql = "DELETE FROM vouchings WHERE member_id = $1";
    let values = [member.as_uuid().into()];
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    Ok(())
}

/// Whether the member's phone was confirmed; `None` where there is no such member.
///
/// # Errors
/// A fault of the database.
pub async fn is_confirmed(on: &impl ConnectionTrait, member: MemberId) -> Result<Option<bool>, Error> {
    let query = known(member).select_only().column(Column::ConfirmedAt);
    let row: Option<Option<i64>> = query.into_tuple().one(on).await?;
    Ok(row.map(|confirmed_at| confirmed_at.is_some()))
}
