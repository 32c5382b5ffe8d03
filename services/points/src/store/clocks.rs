//! On which day everything of an account lapses unless something happens, for all accounts at once.

use kernel::{Day, MemberId};
use sea_orm::{ConnectionTrait as _, Statement, Value};
use store::{StoreError, Tx};
use uuid::Uuid;

use super::rows::{at, query};

/// Up to which member the accounts were gone through for a version of the programme; `None` when all were.
///
/// # Errors
/// When the database refuses.
pub async fn gone_through(tx: &Tx, version: u32) -> anyhow::Result<Option<MemberId>> {
    let sql = "SELECT after_member, done FROM idle_clocks WHERE version = $1";
    let rows = query(tx, sql, [i64::from(version).into()]).await?;
    let Some(row) = rows.first() else { return Ok(Some(MemberId::from_uuid(Uuid::nil()))) };
    let done = at::<i16>(row, 1)? != 0;
    Ok(if done { None } else { Some(MemberId::from_uuid(at(row, 0)?)) })
}

/// Notes up to which member they were.
///
/// # Errors
/// When the database refuses.
pub async fn note(tx: &Tx, version: u32, after: MemberId, done: bool) -> anyhow::Result<()> {
    let sql = "INSERT INTO idle_clocks (version, after_member, done) VALUES ($1, $2, $3) \
               ON CONFLICT (version) DO UPDATE SET after_member = excluded.after_member, done = excluded.done";
    execute(tx, sql, [i64::from(version).into(), after.as_uuid().into(), i16::from(done).into()]).await
}

/// Whether any account has such a day.
///
/// # Errors
/// When the database refuses.
pub async fn any(tx: &Tx) -> anyhow::Result<bool> {
    let sql = "SELECT 1 FROM accounts WHERE idle_on IS NOT NULL LIMIT 1";
    Ok(!query(tx, sql, []).await?.is_empty())
}

/// Sets the day of the next accounts after a member, so many at most, in the order of ids: of those that have none yet, or
/// takes it from all where there is none to be. Answers the last of them; `None` when there were fewer.
///
/// # Errors
/// When the database refuses.
pub async fn set_next(
    tx: &Tx,
    after: MemberId,
    most: u32,
    idle_on: Option<Day>,
) -> anyhow::Result<Option<MemberId>> {
    let next = "SELECT member_id FROM accounts WHERE member_id > $1 ORDER BY member_id LIMIT 1 OFFSET $2";
    let rows = query(tx, next, [after.as_uuid().into(), i64::from(most - 1).into()]).await?;
    let last = rows.first().map(|row| at::<Uuid>(row, 0)).transpose()?;
    let those = "member_id > $1 AND member_id <= $2";
    let up_to = last.unwrap_or(Uuid::max());
    let between = [Value::from(after.as_uuid()), up_to.into()];
    if let Some(day) = idle_on {
        let sql = format!("UPDATE accounts SET idle_on = $3 WHERE {those} AND idle_on IS NULL");
        execute(tx, &sql, between.into_iter().chain([day.number().into()])).await?;
    } else {
        let sql = format!("UPDATE accounts SET idle_on = NULL WHERE {those} AND idle_on IS NOT NULL");
        execute(tx, &sql, between).await?;
    }
    Ok(last.map(MemberId::from_uuid))
}

async fn execute(tx: &Tx, sql: &str, values: impl IntoIterator<Item = Value>) -> anyhow::Result<()> {
    let connection = tx.connection();
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    connection.execute_raw(statement).await.map_err(StoreError::from)?;
    Ok(())
}
