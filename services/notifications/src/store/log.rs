//! What was sent to a member: where each message stands, and each attempt at it. What they said is in no row.

use kernel::{Day, MemberId, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};

use super::{at, attempts, broken, counted, instant, query};
use crate::{
    domain::{
        attempt::Attempt,
        message::{MessageId, State},
    },
    error::Error,
};

/// A message as the log shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Its id.
    pub id: MessageId,
    /// To whom.
    pub member: MemberId,
    /// Of which kind.
    pub kind: String,
    /// Where it stands.
    pub state: State,
    /// Why it did not go.
    pub why: Option<String>,
    /// When it happened.
    pub told_at: Timestamp,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// When it is due, where it waits.
    pub due_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// How often no provider took it.
    pub failures: u32,
    /// The attempts at it, the oldest first.
    pub attempts: Vec<Attempt>,
}

const COLUMNS: &str = "id, member_id, kind, state, why, told_at, queued_at, due_at, finished_at, failures";

/// Up to `limit` messages to a member with ids before `before`, the newest first.
///
/// # Errors
/// A fault of the database.
pub async fn of_member(
    on: &impl ConnectionTrait,
    member: MemberId,
    before: Option<MessageId>,
    limit: u64,
) -> Result<Vec<Logged>, Error> {
    let sql =
        format!("SELECT {COLUMNS} FROM messages WHERE member_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    let before = before.map_or(uuid::Uuid::max(), |id| id.0);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = query(on, &sql, [member.as_uuid().into(), before.into(), limit.into()]).await?;
    with_attempts(on, &rows).await
}

/// Up to `limit` dead letters with ids before `before`, the newest first.
///
/// # Errors
/// A fault of the database.
pub async fn dead(
    on: &impl ConnectionTrait,
    before: Option<MessageId>,
    limit: u64,
) -> Result<Vec<Logged>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM messages WHERE state = 3 AND id < $1 ORDER BY id DESC LIMIT $2");
    let before = before.map_or(uuid::Uuid::max(), |id| id.0);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = query(on, &sql, [before.into(), limit.into()]).await?;
    with_attempts(on, &rows).await
}

async fn with_attempts(on: &impl ConnectionTrait, rows: &[QueryResult]) -> Result<Vec<Logged>, Error> {
    let mut all = rows.iter().map(logged).collect::<Result<Vec<Logged>, Error>>()?;
    for one in &mut all {
        one.attempts = attempts::of_message(on, one.id).await?;
    }
    Ok(all)
}

fn logged(row: &QueryResult) -> Result<Logged, Error> {
    let state: i16 = at(row, 3)?;
    Ok(Logged {
        id: MessageId(at(row, 0)?),
        member: MemberId::from_uuid(at(row, 1)?),
        kind: at(row, 2)?,
        state: State::from_number(state).ok_or_else(|| broken("a state"))?,
        why: at(row, 4)?,
        told_at: instant(at(row, 5)?),
        queued_at: instant(at(row, 6)?),
        due_at: instant(at(row, 7)?),
        finished_at: at::<Option<i64>>(row, 8)?.map(instant),
        failures: counted(at(row, 9)?)?,
        attempts: Vec::new(),
    })
}

/// What a provider carried on a day, and what that cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// The provider.
    pub provider: String,
    /// The day, on the chain's wall clock.
    pub day: Day,
    /// Messages handed over that it took, or may have taken.
    pub attempts: u64,
    /// Parts of text messages, and one for everything else.
    pub parts: u64,
    /// In thousandths of the minor unit of the chain's currency.
    pub cost: i64,
}

/// What providers cost on the days from `from` to `until`, both included, by day and provider.
///
/// # Errors
/// A fault of the database.
pub async fn spent(on: &impl ConnectionTrait, from: Day, until: Day) -> Result<Vec<Spent>, Error> {
    let sql = "SELECT provider, day, attempts, parts, cost FROM spent WHERE day >= $1 AND day <= $2 ORDER BY day, provider";
    let rows = query(on, sql, [from.number().into(), until.number().into()]).await?;
    let count = |row: &QueryResult, index| -> Result<u64, Error> {
        u64::try_from(at::<i64>(row, index)?).map_err(|_| broken("a negative count"))
    };
    rows.iter()
        .map(|row| {
            Ok(Spent {
                provider: at(row, 0)?,
                day: Day::from_number(at(row, 1)?),
                attempts: count(row, 2)?,
                parts: count(row, 3)?,
                cost: at(row, 4)?,
            })
        })
        .collect()
}
