//! Is a member's account guarded?

use kernel::MemberId;
use store::Database;

use crate::{domain::Guard, store::guards};

/// The guard of a member, be it over or not.
///
/// # Errors
/// When the database refuses, or the row cannot be read.
pub async fn guard(database: &Database, member: MemberId) -> anyhow::Result<Option<Guard>> {
    guards::read(database, member).await
}
