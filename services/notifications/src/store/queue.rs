//! Which messages are due, and who sends them.
//!
//! **A message is one replica's at a time**: it is taken for a while, and whoever dies with it loses it when that while is over.

use kernel::{MemberId, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use store::Tx;

use super::{at, broken, counted, execute, instant, passing_over, query};
use crate::{
    domain::{
        message::{Message, MessageId, State},
        trigger::{Lane, Trigger},
    },
    error::Error,
};

/// Takes up to `limit` due messages of a lane until `until`, those first that are due longest.
///
/// # Errors
/// A fault of the database.
pub async fn take(
    tx: &Tx,
    lane: Lane,
    now: Timestamp,
    until: Timestamp,
    limit: u64,
) -> Result<Vec<Message>, Error> {
    let sql = format!(
        "UPDATE messages SET due_at = $2, tries = tries + 1 WHERE state = 0 AND id IN (SELECT id FROM messages \
         WHERE state = 0 AND lane = $3 AND due_at <= $1 ORDER BY due_at LIMIT $4 {}) \
         RETURNING id, member_id, kind, named, not_after, tries, failures",
        passing_over(tx)
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values = [now.micros().into(), until.micros().into(), lane.number().into(), limit.into()];
    let rows = query(tx, &sql, values).await?;
    rows.iter().map(|row| message(row, lane)).collect()
}

fn message(row: &QueryResult, lane: Lane) -> Result<Message, Error> {
    let (kind, named): (String, String) = (at(row, 2)?, at(row, 3)?);
    Ok(Message {
        id: MessageId(at(row, 0)?),
        member: MemberId::from_uuid(at(row, 1)?),
        trigger: Trigger::from_word(&kind).ok_or_else(|| broken("a kind of message"))?,
        values: serde_json::from_str(&named).map_err(|_| broken("values"))?,
        lane,
        not_after: instant(at(row, 4)?),
        tries: counted(at(row, 5)?)?,
        failures: counted(at(row, 6)?)?,
    })
}

/// What waits in a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// The lane.
    pub lane: Lane,
    /// Messages.
    pub messages: u64,
    /// Since when the one has been due that is due longest; nothing where none is.
    pub since: Option<Timestamp>,
}

/// What waits in each lane, and how many dead letters there are.
///
/// # Errors
/// A fault of the database.
pub async fn waiting(on: &impl ConnectionTrait) -> Result<(Vec<Waiting>, u64), Error> {
    let mut all = Vec::new();
    for lane in Lane::ALL {
        let sql = "SELECT COUNT(*), MIN(due_at) FROM messages WHERE state = 0 AND lane = $1";
        let rows = query(on, sql, [lane.number().into()]).await?;
        let Some(row) = rows.first() else { continue };
        let messages = u64::try_from(at::<i64>(row, 0)?).unwrap_or_default();
        let since = at::<Option<i64>>(row, 1)?.map(instant);
        all.push(Waiting { lane, messages, since });
    }
    let sql = "SELECT COUNT(*) FROM messages WHERE state = 3";
    let rows = query(on, sql, []).await?;
    let dead = rows.first().map_or(Ok(0), |row| at::<i64>(row, 0))?;
    Ok((all, u64::try_from(dead).unwrap_or_default()))
}

/// Lets dead letters wait again until `not_after`; of one id, or up to `limit` of them. Answers how many.
///
/// # Errors
/// A fault of the database.
pub async fn replay(
    tx: &Tx,
    only: Option<MessageId>,
    now: Timestamp,
    not_after: Timestamp,
    limit: u32,
) -> Result<u64, Error> {
    let again = "UPDATE messages SET state = 0, why = NULL, finished_at = NULL, due_at = $1, not_after = $2, failures = 0";
    let (times, dead) = ([now.micros().into(), not_after.micros().into()], State::Dead.number());
    let Some(id) = only else {
        let sql = format!(
            "{again} WHERE id IN (SELECT id FROM messages WHERE state = 3 ORDER BY id LIMIT $3) AND state = $4"
        );
        return execute(tx, &sql, times.into_iter().chain([i64::from(limit).into(), dead.into()])).await;
    };
    let sql = format!("{again} WHERE id = $3 AND state = $4");
    execute(tx, &sql, times.into_iter().chain([id.0.into(), dead.into()])).await
}

/// Deletes up to `limit` messages that ended before, with their attempts. Answers how many.
///
/// # Errors
/// A fault of the database.
pub async fn forget(tx: &Tx, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let sql = "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE state <> 0 AND finished_at < $1 \
               ORDER BY finished_at LIMIT $2)";
    execute(tx, sql, [before.micros().into(), i64::from(limit).into()]).await
}
