//! How often each till was wrong about codes lately.

use kernel::{Digest16, Timestamp};
use sea_orm::ConnectionTrait;
use store::Tx;
use uuid::Uuid;

use super::{at, execute, query};
use crate::error::Error;

/// How long wrong codes count, in milliseconds.
pub const WINDOW_MS: i64 = 10 * 60 * 1_000;

/// How many codes were wrong in the window that began last, and when that was; nothing after the window.
///
/// # Errors
/// A fault of the database.
pub async fn misses(
    on: &impl ConnectionTrait,
    who: Digest16,
    now: Timestamp,
) -> Result<(i64, Timestamp), Error> {
    let sql = "SELECT misses, since FROM guesses WHERE who = $1 AND since > $2";
    let values = [Uuid::from_bytes(who.0).into(), now.plus_millis(-WINDOW_MS).micros().into()];
    let rows = query(on, sql, values).await?;
    let Some(row) = rows.first() else { return Ok((0, now)) };
    Ok((at(row, 0)?, Timestamp::from_micros(at(row, 1)?)))
}

/// Notes a wrong code.
///
/// # Errors
/// A fault of the database.
pub async fn note(tx: &Tx, who: Digest16, now: Timestamp) -> Result<(), Error> {
    let sql = "INSERT INTO guesses (who, since, misses) VALUES ($1, $2, 1) ON CONFLICT (who) DO UPDATE SET \
               misses = CASE WHEN guesses.since > $3 THEN guesses.misses + 1 ELSE 1 END, \
               since = CASE WHEN guesses.since > $3 THEN guesses.since ELSE excluded.since END";
    let begins = now.plus_millis(-WINDOW_MS);
    execute(tx, sql, [Uuid::from_bytes(who.0).into(), now.micros().into(), begins.micros().into()])
        .await
        .map(drop)
}

/// Forgets windows that are over.
///
/// # Errors
/// A fault of the database.
pub async fn forget(tx: &Tx, now: Timestamp) -> Result<u64, Error> {
    let sql = "DELETE FROM guesses WHERE since <= $1";
    execute(tx, sql, [now.plus_millis(-WINDOW_MS).micros().into()]).await
}
