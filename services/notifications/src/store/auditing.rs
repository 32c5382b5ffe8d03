//! Reads whole tables, for audits.

use sea_orm::ConnectionTrait;

use super::{at, query};
use crate::error::Error;

/// How many rows a table has, and how many of them have a flaw.
///
/// # Errors
/// A fault of the database.
pub async fn flaws(on: &impl ConnectionTrait, table: &str, flaw: &str) -> Result<(u64, u64), Error> {
    let sql = format!("SELECT COUNT(*), COUNT(CASE WHEN {flaw} THEN 1 END) FROM {table}");
    let rows = query(on, &sql, []).await?;
    let Some(row) = rows.first() else { return Ok((0, 0)) };
    let count = |index| at::<i64>(row, index).map(|count| u64::try_from(count).unwrap_or_default());
    Ok((count(0)?, count(1)?))
}
