//! Draws: their terms, what is published of them, and who did what.

use kernel::{DrawCode, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use store::Tx;

use super::{at, broken, cancellations::Cancelled, execute, held, instant, micros, query, shared};
use crate::{
    domain::draw::{DrawTerms, State},
    error::Error,
};

/// A draw as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// Its code.
    pub code: DrawCode,
    /// Its terms.
    pub terms: DrawTerms,
    /// Where it stands.
    pub state: State,
    /// The hash of its seed, since it is published.
    pub commitment: Option<String>,
    /// Its seed, sealed, until it is published with the winners.
    pub seed_sealed: Option<Vec<u8>>,
    /// Entries of the closed list.
    pub entries: u64,
    /// Tickets of the closed list.
    pub tickets: u64,
    /// Tickets that came too late.
    pub late: u64,
    /// The digest of the closed list.
    pub digest: Option<String>,
    /// The value of the public source of chance.
    pub entropy: Option<String>,
    /// Who entered it.
    pub entropy_by: Option<String>,
    /// Its seed, published with the winners.
    pub seed: Option<String>,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// When its list was closed.
    pub closed_at: Option<Timestamp>,
    /// When its winners were chosen.
    pub settled_at: Option<Timestamp>,
    /// How many facts were told of it.
    pub told: u64,
    /// Who cancelled it, when and why; nothing where nobody did.
    pub cancelled: Option<Cancelled>,
}

/// Something that was done with a draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// When.
    pub made_at: Timestamp,
    /// Who: an id of the staff, `operator`, or `clock` for what is done by the time alone.
    pub actor: String,
    /// What.
    pub what: String,
    /// With what.
    pub detail: String,
}

const COLUMNS: &str = "SELECT code, document, state, commitment, seed_sealed, entries, tickets, late, digest, entropy, entropy_by, seed, \
     published_at, closed_at, settled_at, told, cancelled_at, cancelled_by, cancelled_for FROM draws";

fn read(row: &QueryResult) -> Result<Draw, Error> {
    let count = |index| u64::try_from(at::<i64>(row, index)?).map_err(|_| broken("a count"));
    let when = |index| Ok::<_, Error>(at::<Option<i64>>(row, index)?.map(instant));
    let (cancelled_by, reason) = (at::<Option<String>>(row, 17)?, at(row, 18)?);
    let cancelled = when(16)?.zip(cancelled_by).map(|(at, by)| Cancelled { at, by, reason });
    Ok(Draw {
        code: DrawCode::parse(&at::<String>(row, 0)?).map_err(|_| broken("a draw's code"))?,
        terms: serde_json::from_str(&at::<String>(row, 1)?).map_err(|_| broken("a draw's terms"))?,
        state: State::from_word(&at::<String>(row, 2)?).ok_or_else(|| broken("a state"))?,
        commitment: at(row, 3)?,
        seed_sealed: at(row, 4)?,
        entries: count(5)?,
        tickets: count(6)?,
        late: count(7)?,
        digest: at(row, 8)?,
        entropy: at(row, 9)?,
        entropy_by: at(row, 10)?,
        seed: at(row, 11)?,
        published_at: when(12)?,
        closed_at: when(13)?,
        settled_at: when(14)?,
        told: count(15)?,
        cancelled,
    })
}

/// A draw.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, code: &DrawCode) -> Result<Option<Draw>, Error> {
    let rows = query(on, &format!("{COLUMNS} WHERE code = $1"), [code.as_str().into()]).await?;
    rows.first().map(read).transpose()
}

/// A draw, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, code: &DrawCode) -> Result<Option<Draw>, Error> {
    let sql = format!("{COLUMNS} WHERE code = $1{}", held(tx));
    query(tx, &sql, [code.as_str().into()]).await?.first().map(read).transpose()
}

/// A draw that nobody closes until the transaction ends; others may put tickets into it meanwhile.
///
/// # Errors
/// A fault of the database.
pub async fn keep_open(tx: &Tx, code: &DrawCode) -> Result<Option<Draw>, Error> {
    let sql = format!("{COLUMNS} WHERE code = $1{}", shared(tx));
    query(tx, &sql, [code.as_str().into()]).await?.first().map(read).transpose()
}

/// Draws whose codes come after `after`, in order, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn list(on: &impl ConnectionTrait, after: &str, limit: u64) -> Result<Vec<Draw>, Error> {
    let sql = format!("{COLUMNS} WHERE code > $1 ORDER BY code LIMIT $2");
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    query(on, &sql, [after.into(), limit.into()]).await?.iter().map(read).collect()
}

/// Draws in a state.
///
/// # Errors
/// A fault of the database.
pub async fn in_state(on: &impl ConnectionTrait, state: State) -> Result<Vec<Draw>, Error> {
    let sql = format!("{COLUMNS} WHERE state = $1 ORDER BY code");
    query(on, &sql, [state.word().into()]).await?.iter().map(read).collect()
}

/// Draws that are published, and did not close before an instant.
///
/// # Errors
/// A fault of the database.
pub async fn published(on: &impl ConnectionTrait, since: Timestamp) -> Result<Vec<Draw>, Error> {
    let sql = format!("{COLUMNS} WHERE state <> 'draft' AND closes_at > $1 ORDER BY code");
    query(on, &sql, [since.micros().into()]).await?.iter().map(read).collect()
}

/// Writes a draft down, in the place of the one before.
///
/// # Errors
/// A fault of the database.
pub async fn write(tx: &Tx, code: &DrawCode, terms: &DrawTerms, now: Timestamp) -> Result<(), Error> {
    let document = serde_json::to_string(terms).map_err(anyhow::Error::from)?;
    let sql = "INSERT INTO draws (code, document, state, opens_at, closes_at, entries, tickets, late, created_at, told) \
               VALUES ($1, $2, 'draft', $3, $4, 0, 0, 0, $5, 0) ON CONFLICT (code) DO UPDATE SET \
               document = excluded.document, opens_at = excluded.opens_at, closes_at = excluded.closes_at";
    let values = [
        code.as_str().into(),
        document.into(),
        terms.opens_at.micros().into(),
        terms.closes_at.micros().into(),
        now.micros().into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Writes down where a draw stands now.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, changed: &Draw, sealed_by: Option<u8>) -> Result<(), Error> {
    let sql = "UPDATE draws SET state = $1, commitment = $2, seed_sealed = $3, sealed_by = COALESCE($4, sealed_by), \
               entries = $5, tickets = $6, digest = $7, entropy = $8, entropy_by = $9, seed = $10, published_at = $11, \
               closed_at = $12, settled_at = $13, told = $14 WHERE code = $15";
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let values = [
        changed.state.word().into(),
        changed.commitment.as_deref().into(),
        changed.seed_sealed.clone().into(),
        sealed_by.map(i16::from).into(),
        count(changed.entries).into(),
        count(changed.tickets).into(),
        changed.digest.as_deref().into(),
        changed.entropy.as_deref().into(),
        changed.entropy_by.as_deref().into(),
        changed.seed.as_deref().into(),
        micros(changed.published_at).into(),
        micros(changed.closed_at).into(),
        micros(changed.settled_at).into(),
        count(changed.told).into(),
        changed.code.as_str().into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Writes down that a draw is cancelled, and that points are to be given back.
///
/// # Errors
/// A fault of the database.
pub async fn cancel(tx: &Tx, code: &DrawCode, how: &Cancelled) -> Result<(), Error> {
    let sql = "UPDATE draws SET state = 'cancelled', to_refund = 1, cancelled_at = $1, cancelled_by = $2, cancelled_for = $3 \
               WHERE code = $4";
    let values =
        [how.at.micros().into(), how.by.as_str().into(), how.reason.as_deref().into(), code.as_str().into()];
    execute(tx, sql, values).await.map(drop)
}

/// Cancelled draws of which points are still to be given back.
///
/// # Errors
/// A fault of the database.
pub async fn to_refund(on: &impl ConnectionTrait) -> Result<Vec<DrawCode>, Error> {
    let rows = query(on, "SELECT code FROM draws WHERE to_refund = 1 ORDER BY code", []).await?;
    rows.iter()
        .map(|row| DrawCode::parse(&at::<String>(row, 0)?).map_err(|_| broken("a draw's code")))
        .collect()
}

/// Writes down that all points of a cancelled draw are given back.
///
/// # Errors
/// A fault of the database.
pub async fn refunded(tx: &Tx, code: &DrawCode) -> Result<(), Error> {
    execute(tx, "UPDATE draws SET to_refund = 0 WHERE code = $1", [code.as_str().into()]).await.map(drop)
}

/// Counts tickets that came too late.
///
/// # Errors
/// A fault of the database.
pub async fn count_late(tx: &Tx, code: &DrawCode, tickets: u32) -> Result<(), Error> {
    let sql = "UPDATE draws SET late = late + $1 WHERE code = $2";
    execute(tx, sql, [i64::from(tickets).into(), code.as_str().into()]).await.map(drop)
}

/// Seeds that another key than this one sealed, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn sealed_by_others(tx: &Tx, key: u8, limit: u32) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let sql = "SELECT code, seed_sealed FROM draws WHERE sealed_by IS NOT NULL AND sealed_by <> $1 \
               AND seed_sealed IS NOT NULL LIMIT $2";
    let rows = query(tx, sql, [i16::from(key).into(), i64::from(limit).into()]).await?;
    rows.iter().map(|row| Ok((at(row, 0)?, at(row, 1)?))).collect()
}

/// Puts a seed that was sealed anew in the place of the same one.
///
/// # Errors
/// A fault of the database.
pub async fn reseal(tx: &Tx, code: &str, sealed: Vec<u8>, key: u8) -> Result<(), Error> {
    let sql = "UPDATE draws SET seed_sealed = $1, sealed_by = $2 WHERE code = $3 AND seed_sealed IS NOT NULL";
    execute(tx, sql, [sealed.into(), i16::from(key).into(), code.into()]).await.map(drop)
}

/// Writes down how many of a prize there are.
///
/// # Errors
/// A fault of the database.
pub async fn insert_prize(tx: &Tx, code: &DrawCode, prize: u32, units: u32) -> Result<(), Error> {
    let sql = "INSERT INTO draw_prizes (draw, prize, units, given) VALUES ($1, $2, $3, 0)";
    let prize = i32::try_from(prize).map_err(anyhow::Error::from)?;
    execute(tx, sql, [code.as_str().into(), prize.into(), i64::from(units).into()]).await.map(drop)
}

/// Gives one of a prize; the schema refuses more than there are.
///
/// # Errors
/// A fault of the database.
pub async fn give_prize(tx: &Tx, code: &DrawCode, prize: u32) -> Result<(), Error> {
    let sql = "UPDATE draw_prizes SET given = given + 1 WHERE draw = $1 AND prize = $2 AND given < units";
    let prize = i32::try_from(prize).map_err(anyhow::Error::from)?;
    match execute(tx, sql, [code.as_str().into(), prize.into()]).await? {
        1 => Ok(()),
        _ => Err(broken("a prize beyond its stock")),
    }
}

/// Notes that something was done, behind everything before; the draw's row is held.
///
/// # Errors
/// A fault of the database.
pub async fn note(tx: &Tx, code: &DrawCode, deed: &Deed) -> Result<(), Error> {
    let sql = "INSERT INTO draw_deeds (draw, number, made_at, actor, deed, detail) \
               SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5 FROM draw_deeds WHERE draw = $1";
    let values = [
        code.as_str().into(),
        deed.made_at.micros().into(),
        deed.actor.as_str().into(),
        deed.what.as_str().into(),
        deed.detail.as_str().into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// The last things that were done with a draw, the latest first.
///
/// # Errors
/// A fault of the database.
pub async fn deeds(on: &impl ConnectionTrait, code: &DrawCode, limit: u32) -> Result<Vec<Deed>, Error> {
    let sql =
        "SELECT made_at, actor, deed, detail FROM draw_deeds WHERE draw = $1 ORDER BY number DESC LIMIT $2";
    let rows = query(on, sql, [code.as_str().into(), i64::from(limit).into()]).await?;
    let deed = |row: &QueryResult| {
        Ok(Deed { made_at: instant(at(row, 0)?), actor: at(row, 1)?, what: at(row, 2)?, detail: at(row, 3)? })
    };
    rows.iter().map(deed).collect()
}
