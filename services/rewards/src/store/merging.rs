//! Two members turned out to be one: what was one's is the other's.

use kernel::MemberId;
use sea_orm::ConnectionTrait;
use store::Tx;

use super::{at, execute, query};
use crate::error::Error;

/// Notes that a member is another one; `false` when it was noted before.
///
/// # Errors
/// A fault of the database.
pub async fn note(tx: &Tx, survivor: MemberId, absorbed: MemberId) -> Result<bool, Error> {
    let ids = || [survivor.as_uuid().into(), absorbed.as_uuid().into()];
    let sql =
        "INSERT INTO merged_members (survivor, member_id) VALUES ($1, $2) ON CONFLICT (member_id) DO NOTHING";
    if execute(tx, sql, ids()).await? == 0 {
        return Ok(false);
    }
    // Always one step to whoever stays.
    execute(tx, "UPDATE merged_members SET survivor = $1 WHERE survivor = $2", ids()).await?;
    Ok(true)
}

/// Who a member is by now: themself, or who stayed.
///
/// # Errors
/// A fault of the database.
pub async fn follow(on: &impl ConnectionTrait, member: MemberId) -> Result<MemberId, Error> {
    let sql = "SELECT survivor FROM merged_members WHERE member_id = $1";
    let rows = query(on, sql, [member.as_uuid().into()]).await?;
    rows.first().map_or(Ok(member), |row| Ok(MemberId::from_uuid(at(row, 0)?)))
}

/// What is moved as it is. What is counted adds up apart, and the record of looks stays as it was written.
const MOVES: [&str; 2] = ["redemptions", "vouchers"];

/// Gives the one who stays what the other one had; what was counted of both adds up.
///
/// # Errors
/// A fault of the database.
pub async fn take_over(tx: &Tx, survivor: MemberId, absorbed: MemberId) -> Result<(), Error> {
    let ids = || [survivor.as_uuid().into(), absorbed.as_uuid().into()];
    for table in MOVES {
        let sql = format!("UPDATE {table} SET member_id = $1 WHERE member_id = $2");
        execute(tx, &sql, ids()).await?;
    }
    let added = "INSERT INTO tallies (reward, member_id, period, used) \
                 SELECT reward, $1, period, used FROM tallies WHERE member_id = $2 \
                 ON CONFLICT (member_id, reward, period) DO UPDATE SET used = tallies.used + excluded.used";
    execute(tx, added, ids()).await?;
    execute(tx, "DELETE FROM tallies WHERE member_id = $1", [absorbed.as_uuid().into()]).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::kept::KEPT;

    /// Tables with members in them that stay as they are, and why.
    const STAYS: [(&str, &str); 2] =
        [("tallies", "adds up"), ("looks", "a record of who looked at whom is not rewritten")];

    #[test]
    fn whatever_is_a_members_moves_or_stays_for_a_reason() {
        let theirs =
            KEPT.sheets.iter().filter(|sheet| sheet.fields.iter().any(|field| field.column == "member_id"));
        let tables: Vec<&str> = theirs.map(|sheet| sheet.table).collect();
        for table in &tables {
            let stays = STAYS.iter().any(|(name, why)| name == table && !why.is_empty());
            assert!(stays != MOVES.contains(table), "{table}: does it move when members merge?");
        }
        assert!(MOVES.iter().all(|table| tables.contains(table)), "{tables:?}");
    }
}
