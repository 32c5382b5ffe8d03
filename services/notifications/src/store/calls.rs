//! Calls that people of the chain make to members: whom, why, and what came of each.

use std::sync::LazyLock;

use kernel::{CampaignCode, MemberId, StaffId, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use store::{Backend, Column, ColumnType, Tx, bulk::BulkInsert};
use uuid::Uuid;

use super::{at, broken, execute, instant, query};
use crate::{
    domain::call::{CallOutcome, CallReason, CallState},
    error::Error,
};

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its id.
    pub id: Uuid,
    /// Whom.
    pub member: MemberId,
    /// Why.
    pub why: CallReason,
    /// Who asked for it; nobody by name where the chain's own key did.
    pub asked_by: Option<StaffId>,
    /// When.
    pub asked_at: Timestamp,
    /// Where it stands.
    pub state: CallState,
    /// What came of it.
    pub outcome: Option<CallOutcome>,
    /// Who made it.
    pub done_by: Option<StaffId>,
    /// When.
    pub done_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, member_id, why, asked_by, asked_at, state, outcome, done_by, done_at";

static INSERT: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [
        ("id", ColumnType::Uuid),
        ("call_list", ColumnType::Text),
        ("member_id", ColumnType::Uuid),
        ("why", ColumnType::Text),
        ("asked_by", ColumnType::Uuid),
        ("asked_at", ColumnType::I64),
        ("state", ColumnType::I16),
    ];
    BulkInsert::new("calls", &columns, "ON CONFLICT (call_list, member_id) DO NOTHING")
});

/// Puts calls on a list; whoever is on it stays as they are. Answers how many were new.
///
/// # Errors
/// A fault of the database.
pub async fn add(tx: &Tx, list: &CampaignCode, calls: &[Call]) -> Result<u64, Error> {
    let ids: Vec<Uuid> = calls.iter().map(|call| call.id).collect();
    let lists = vec![list.as_str(); ids.len()];
    let members: Vec<Uuid> = calls.iter().map(|call| call.member.as_uuid()).collect();
    let whys: Vec<&str> = calls.iter().map(|call| call.why.word()).collect();
    let asked_by: Vec<Option<Uuid>> = calls.iter().map(|call| call.asked_by.map(StaffId::as_uuid)).collect();
    let asked_at: Vec<i64> = calls.iter().map(|call| call.asked_at.micros()).collect();
    let states: Vec<i16> = calls.iter().map(|call| call.state.number()).collect();
    let columns = [
        Column::Uuid(&ids),
        Column::Text(&lists),
        Column::Uuid(&members),
        Column::Text(&whys),
        Column::UuidOrNull(&asked_by),
        Column::I64(&asked_at),
        Column::I16(&states),
    ];
    Ok(INSERT.run(tx, &columns).await?)
}

/// How many calls a list has.
///
/// # Errors
/// A fault of the database.
pub async fn count(on: &impl ConnectionTrait, list: &CampaignCode) -> Result<u64, Error> {
    let rows = query(on, "SELECT COUNT(*) FROM calls WHERE call_list = $1", [list.as_str().into()]).await?;
    let count = rows.first().map_or(Ok(0), |row| at::<i64>(row, 0))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Up to `limit` calls of a list in a state, with ids behind `after`, by id.
///
/// # Errors
/// A fault of the database.
pub async fn list(
    on: &impl ConnectionTrait,
    list: &CampaignCode,
    state: CallState,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Call>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM calls WHERE call_list = $1 AND state = $2 AND id > $3 ORDER BY id LIMIT $4"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values =
        [list.as_str().into(), state.number().into(), after.unwrap_or_default().into(), limit.into()];
    query(on, &sql, values).await?.iter().map(call).collect()
}

/// A call that nobody else changes until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, id: Uuid) -> Result<Option<Call>, Error> {
    let lock = if tx.backend() == Backend::Postgres { "FOR UPDATE" } else { "" };
    let sql = format!("SELECT {COLUMNS} FROM calls WHERE id = $1 {lock}");
    query(tx, &sql, [id.into()]).await?.first().map(call).transpose()
}

/// Writes down what came of a call.
///
/// # Errors
/// A fault of the database.
pub async fn end(tx: &Tx, call: &Call) -> Result<(), Error> {
    let sql = "UPDATE calls SET state = $2, outcome = $3, done_by = $4, done_at = $5 WHERE id = $1";
    let values = [
        call.id.into(),
        call.state.number().into(),
        call.outcome.map(CallOutcome::word).into(),
        call.done_by.map(StaffId::as_uuid).into(),
        call.done_at.map(Timestamp::micros).into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Deletes up to `limit` calls that were asked for before. Answers how many.
///
/// # Errors
/// A fault of the database.
pub async fn forget(tx: &Tx, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let sql =
        "DELETE FROM calls WHERE id IN (SELECT id FROM calls WHERE asked_at < $1 ORDER BY asked_at LIMIT $2)";
    execute(tx, sql, [before.micros().into(), i64::from(limit).into()]).await
}

fn call(row: &QueryResult) -> Result<Call, Error> {
    let (why, state, outcome): (String, i16, Option<String>) = (at(row, 2)?, at(row, 5)?, at(row, 6)?);
    let outcome = outcome.map(|word| CallOutcome::from_word(&word).ok_or_else(|| broken("an outcome")));
    let staff = |index| -> Result<Option<StaffId>, Error> {
        Ok(at::<Option<Uuid>>(row, index)?.map(StaffId::from_uuid))
    };
    Ok(Call {
        id: at(row, 0)?,
        member: MemberId::from_uuid(at(row, 1)?),
        why: CallReason::from_word(&why).ok_or_else(|| broken("a reason"))?,
        asked_by: staff(3)?,
        asked_at: instant(at(row, 4)?),
        state: CallState::from_number(state).ok_or_else(|| broken("a call's state"))?,
        outcome: outcome.transpose()?,
        done_by: staff(7)?,
        done_at: at::<Option<i64>>(row, 8)?.map(instant),
    })
}
