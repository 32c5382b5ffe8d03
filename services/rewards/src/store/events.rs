//! Events, with how many of their seats are taken and how many wait.
//!
//! **No event has more seats taken than it has**: a seat is taken by one statement that compares and changes, and the schema refuses the rest.

use kernel::{EventCode, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use store::Tx;

use super::{at, broken, cancellations::Cancelled, execute, held, instant, query};
use crate::{domain::event::Event, error::Error};

/// An event as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEvent {
    /// Its code.
    pub code: EventCode,
    /// What the chain wrote down.
    pub event: Event,
    /// How many seats are taken.
    pub taken: i64,
    /// How many wait for one.
    pub waiting: i64,
    /// Who called it off, when and why; nothing where nobody did.
    pub cancelled: Option<Cancelled>,
}

const COLUMNS: &str =
    "SELECT code, document, taken, waiting, cancelled_at, cancelled_by, cancelled_for FROM events";

fn code(row: &QueryResult) -> Result<EventCode, Error> {
    EventCode::parse(&at::<String>(row, 0)?).map_err(|_| broken("an event's code"))
}

fn read(row: &QueryResult) -> Result<KeptEvent, Error> {
    let event = serde_json::from_str(&at::<String>(row, 1)?).map_err(|_| broken("an event"))?;
    let when: Option<i64> = at(row, 4)?;
    let by: Option<String> = at(row, 5)?;
    let reason = at(row, 6)?;
    let cancelled = when.zip(by).map(|(when, by)| Cancelled { at: instant(when), by, reason });
    Ok(KeptEvent { code: code(row)?, event, taken: at(row, 2)?, waiting: at(row, 3)?, cancelled })
}

/// An event.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, code: &EventCode) -> Result<Option<KeptEvent>, Error> {
    let rows = query(on, &format!("{COLUMNS} WHERE code = $1"), [code.as_str().into()]).await?;
    rows.first().map(read).transpose()
}

/// The same, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, code: &EventCode) -> Result<Option<KeptEvent>, Error> {
    let sql = format!("{COLUMNS} WHERE code = $1{}", held(tx));
    query(tx, &sql, [code.as_str().into()]).await?.first().map(read).transpose()
}

/// Events whose codes come after `after`, so many at most; only those that begin later than `since`, where it is named.
///
/// # Errors
/// A fault of the database.
pub async fn list(
    on: &impl ConnectionTrait,
    since: Option<Timestamp>,
    after: &str,
    limit: u64,
) -> Result<Vec<KeptEvent>, Error> {
    let sql = format!("{COLUMNS} WHERE code > $1 AND starts_at > $2 ORDER BY code LIMIT $3");
    let since = since.map_or(i64::MIN, Timestamp::micros);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    query(on, &sql, [after.into(), since.into(), limit.into()]).await?.iter().map(read).collect()
}

/// Writes an event down; `false` where more seats are taken than it would have.
///
/// # Errors
/// A fault of the database.
pub async fn write(tx: &Tx, code: &EventCode, event: &Event, now: Timestamp) -> Result<bool, Error> {
    let document = serde_json::to_string(event).map_err(anyhow::Error::from)?;
    let sql = "INSERT INTO events (code, document, seats, taken, waiting, queued, starts_at, ends_at, closed, changed_at) \
               VALUES ($1, $2, $3, 0, 0, 0, $4, $5, 0, $6) ON CONFLICT (code) DO UPDATE SET document = excluded.document, \
               seats = excluded.seats, starts_at = excluded.starts_at, ends_at = excluded.ends_at, \
               closed = 0, changed_at = excluded.changed_at WHERE events.taken <= excluded.seats";
    let values = [
        code.as_str().into(),
        document.into(),
        event.seats.into(),
        event.starts_at.micros().into(),
        event.ends_at.micros().into(),
        now.micros().into(),
    ];
    Ok(execute(tx, sql, values).await? == 1)
}

/// Writes down that an event is called off, and by whom.
///
/// # Errors
/// A fault of the database.
pub async fn call_off(tx: &Tx, code: &EventCode, how: &Cancelled) -> Result<(), Error> {
    let sql = "UPDATE events SET cancelled_at = $1, cancelled_by = $2, cancelled_for = $3 WHERE code = $4";
    let values =
        [how.at.micros().into(), how.by.as_str().into(), how.reason.as_deref().into(), code.as_str().into()];
    execute(tx, sql, values).await.map(drop)
}

/// Takes a seat; `false` where none is left.
///
/// # Errors
/// A fault of the database.
pub async fn take(tx: &Tx, code: &EventCode) -> Result<bool, Error> {
    let sql = "UPDATE events SET taken = taken + 1 WHERE code = $1 AND taken < seats";
    Ok(execute(tx, sql, [code.as_str().into()]).await? == 1)
}

/// Gives a seat back.
///
/// # Errors
/// A fault of the database.
pub async fn give_back(tx: &Tx, code: &EventCode) -> Result<(), Error> {
    execute(tx, "UPDATE events SET taken = taken - 1 WHERE code = $1", [code.as_str().into()]).await.map(drop)
}

/// Takes the last place in the waiting list; its number.
///
/// # Errors
/// A fault of the database.
pub async fn queue(tx: &Tx, code: &EventCode) -> Result<i64, Error> {
    let sql = "UPDATE events SET waiting = waiting + 1, queued = queued + 1 WHERE code = $1 RETURNING queued";
    let rows = query(tx, sql, [code.as_str().into()]).await?;
    at(rows.first().ok_or_else(|| broken("no event"))?, 0)
}

/// Gives a place in the waiting list up.
///
/// # Errors
/// A fault of the database.
pub async fn leave_queue(tx: &Tx, code: &EventCode) -> Result<(), Error> {
    let sql = "UPDATE events SET waiting = waiting - 1 WHERE code = $1";
    execute(tx, sql, [code.as_str().into()]).await.map(drop)
}

/// Events with seats for those who wait.
///
/// # Errors
/// A fault of the database.
pub async fn with_room(on: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<EventCode>, Error> {
    let sql = "SELECT code FROM events WHERE starts_at > $1 AND waiting > 0 AND taken < seats \
               AND cancelled_at IS NULL ORDER BY code";
    query(on, sql, [now.micros().into()]).await?.iter().map(code).collect()
}

/// Events that are over, or called off, and not closed.
///
/// # Errors
/// A fault of the database.
pub async fn over(on: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<EventCode>, Error> {
    let sql = "SELECT code FROM events WHERE closed = 0 AND (ends_at <= $1 OR cancelled_at IS NOT NULL) ORDER BY code";
    query(on, sql, [now.micros().into()]).await?.iter().map(code).collect()
}

/// Closes an event: it is written down who came and who did not.
///
/// # Errors
/// A fault of the database.
pub async fn close(tx: &Tx, code: &EventCode) -> Result<(), Error> {
    execute(tx, "UPDATE events SET closed = 1 WHERE code = $1", [code.as_str().into()]).await.map(drop)
}
