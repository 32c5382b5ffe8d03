//! Tickets of draws: an entry for each thing that brought some, and how many each member has.

use kernel::{DrawCode, MemberId, RedemptionId, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use store::Tx;
use uuid::Uuid;

use super::{at, broken, execute, held, query};
use crate::{
    domain::draw::{EntryState, Source},
    error::Error,
};

/// Tickets that came from one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id; entries of a list are in the order of their ids.
    pub id: Uuid,
    /// Of which draw.
    pub draw: DrawCode,
    /// Whose.
    pub member: MemberId,
    /// The number under which the member stands in the list.
    pub holder: Uuid,
    /// How many.
    pub tickets: u32,
    /// What was paid, where a purchase brought them.
    pub amount: i64,
    /// How much of it was brought back.
    pub returned: i64,
    /// Where they stand.
    pub state: EntryState,
}

/// What brought tickets, by which they are brought once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What sort of thing.
    pub source: Source,
    /// Which one.
    pub reference: String,
}

/// A line of a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its place, from 1.
    pub position: u64,
    /// Who holds it.
    pub holder: Uuid,
    /// How many tickets.
    pub tickets: u64,
}

const COLUMNS: &str =
    "SELECT id, draw, member_id, holder, tickets, amount, returned, state FROM draw_entries";

fn read(row: &QueryResult) -> Result<Entry, Error> {
    Ok(Entry {
        id: at(row, 0)?,
        draw: DrawCode::parse(&at::<String>(row, 1)?).map_err(|_| broken("a draw's code"))?,
        member: MemberId::from_uuid(at(row, 2)?),
        holder: at(row, 3)?,
        tickets: u32::try_from(at::<i64>(row, 4)?).map_err(|_| broken("a count"))?,
        amount: at(row, 5)?,
        returned: at(row, 6)?,
        state: EntryState::from_word(&at::<String>(row, 7)?).ok_or_else(|| broken("a state"))?,
    })
}

/// The number under which a member stands in a draw's list, and how many tickets they have; held against others. `fresh` is theirs if
/// they have none yet.
///
/// # Errors
/// A fault of the database.
pub async fn entrant(tx: &Tx, draw: &DrawCode, member: MemberId, fresh: Uuid) -> Result<(Uuid, i64), Error> {
    let sql = "INSERT INTO draw_entrants (draw, member_id, holder, tickets) VALUES ($1, $2, $3, 0) \
               ON CONFLICT (member_id, draw) DO NOTHING";
    execute(tx, sql, [draw.as_str().into(), member.as_uuid().into(), fresh.into()]).await?;
    let sql =
        format!("SELECT holder, tickets FROM draw_entrants WHERE draw = $1 AND member_id = $2{}", held(tx));
    let rows = query(tx, &sql, [draw.as_str().into(), member.as_uuid().into()]).await?;
    let row = rows.first().ok_or_else(|| broken("nobody"))?;
    Ok((at(row, 0)?, at(row, 1)?))
}

/// The tickets that a thing brought, held against others.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, draw: &DrawCode, cause: &Cause) -> Result<Option<Entry>, Error> {
    let sql = format!("{COLUMNS} WHERE draw = $1 AND source = $2 AND reference = $3{}", held(tx));
    let values = [draw.as_str().into(), cause.source.word().into(), cause.reference.as_str().into()];
    query(tx, &sql, values).await?.first().map(read).transpose()
}

/// The tickets that a thing brought, of every draw, held against others.
///
/// # Errors
/// A fault of the database.
pub async fn brought_by(tx: &Tx, cause: &Cause) -> Result<Vec<Entry>, Error> {
    let sql = format!("{COLUMNS} WHERE reference = $1 AND source = $2 ORDER BY draw{}", held(tx));
    let values = [cause.reference.as_str().into(), cause.source.word().into()];
    query(tx, &sql, values).await?.iter().map(read).collect()
}

/// Writes an entry down and counts it for its member.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, fresh: &Entry, cause: &Cause, now: Timestamp) -> Result<(), Error> {
    let sql = "INSERT INTO draw_entries (id, draw, member_id, holder, source, reference, tickets, amount, returned, state, made_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let values = [
        fresh.id.into(),
        fresh.draw.as_str().into(),
        fresh.member.as_uuid().into(),
        fresh.holder.into(),
        cause.source.word().into(),
        cause.reference.as_str().into(),
        i64::from(fresh.tickets).into(),
        fresh.amount.into(),
        fresh.returned.into(),
        fresh.state.word().into(),
        now.micros().into(),
    ];
    execute(tx, sql, values).await?;
    count(tx, fresh, i64::from(fresh.tickets)).await
}

/// Writes down how an entry stands now; `tickets_before` is how many it counted for.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, changed: &Entry, tickets_before: u32) -> Result<(), Error> {
    let sql = "UPDATE draw_entries SET tickets = $1, returned = $2, state = $3 WHERE id = $4";
    let values = [
        i64::from(changed.tickets).into(),
        changed.returned.into(),
        changed.state.word().into(),
        changed.id.into(),
    ];
    execute(tx, sql, values).await?;
    count(tx, changed, i64::from(changed.tickets) - i64::from(tickets_before)).await
}

async fn count(tx: &Tx, of: &Entry, more: i64) -> Result<(), Error> {
    let sql = "UPDATE draw_entrants SET tickets = tickets + $1 WHERE draw = $2 AND member_id = $3";
    execute(tx, sql, [more.into(), of.draw.as_str().into(), of.member.as_uuid().into()]).await.map(drop)
}

/// Notes that a return is about what brought these tickets; `false` where that was noted before.
///
/// # Errors
/// A fault of the database.
pub async fn note_return(tx: &Tx, entry: Uuid, return_id: Uuid) -> Result<bool, Error> {
    let sql = "INSERT INTO draw_returns (entry, return_id) VALUES ($1, $2) ON CONFLICT (entry, return_id) DO NOTHING";
    Ok(execute(tx, sql, [entry.into(), return_id.into()]).await? == 1)
}

/// Whether points are on their way for tickets of a draw.
///
/// # Errors
/// A fault of the database.
pub async fn any_pending(on: &impl ConnectionTrait, draw: &DrawCode) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM draw_entries WHERE draw = $1 AND state = 'pending' LIMIT 1";
    Ok(!query(on, sql, [draw.as_str().into()]).await?.is_empty())
}

/// Redemptions that brought tickets of a draw which count, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn redeemed(
    on: &impl ConnectionTrait,
    draw: &DrawCode,
    limit: u32,
) -> Result<Vec<RedemptionId>, Error> {
    let sql = "SELECT reference FROM draw_entries WHERE draw = $1 AND source = 'redemption' AND state = 'live' \
               ORDER BY id LIMIT $2";
    let rows = query(on, sql, [draw.as_str().into(), i64::from(limit).into()]).await?;
    let read = |row| {
        let id = Uuid::try_parse(&at::<String>(row, 0)?).map_err(|_| broken("a redemption's id"))?;
        Ok(RedemptionId::from_uuid(id))
    };
    rows.iter().map(read).collect()
}

/// Gives every entry that counts its place in the list.
///
/// # Errors
/// A fault of the database.
pub async fn number(tx: &Tx, draw: &DrawCode) -> Result<(), Error> {
    let sql = "UPDATE draw_entries SET position = n.place FROM (SELECT id AS entry, ROW_NUMBER() OVER (ORDER BY id) AS place \
               FROM draw_entries WHERE draw = $1 AND state = 'live' AND tickets > 0) n WHERE draw_entries.id = n.entry";
    execute(tx, sql, [draw.as_str().into()]).await.map(drop)
}

/// Lines of a closed list behind a place, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn lines(
    on: &impl ConnectionTrait,
    draw: &DrawCode,
    after: u64,
    limit: u64,
) -> Result<Vec<Line>, Error> {
    let sql = "SELECT position, holder, tickets FROM draw_entries WHERE draw = $1 AND position > $2 ORDER BY position LIMIT $3";
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let rows = query(on, sql, [draw.as_str().into(), number(after).into(), number(limit).into()]).await?;
    let count =
        |row: &QueryResult, index| u64::try_from(at::<i64>(row, index)?).map_err(|_| broken("a count"));
    let line = |row| Ok(Line { position: count(row, 0)?, holder: at(row, 1)?, tickets: count(row, 2)? });
    rows.iter().map(line).collect()
}

/// Whose the line at a place of a closed list is.
///
/// # Errors
/// A fault of the database.
pub async fn whose(on: &impl ConnectionTrait, draw: &DrawCode, position: u64) -> Result<MemberId, Error> {
    let sql = "SELECT member_id FROM draw_entries WHERE draw = $1 AND position = $2";
    let position = i64::try_from(position).map_err(anyhow::Error::from)?;
    let rows = query(on, sql, [draw.as_str().into(), position.into()]).await?;
    let row = rows.first().ok_or_else(|| broken("no line of a list"))?;
    Ok(MemberId::from_uuid(at(row, 0)?))
}

/// What a member has in each draw: its code, their number in its list, their tickets; in the order of codes.
///
/// # Errors
/// A fault of the database.
pub async fn of_member(
    on: &impl ConnectionTrait,
    member: MemberId,
) -> Result<Vec<(DrawCode, Uuid, i64)>, Error> {
    let sql = "SELECT draw, holder, tickets FROM draw_entrants WHERE member_id = $1 ORDER BY draw";
    let rows = query(on, sql, [member.as_uuid().into()]).await?;
    let read = |row| {
        let code = DrawCode::parse(&at::<String>(row, 0)?).map_err(|_| broken("a draw's code"))?;
        Ok((code, at(row, 1)?, at(row, 2)?))
    };
    rows.iter().map(read).collect()
}

/// Takes a member's tickets out of draws whose lists are not closed, and forgets under which number they stand in any.
///
/// # Errors
/// A fault of the database.
pub async fn forget(tx: &Tx, member: MemberId) -> Result<(), Error> {
    let open =
        "UPDATE draw_entries SET state = 'gone', tickets = 0 WHERE member_id = $1 AND position IS NULL";
    execute(tx, open, [member.as_uuid().into()]).await?;
    execute(tx, "DELETE FROM draw_entrants WHERE member_id = $1", [member.as_uuid().into()]).await.map(drop)
}
