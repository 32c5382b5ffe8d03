//! Who belongs together, as `membership` told it.

use contracts::membership::HouseholdRole;
use kernel::{Day, HouseholdId, MemberId, Points, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use store::{Database, StoreError, Tx};

use super::rows::at;
use crate::domain::{Belonging, JournalKind};

/// What one fact says of where a member belongs from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Who.
    pub member: MemberId,
    /// The household; `None` for none.
    pub household: Option<HouseholdId>,
    /// What they are in it; `None` for none.
    pub role: Option<HouseholdRole>,
    /// The fact's place among those about the member.
    pub told: u64,
    /// When it came about.
    pub since: Timestamp,
}

/// Notes where a member belongs from a fact of theirs on; an earlier word that comes late changes nothing. A member without a
/// household keeps a row that says so. Another role in the same household is no new beginning.
///
/// # Errors
/// When the database refuses.
pub async fn note(tx: &Tx, word: Word) -> anyhow::Result<()> {
    let sql = "INSERT INTO households (member_id, household, told, counts, head, since) VALUES ($1, $2, $3, $4, $5, $6) \
               ON CONFLICT (member_id) DO UPDATE SET household = excluded.household, told = excluded.told, \
               counts = excluded.counts, head = excluded.head, since = CASE WHEN \
               households.household = excluded.household THEN households.since ELSE excluded.since END \
               WHERE households.told < excluded.told";
    let Word { member, household, role, told, since } = word;
    let counts = i16::from(household.is_some());
    let head = i16::from(role == Some(HouseholdRole::Head));
    // Alone with oneself, where nobody else can come.
    let household = household.map_or(member.as_uuid(), HouseholdId::as_uuid);
    let values = [
        member.as_uuid().into(),
        household.into(),
        i64::try_from(told)?.into(),
        counts.into(),
        head.into(),
        since.micros().into(),
    ];
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
    let rows =
        found(database.connection(), "SELECT member_id, household FROM households WHERE counts = 1", [])
            .await?;
    rows.iter()
        .map(|row| Ok((MemberId::from_uuid(at(row, 0)?), HouseholdId::from_uuid(at(row, 1)?))))
        .collect()
}

/// Everybody in the household of a member, the member among them; nobody where there is none. `day_of` is the chain's wall clock.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn around<C: ConnectionTrait>(
    db: &C,
    member: MemberId,
    day_of: impl Fn(Timestamp) -> Day + Send + Sync,
) -> anyhow::Result<Vec<Belonging>> {
    let sql = "SELECT same.member_id, same.head, same.since FROM households AS own JOIN households AS same \
               ON same.household = own.household WHERE own.member_id = $1 AND own.counts = 1 AND same.counts = 1 \
               ORDER BY same.member_id";
    let rows = found(db, sql, [member.as_uuid().into()]).await?;
    rows.iter()
        .map(|row| {
            let (member, head) = (MemberId::from_uuid(at(row, 0)?), at::<i16>(row, 1)? == 1);
            Ok(Belonging { member, head, since: day_of(Timestamp::from_micros(at(row, 2)?)) })
        })
        .collect()
}

/// How many points a member has drawn from the others since an instant. Lock the account before, so that no other draw is under way.
///
/// # Errors
/// When the database refuses.
pub async fn drawn_since<C: ConnectionTrait>(
    db: &C,
    member: MemberId,
    since: Timestamp,
) -> anyhow::Result<Points> {
    let sql = "SELECT CAST(COALESCE(SUM(points), 0) AS bigint) FROM journals \
               WHERE member_id = $1 AND kind = $2 AND recorded_at >= $3";
    let kind = JournalKind::PoolDrawn.number();
    let rows = found(db, sql, [member.as_uuid().into(), kind.into(), since.micros().into()]).await?;
    rows.first().map_or(Ok(Points::ZERO), |row| Ok(Points::new(at(row, 0)?)))
}

async fn found<C: ConnectionTrait>(
    db: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value> + Send,
) -> anyhow::Result<Vec<QueryResult>> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(db.query_all_raw(statement).await.map_err(StoreError::from)?)
}
