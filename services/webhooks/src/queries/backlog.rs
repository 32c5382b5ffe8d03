//! How much waits, and since when?

use kernel::Timestamp;
use store::Database;

use crate::{error::Error, store::queue};

/// How many messages wait, and since when the oldest one does.
///
/// # Errors
/// A fault of the database.
pub async fn backlog(database: &Database) -> Result<(u64, Option<Timestamp>), Error> {
    queue::waiting(database.connection()).await
}
