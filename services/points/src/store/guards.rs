//! Guards of accounts that somebody else may have taken over.

use std::sync::LazyLock;

use kernel::{MemberId, Points, Timestamp};
use sea_orm::{ConnectionTrait as _, Statement};
use store::{Column, ColumnType, Database, StoreError, Tx, bulk::BulkSelect};
use uuid::Uuid;

use super::{ledger::Changed, rows::at};
use crate::domain::Guard;

static GUARDS: LazyLock<BulkSelect> = LazyLock::new(|| {
    BulkSelect::new("guards", "member_id, until, points_left", ("member_id", ColumnType::Uuid))
});

/// Guards an account from `now` until `until`, and lets so many points go; a guard that stands goes on, for no shorter, and lets no
/// more points go than before.
///
/// # Errors
/// When the database refuses.
pub async fn note(
    tx: &Tx,
    member: MemberId,
    (now, until): (Timestamp, Timestamp),
    points: Points,
) -> anyhow::Result<()> {
    let sql = "INSERT INTO guards (member_id, until, points_left) VALUES ($1, $2, $3) ON CONFLICT (member_id) DO UPDATE SET \
               points_left = CASE WHEN guards.until <= $4 THEN excluded.points_left ELSE guards.points_left END, \
               until = CASE WHEN excluded.until > guards.until THEN excluded.until ELSE guards.until END";
    let values = [member.as_uuid().into(), until.micros().into(), points.count().into(), now.micros().into()];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    tx.execute_raw(statement).await.map_err(StoreError::from)?;
    Ok(())
}

/// The guards of these members, those that are over among them.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn of_members(tx: &Tx, members: &[Uuid]) -> anyhow::Result<Vec<(MemberId, Guard)>> {
    let rows = GUARDS.run(tx, Column::Uuid(members)).await?;
    let guards = rows.iter().map(|row| {
        let guard = Guard::new(Timestamp::from_micros(at(row, 1)?), Points::new(at(row, 2)?));
        Ok((MemberId::from_uuid(at(row, 0)?), guard))
    });
    guards.collect()
}

/// The guard of a member, be it over or not, outside a transaction.
///
/// # Errors
/// When the database refuses, or the row cannot be read.
pub async fn read(database: &Database, member: MemberId) -> anyhow::Result<Option<Guard>> {
    let sql = "SELECT until, points_left FROM guards WHERE member_id = $1";
    let on = database.connection();
    let statement = Statement::from_sql_and_values(on.get_database_backend(), sql, [member.as_uuid().into()]);
    let row = on.query_one_raw(statement).await.map_err(StoreError::from)?;
    let guard = |row| Ok(Guard::new(Timestamp::from_micros(at(&row, 0)?), Points::new(at(&row, 1)?)));
    row.map(guard).transpose()
}

/// Stores what a guard lets go now.
///
/// # Errors
/// [`Changed`] when it is another one than was read; otherwise why the database refused.
pub async fn let_go(tx: &Tx, member: MemberId, guard: Guard) -> anyhow::Result<()> {
    let sql = "UPDATE guards SET points_left = $2 WHERE member_id = $1 AND points_left = $3";
    let values = [member.as_uuid().into(), guard.left.count().into(), guard.stored.count().into()];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    if tx.execute_raw(statement).await.map_err(StoreError::from)?.rows_affected() == 1 {
        Ok(())
    } else {
        Err(Changed.into())
    }
}
