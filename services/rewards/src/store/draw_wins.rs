//! Who was chosen in draws, and what became of their prizes.

use kernel::{DrawCode, MemberId, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use store::Tx;
use uuid::Uuid;

use super::{at, broken, execute, held, instant, micros, query};
use crate::{domain::draw::WinState, error::Error};

/// A place in the order in which was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Win {
    /// Of which draw.
    pub draw: DrawCode,
    /// The place, from 1.
    pub place: u32,
    /// The ticket, from 1.
    pub ticket: u64,
    /// Who holds it, as the list has it.
    pub holder: Uuid,
    /// Who that is.
    pub member: MemberId,
    /// Which prize is theirs, from 1; nothing for an alternate who waits.
    pub prize: Option<u32>,
    /// Where it stands.
    pub state: WinState,
    /// Until when it can be claimed.
    pub claim_until: Option<Timestamp>,
    /// When it was claimed.
    pub claimed_at: Option<Timestamp>,
    /// When it was handed over.
    pub handed_at: Option<Timestamp>,
    /// Where.
    pub handed_branch: Option<String>,
    /// By whom.
    pub handed_by: Option<String>,
    /// When it was over without having been claimed.
    pub ended_at: Option<Timestamp>,
}

const COLUMNS: &str = "SELECT draw, place, ticket, holder, member_id, prize, state, claim_until, claimed_at, handed_at, handed_branch, \
     handed_by, ended_at FROM draw_wins";

fn read(row: &QueryResult) -> Result<Win, Error> {
    let when = |index| Ok::<_, Error>(at::<Option<i64>>(row, index)?.map(instant));
    let small = |number: i32| u32::try_from(number).map_err(|_| broken("a count"));
    Ok(Win {
        draw: DrawCode::parse(&at::<String>(row, 0)?).map_err(|_| broken("a draw's code"))?,
        place: small(at(row, 1)?)?,
        ticket: u64::try_from(at::<i64>(row, 2)?).map_err(|_| broken("a count"))?,
        holder: at(row, 3)?,
        member: MemberId::from_uuid(at(row, 4)?),
        prize: at::<Option<i32>>(row, 5)?.map(small).transpose()?,
        state: WinState::from_word(&at::<String>(row, 6)?).ok_or_else(|| broken("a state"))?,
        claim_until: when(7)?,
        claimed_at: when(8)?,
        handed_at: when(9)?,
        handed_branch: at(row, 10)?,
        handed_by: at(row, 11)?,
        ended_at: when(12)?,
    })
}

fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Writes a place down.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, fresh: &Win) -> Result<(), Error> {
    let sql = "INSERT INTO draw_wins (draw, place, ticket, holder, member_id, prize, state, claim_until) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = [
        fresh.draw.as_str().into(),
        small(fresh.place).into(),
        i64::try_from(fresh.ticket).map_err(anyhow::Error::from)?.into(),
        fresh.holder.into(),
        fresh.member.as_uuid().into(),
        fresh.prize.map(small).into(),
        fresh.state.word().into(),
        micros(fresh.claim_until).into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Writes down how a place stands now.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, changed: &Win) -> Result<(), Error> {
    let sql = "UPDATE draw_wins SET prize = $1, state = $2, claim_until = $3, claimed_at = $4, handed_at = $5, handed_branch = $6, \
               handed_by = $7, ended_at = $8 WHERE draw = $9 AND place = $10";
    let values = [
        changed.prize.map(small).into(),
        changed.state.word().into(),
        micros(changed.claim_until).into(),
        micros(changed.claimed_at).into(),
        micros(changed.handed_at).into(),
        changed.handed_branch.as_deref().into(),
        changed.handed_by.as_deref().into(),
        micros(changed.ended_at).into(),
        changed.draw.as_str().into(),
        small(changed.place).into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Every place of a draw, in order.
///
/// # Errors
/// A fault of the database.
pub async fn of_draw(on: &impl ConnectionTrait, draw: &DrawCode) -> Result<Vec<Win>, Error> {
    let sql = format!("{COLUMNS} WHERE draw = $1 ORDER BY place");
    query(on, &sql, [draw.as_str().into()]).await?.iter().map(read).collect()
}

/// The places of a member, in every draw.
///
/// # Errors
/// A fault of the database.
pub async fn of_member(on: &impl ConnectionTrait, member: MemberId) -> Result<Vec<Win>, Error> {
    let sql = format!("{COLUMNS} WHERE member_id = $1 ORDER BY draw, place");
    query(on, &sql, [member.as_uuid().into()]).await?.iter().map(read).collect()
}

/// The place of a member in a draw, held against others.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, draw: &DrawCode, member: MemberId) -> Result<Option<Win>, Error> {
    let sql = format!("{COLUMNS} WHERE draw = $1 AND member_id = $2{}", held(tx));
    query(tx, &sql, [draw.as_str().into(), member.as_uuid().into()]).await?.first().map(read).transpose()
}

/// The place by its number, held against others.
///
/// # Errors
/// A fault of the database.
pub async fn hold_place(tx: &Tx, draw: &DrawCode, place: u32) -> Result<Option<Win>, Error> {
    let sql = format!("{COLUMNS} WHERE draw = $1 AND place = $2{}", held(tx));
    query(tx, &sql, [draw.as_str().into(), small(place).into()]).await?.first().map(read).transpose()
}

/// The first alternate of a draw who waits, held against others.
///
/// # Errors
/// A fault of the database.
pub async fn hold_next(tx: &Tx, draw: &DrawCode) -> Result<Option<Win>, Error> {
    let sql = format!("{COLUMNS} WHERE draw = $1 AND state = 'waiting' ORDER BY place LIMIT 1{}", held(tx));
    query(tx, &sql, [draw.as_str().into()]).await?.first().map(read).transpose()
}

/// Prizes that nobody claimed in time, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn due(
    on: &impl ConnectionTrait,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<(DrawCode, u32)>, Error> {
    let sql = "SELECT draw, place FROM draw_wins WHERE state = 'offered' AND claim_until <= $1 ORDER BY claim_until LIMIT $2";
    let rows = query(on, sql, [now.micros().into(), i64::from(limit).into()]).await?;
    let read = |row| {
        let code = DrawCode::parse(&at::<String>(row, 0)?).map_err(|_| broken("a draw's code"))?;
        Ok((code, u32::try_from(at::<i32>(row, 1)?).map_err(|_| broken("a count"))?))
    };
    rows.iter().map(read).collect()
}

/// A member's prizes that are not claimed are the next one's from now on.
///
/// # Errors
/// A fault of the database.
pub async fn forget(tx: &Tx, member: MemberId, now: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE draw_wins SET claim_until = $1 WHERE member_id = $2 AND state = 'offered'";
    execute(tx, sql, [now.micros().into(), member.as_uuid().into()]).await.map(drop)
}
