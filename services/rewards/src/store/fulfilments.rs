//! What others deliver for redemptions.

use kernel::{MemberId, RedemptionId, RewardCode, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use store::{Backend, Tx};
use uuid::Uuid;

use super::{at, broken, execute, held, instant, micros, offers::code, query};
use crate::{
    domain::fulfilment::{By, State},
    error::Error,
};

/// A fulfilment as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fulfilment {
    /// Of which redemption.
    pub redemption: RedemptionId,
    /// For whom.
    pub member: MemberId,
    /// What.
    pub reward: RewardCode,
    /// How much, in minor units; none where it is no money.
    pub amount: i64,
    /// Who delivers it.
    pub by: By,
    /// Where it stands.
    pub state: State,
    /// How often was asked.
    pub tries: i32,
    /// Since when.
    pub begun_at: Timestamp,
    /// When the provider is asked next.
    pub next_at: Option<Timestamp>,
    /// Since when people are to look at it; nothing where they need not.
    pub people_since: Option<Timestamp>,
    /// What contradicts its end.
    pub trouble: Option<String>,
    /// Who of the chain decided: `operator`, or the id of one of the staff.
    pub outcome_by: Option<String>,
    /// Why.
    pub outcome_for: Option<String>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

const COLUMNS: &str = "SELECT redemption_id, member_id, reward, amount, done_by, state, tries, begun_at, next_at, people_since, trouble, \
     outcome_by, outcome_for, ended_at FROM fulfilments";

fn read(row: &QueryResult) -> Result<Fulfilment, Error> {
    Ok(Fulfilment {
        redemption: RedemptionId::from_uuid(at(row, 0)?),
        member: MemberId::from_uuid(at(row, 1)?),
        reward: code(row, 2)?,
        amount: at(row, 3)?,
        by: By::from_word(&at::<String>(row, 4)?).ok_or_else(|| broken("who delivers"))?,
        state: State::from_word(&at::<String>(row, 5)?).ok_or_else(|| broken("a state"))?,
        tries: at(row, 6)?,
        begun_at: instant(at(row, 7)?),
        next_at: at::<Option<i64>>(row, 8)?.map(instant),
        people_since: at::<Option<i64>>(row, 9)?.map(instant),
        trouble: at(row, 10)?,
        outcome_by: at(row, 11)?,
        outcome_for: at(row, 12)?,
        ended_at: at::<Option<i64>>(row, 13)?.map(instant),
    })
}

/// A fulfilment, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, id: RedemptionId) -> Result<Option<Fulfilment>, Error> {
    let sql = format!("{COLUMNS} WHERE redemption_id = $1{}", held(tx));
    query(tx, &sql, [id.as_uuid().into()]).await?.first().map(read).transpose()
}

/// The one whose provider is to be asked next, held until the transaction ends; one that somebody else holds is passed over.
///
/// # Errors
/// A fault of the database.
pub async fn next_due(tx: &Tx, now: Timestamp) -> Result<Option<Fulfilment>, Error> {
    let skip = if tx.backend() == Backend::Postgres { " FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!("{COLUMNS} WHERE next_at IS NOT NULL AND next_at <= $1 ORDER BY next_at LIMIT 1{skip}");
    query(tx, &sql, [now.micros().into()]).await?.first().map(read).transpose()
}

/// What people are to look at, behind the redemption of this id, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn for_people(
    on: &impl ConnectionTrait,
    after: Option<RedemptionId>,
    limit: u64,
) -> Result<Vec<Fulfilment>, Error> {
    let sql = format!(
        "{COLUMNS} WHERE people_since IS NOT NULL AND redemption_id > $1 ORDER BY redemption_id LIMIT $2"
    );
    let after = after.map_or(Uuid::nil(), RedemptionId::as_uuid);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    query(on, &sql, [after.into(), limit.into()]).await?.iter().map(read).collect()
}

/// Writes a fresh one down; one that there is stays as it is.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, fresh: &Fulfilment) -> Result<(), Error> {
    let sql = "INSERT INTO fulfilments (redemption_id, member_id, reward, amount, done_by, state, tries, begun_at, next_at, people_since) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (redemption_id) DO NOTHING";
    let values = [
        fresh.redemption.as_uuid().into(),
        fresh.member.as_uuid().into(),
        fresh.reward.as_str().into(),
        fresh.amount.into(),
        fresh.by.word().into(),
        fresh.state.word().into(),
        fresh.tries.into(),
        fresh.begun_at.micros().into(),
        micros(fresh.next_at).into(),
        micros(fresh.people_since).into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Writes down where it stands now.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, changed: &Fulfilment) -> Result<(), Error> {
    let sql = "UPDATE fulfilments SET done_by = $1, state = $2, tries = $3, next_at = $4, people_since = $5, trouble = $6, \
               outcome_by = $7, outcome_for = $8, ended_at = $9 WHERE redemption_id = $10";
    let values = [
        changed.by.word().into(),
        changed.state.word().into(),
        changed.tries.into(),
        micros(changed.next_at).into(),
        micros(changed.people_since).into(),
        changed.trouble.as_deref().into(),
        changed.outcome_by.as_deref().into(),
        changed.outcome_for.as_deref().into(),
        micros(changed.ended_at).into(),
        changed.redemption.as_uuid().into(),
    ];
    execute(tx, sql, values).await.map(drop)
}
