//! Reads whole tables, for audits.

use kernel::{Points, RedemptionId};
use sea_orm::ConnectionTrait;

use super::{at, query};
use crate::{domain::redemption::State, error::Error};

/// How many rows a table has, and how many of them have a flaw.
///
/// # Errors
/// A fault of the database.
pub async fn flaws(on: &impl ConnectionTrait, table: &str, flaw: &str) -> Result<(u64, u64), Error> {
    let sql = format!(
        "SELECT (SELECT COUNT(*) FROM {table}) AS examined, (SELECT COUNT(*) FROM {table} WHERE {flaw}) AS flawed"
    );
    let rows = query(on, &sql, []).await?;
    let Some(row) = rows.first() else { return Ok((0, 0)) };
    let count = |index| at::<i64>(row, index).map(|count| u64::try_from(count).unwrap_or_default());
    Ok((count(0)?, count(1)?))
}

/// Every redemption: what it costs, and whether it is completed or released.
///
/// # Errors
/// A fault of the database.
pub async fn redemptions(
    on: &impl ConnectionTrait,
) -> Result<Vec<(RedemptionId, Points, Option<bool>)>, Error> {
    let rows = query(on, "SELECT id, points, state FROM redemptions", []).await?;
    let read = |row| {
        let ended = match State::from_word(&at::<String>(row, 2)?) {
            Some(State::Completed | State::Cancelled | State::Refunded | State::Forfeited) => Some(true),
            Some(State::Released) => Some(false),
            _ => None,
        };
        Ok((RedemptionId::from_uuid(at(row, 0)?), Points::new(at(row, 1)?), ended))
    };
    rows.iter().map(read).collect()
}

/// Every redemption that was cancelled, and whether its points are back; nothing while points has not said so.
///
/// # Errors
/// A fault of the database.
pub async fn cancelled(on: &impl ConnectionTrait) -> Result<Vec<(RedemptionId, Option<bool>)>, Error> {
    let sql = "SELECT id, state FROM redemptions WHERE state IN ('cancelled', 'refunded', 'forfeited')";
    let read = |row| {
        let back = match State::from_word(&at::<String>(row, 1)?) {
            Some(State::Refunded) => Some(true),
            Some(State::Forfeited) => Some(false),
            _ => None,
        };
        Ok((RedemptionId::from_uuid(at(row, 0)?), back))
    };
    query(on, sql, []).await?.iter().map(read).collect()
}
