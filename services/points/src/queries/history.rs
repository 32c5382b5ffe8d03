//! How did a member's balance come to be?

use kernel::MemberId;
use store::Database;
use web::Problem;

use crate::{
    error,
    store::{ledger::JournalRow, reading},
};

/// The journals below version `before`, newest first.
///
/// # Errors
/// A fault.
pub async fn read(
    database: &Database,
    member: MemberId,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<JournalRow>, Problem> {
    reading::journals(database, member, before, limit).await.map_err(error::fault)
}
