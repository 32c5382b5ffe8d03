//! Seats at events, and places in waiting lists.

use kernel::{Digest16, EventCode, MemberId, SeatId, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use store::Tx;
use uuid::Uuid;

use super::{at, broken, execute, held, instant, micros, query, redemptions::Request};
use crate::{domain::event::Seat, error::Error};

/// A seat, or a place in the waiting list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSeat {
    /// Its id.
    pub id: SeatId,
    /// At which event.
    pub event: EventCode,
    /// Whose.
    pub member: MemberId,
    /// Where it stands.
    pub state: Seat,
    /// Why it is nobody's any more.
    pub reason: Option<String>,
    /// What it costs in points; none where it is free.
    pub points: i64,
    /// Its number in the waiting list; none where it never was there.
    pub position: i64,
    /// The redemption or the gift of its ticket.
    pub brought_by: Option<Uuid>,
    /// Under which names it was counted, separated by commas, where no redemption counts it.
    pub counted: String,
    /// Until when it may be given back.
    pub cancel_until: Timestamp,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// How many facts were told of it.
    pub told: u64,
}

const COLUMNS: &str = "SELECT id, event, member_id, state, reason, points, position, brought_by, counted, cancel_until, asked_at, \
     ended_at, told, fingerprint FROM seats";

fn read(row: &QueryResult) -> Result<KeptSeat, Error> {
    Ok(KeptSeat {
        id: SeatId::from_uuid(at(row, 0)?),
        event: EventCode::parse(&at::<String>(row, 1)?).map_err(|_| broken("an event's code"))?,
        member: MemberId::from_uuid(at(row, 2)?),
        state: Seat::from_word(&at::<String>(row, 3)?).ok_or_else(|| broken("a state"))?,
        reason: at(row, 4)?,
        points: at(row, 5)?,
        position: at(row, 6)?,
        brought_by: at(row, 7)?,
        counted: at(row, 8)?,
        cancel_until: instant(at(row, 9)?),
        asked_at: instant(at(row, 10)?),
        ended_at: at::<Option<i64>>(row, 11)?.map(instant),
        told: u64::try_from(at::<i64>(row, 12)?).map_err(|_| broken("a count"))?,
    })
}

/// A seat.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, id: SeatId) -> Result<Option<KeptSeat>, Error> {
    let rows = query(on, &format!("{COLUMNS} WHERE id = $1"), [id.as_uuid().into()]).await?;
    rows.first().map(read).transpose()
}

/// The same, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, id: SeatId) -> Result<Option<KeptSeat>, Error> {
    let sql = format!("{COLUMNS} WHERE id = $1{}", held(tx));
    query(tx, &sql, [id.as_uuid().into()]).await?.first().map(read).transpose()
}

/// The seat that was asked for under this key, with the digest of what was asked.
///
/// # Errors
/// A fault of the database.
pub async fn asked(on: &impl ConnectionTrait, key: Digest16) -> Result<Option<(KeptSeat, Digest16)>, Error> {
    let rows =
        query(on, &format!("{COLUMNS} WHERE request_key = $1"), [Uuid::from_bytes(key.0).into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some((read(row)?, Digest16(at::<Uuid>(row, 13)?.into_bytes()))))
}

/// The seat whose ticket this redemption or gift brings, held.
///
/// # Errors
/// A fault of the database.
pub async fn brought_by(tx: &Tx, origin: Uuid) -> Result<Option<KeptSeat>, Error> {
    let sql = format!("{COLUMNS} WHERE brought_by = $1{}", held(tx));
    query(tx, &sql, [origin.into()]).await?.first().map(read).transpose()
}

/// A member's seat at an event, or their place in its waiting list.
///
/// # Errors
/// A fault of the database.
pub async fn of(
    on: &impl ConnectionTrait,
    event: &EventCode,
    member: MemberId,
) -> Result<Option<KeptSeat>, Error> {
    let sql = format!("{COLUMNS} WHERE event = $1 AND member_id = $2 AND state <> 'ended'");
    let rows = query(on, &sql, [event.as_str().into(), member.as_uuid().into()]).await?;
    rows.first().map(read).transpose()
}

/// Whoever waits longest.
///
/// # Errors
/// A fault of the database.
pub async fn first_waiting(tx: &Tx, event: &EventCode) -> Result<Option<KeptSeat>, Error> {
    let sql =
        format!("{COLUMNS} WHERE event = $1 AND state = 'waiting' ORDER BY position LIMIT 1{}", held(tx));
    query(tx, &sql, [event.as_str().into()]).await?.first().map(read).transpose()
}

/// How many wait before this number.
///
/// # Errors
/// A fault of the database.
pub async fn before(on: &impl ConnectionTrait, event: &EventCode, position: i64) -> Result<i64, Error> {
    let sql = "SELECT COUNT(*) FROM seats WHERE event = $1 AND state = 'waiting' AND position < $2";
    let rows = query(on, sql, [event.as_str().into(), position.into()]).await?;
    rows.first().map_or(Ok(0), |row| at(row, 0))
}

/// How many seats of an event stand so.
///
/// # Errors
/// A fault of the database.
pub async fn count(on: &impl ConnectionTrait, event: &EventCode, state: Seat) -> Result<i64, Error> {
    let sql = "SELECT COUNT(*) FROM seats WHERE event = $1 AND state = $2";
    let rows = query(on, sql, [event.as_str().into(), state.word().into()]).await?;
    rows.first().map_or(Ok(0), |row| at(row, 0))
}

/// Seats of an event that stand so, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn standing(
    on: &impl ConnectionTrait,
    event: &EventCode,
    state: Seat,
    limit: u32,
) -> Result<Vec<SeatId>, Error> {
    let sql = "SELECT id FROM seats WHERE event = $1 AND state = $2 ORDER BY id LIMIT $3";
    let values = [event.as_str().into(), state.word().into(), i64::from(limit).into()];
    let rows = query(on, sql, values).await?;
    rows.iter().map(|row| Ok(SeatId::from_uuid(at(row, 0)?))).collect()
}

/// A member's seats before the one of this id, the latest first, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn of_member(
    on: &impl ConnectionTrait,
    member: MemberId,
    before: Option<SeatId>,
    limit: u64,
) -> Result<Vec<KeptSeat>, Error> {
    let sql = format!("{COLUMNS} WHERE member_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    let before = before.map_or(Uuid::max(), SeatId::as_uuid);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = query(on, &sql, [member.as_uuid().into(), before.into(), limit.into()]).await?;
    rows.iter().map(read).collect()
}

/// What a member has booked, or waits for.
///
/// # Errors
/// A fault of the database.
pub async fn open(on: &impl ConnectionTrait, member: MemberId) -> Result<Vec<SeatId>, Error> {
    let sql = "SELECT id FROM seats WHERE member_id = $1 AND state IN ('booked', 'waiting') ORDER BY id";
    let rows = query(on, sql, [member.as_uuid().into()]).await?;
    rows.iter().map(|row| Ok(SeatId::from_uuid(at(row, 0)?))).collect()
}

/// Writes a fresh seat down.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, fresh: &KeptSeat, request: Request) -> Result<(), Error> {
    let sql = "INSERT INTO seats (id, event, member_id, state, points, position, brought_by, counted, cancel_until, asked_at, \
               told, request_key, fingerprint) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let values = [
        fresh.id.as_uuid().into(),
        fresh.event.as_str().into(),
        fresh.member.as_uuid().into(),
        fresh.state.word().into(),
        fresh.points.into(),
        fresh.position.into(),
        fresh.brought_by.into(),
        fresh.counted.as_str().into(),
        fresh.cancel_until.micros().into(),
        fresh.asked_at.micros().into(),
        i64::try_from(fresh.told).unwrap_or(i64::MAX).into(),
        Uuid::from_bytes(request.key.0).into(),
        Uuid::from_bytes(request.fingerprint.0).into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Writes down where a seat stands now.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, changed: &KeptSeat) -> Result<(), Error> {
    let sql = "UPDATE seats SET state = $1, reason = $2, brought_by = $3, counted = $4, cancel_until = $5, ended_at = $6, \
               told = $7 WHERE id = $8";
    let values = [
        changed.state.word().into(),
        changed.reason.clone().into(),
        changed.brought_by.into(),
        changed.counted.as_str().into(),
        changed.cancel_until.micros().into(),
        micros(changed.ended_at).into(),
        i64::try_from(changed.told).unwrap_or(i64::MAX).into(),
        changed.id.as_uuid().into(),
    ];
    execute(tx, sql, values).await.map(drop)
}
