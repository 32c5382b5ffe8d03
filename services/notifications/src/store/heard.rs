//! Texts that came to the club's number.

use kernel::{Digest16, MemberId, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use store::Tx;
use uuid::Uuid;

use super::{at, execute, instant, query};
use crate::{domain::heard::Ask, error::Error};

/// A text that came.
#[derive(Debug, Clone)]
pub struct Heard<'a> {
    /// Through which door.
    pub door: &'a str,
    /// The keyed hash of the provider's id of it.
    pub text: Digest16,
    /// The keyed hash of who sent it.
    pub sender: Digest16,
    /// What it asks for.
    pub ask: Ask,
    /// When.
    pub at: Timestamp,
}

/// Notes a text once; answers whether it was done with before.
///
/// # Errors
/// A fault of the database.
pub async fn claim(tx: &Tx, heard: &Heard<'_>) -> Result<bool, Error> {
    let sql = "INSERT INTO heard_texts (door, text, sender, ask, done, heard_at) VALUES ($1, $2, $3, $4, $5, $6) \
               ON CONFLICT (door, text) DO NOTHING";
    let values = [
        heard.door.into(),
        heard.text.0.to_vec().into(),
        heard.sender.0.to_vec().into(),
        heard.ask.word().into(),
        false.into(),
        heard.at.micros().into(),
    ];
    if execute(tx, sql, values).await? == 1 {
        return Ok(false);
    }
    let sql = "SELECT done FROM heard_texts WHERE door = $1 AND text = $2";
    let rows = query(tx, sql, [heard.door.into(), heard.text.0.to_vec().into()]).await?;
    rows.first().map_or(Ok(false), |row| at(row, 0))
}

/// Notes that a text is done with.
///
/// # Errors
/// A fault of the database.
pub async fn done(tx: &Tx, heard: &Heard<'_>) -> Result<(), Error> {
    let sql = "UPDATE heard_texts SET done = $3 WHERE door = $1 AND text = $2";
    execute(tx, sql, [heard.door.into(), heard.text.0.to_vec().into(), true.into()]).await?;
    Ok(())
}

/// How many texts a sender sent since then, this one included, and how many of them asked for nothing that is known.
///
/// # Errors
/// A fault of the database.
pub async fn since(
    on: &impl ConnectionTrait,
    sender: Digest16,
    then: Timestamp,
) -> Result<(i64, i64), Error> {
    let sql = "SELECT COUNT(*), COUNT(CASE WHEN ask = $3 THEN 1 END) FROM heard_texts WHERE sender = $1 AND heard_at > $2";
    let values = [sender.0.to_vec().into(), then.micros().into(), Ask::Other.word().into()];
    let rows = query(on, sql, values).await?;
    rows.first().map_or(Ok((0, 0)), |row| Ok((at(row, 0)?, at(row, 1)?)))
}

/// A text that people are to read.
#[derive(Debug, Clone)]
pub struct Unknown {
    /// Its id.
    pub id: Uuid,
    /// Who sent it, where it was a member.
    pub member: Option<MemberId>,
    /// The number and the text, sealed.
    pub sealed: Vec<u8>,
    /// When it came.
    pub heard_at: Timestamp,
}

/// Keeps a text for people to read; the same one again changes nothing.
///
/// # Errors
/// A fault of the database.
pub async fn keep(tx: &Tx, unknown: &Unknown) -> Result<(), Error> {
    let sql = "INSERT INTO unknown_texts (id, member_id, sealed, heard_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    let values = [
        unknown.id.into(),
        unknown.member.map(MemberId::as_uuid).into(),
        unknown.sealed.clone().into(),
        unknown.heard_at.micros().into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

fn unknown(row: &QueryResult) -> Result<Unknown, Error> {
    Ok(Unknown {
        id: at(row, 0)?,
        member: at::<Option<Uuid>>(row, 1)?.map(MemberId::from_uuid),
        sealed: at(row, 2)?,
        heard_at: instant(at(row, 3)?),
    })
}

const COLUMNS: &str = "id, member_id, sealed, heard_at";

/// Texts that nobody has closed, the oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn open(on: &impl ConnectionTrait, after: Option<Uuid>, limit: u64) -> Result<Vec<Unknown>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM unknown_texts WHERE closed_at IS NULL AND id > $1 ORDER BY id LIMIT $2"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    query(on, &sql, [after.unwrap_or_default().into(), limit.into()]).await?.iter().map(unknown).collect()
}

/// One text that nobody has closed.
///
/// # Errors
/// A fault of the database.
pub async fn find_open(on: &impl ConnectionTrait, id: Uuid) -> Result<Option<Unknown>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM unknown_texts WHERE id = $1 AND closed_at IS NULL");
    query(on, &sql, [id.into()]).await?.first().map(unknown).transpose()
}

/// Closes a text; `false` when it is closed, or none.
///
/// # Errors
/// A fault of the database.
pub async fn close(tx: &Tx, id: Uuid, by: &str, now: Timestamp) -> Result<bool, Error> {
    let sql = "UPDATE unknown_texts SET closed_by = $2, closed_at = $3 WHERE id = $1 AND closed_at IS NULL";
    Ok(execute(tx, sql, [id.into(), by.into(), now.micros().into()]).await? == 1)
}

/// Deletes texts from before then, up to `most` of each; answers whether there may be more.
///
/// # Errors
/// A fault of the database.
pub async fn forget(tx: &Tx, before: Timestamp, most: i64) -> Result<bool, Error> {
    let heard = "DELETE FROM heard_texts WHERE (door, text) IN \
                 (SELECT door, text FROM heard_texts WHERE heard_at < $1 ORDER BY heard_at LIMIT $2)";
    let kept = "DELETE FROM unknown_texts WHERE id IN \
                (SELECT id FROM unknown_texts WHERE heard_at < $1 ORDER BY heard_at LIMIT $2)";
    let values = || [before.micros().into(), most.into()];
    let gone = execute(tx, heard, values()).await?.max(execute(tx, kept, values()).await?);
    Ok(gone >= most.unsigned_abs())
}
