//! Who belongs together, as `membership` told it.

use kernel::{HouseholdId, MemberId};
use sea_orm::{ConnectionTrait as _, Statement};
use store::{Database, StoreError, Tx};

use super::rows::at;

/// Notes where a member belongs from the fact with this number of theirs on; an earlier word that comes late changes nothing.
/// A member without a household keeps a row that says so.
///
/// # Errors
/// When the database refuses.
pub async fn note(
    tx: &Tx,
    member: MemberId,
    household: Option<HouseholdId>,
    told: u64,
) -> anyhow::Result<()> {
    let sql = "INSERT INTO households (member_id, household, told, counts) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (member_id) DO UPDATE SET household = excluded.household, told = excluded.told, \
               counts = excluded.counts WHERE households.told < excluded.told";
    let counts = i16::from(household.is_some());
    // Alone with oneself, where nobody else can come.
    let household = household.map_or(member.as_uuid(), HouseholdId::as_uuid);
    let values = [member.as_uuid().into(), household.into(), i64::try_from(told)?.into(), counts.into()];
    let connection = tx.connection();
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    connection.execute_raw(statement).await.map_err(StoreError::from)?;
    Ok(())
}

/// Everybody who belongs to a household: member and household.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn all(database: &Database) -> anyhow::Result<Vec<(MemberId, HouseholdId)>> {
    let connection = database.connection();
    let sql = "SELECT member_id, household FROM households WHERE counts = 1";
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.map_err(StoreError::from)?;
    rows.iter()
        .map(|row| Ok((MemberId::from_uuid(at(row, 0)?), HouseholdId::from_uuid(at(row, 1)?))))
        .collect()
}
