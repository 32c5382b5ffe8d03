//! Keeps what `membership` answered before its fact came: a member has shown that the phone is theirs.

use kernel::{MemberId, Timestamp};
use store::Database;

use crate::store::phones;

/// Notes it, unless it is known.
///
/// # Errors
/// When the database refuses.
pub async fn note_confirmed(database: &Database, member: MemberId, now: Timestamp) -> anyhow::Result<()> {
    let tx = database.begin().await?;
    phones::confirm(&tx, member, now).await?;
    tx.commit().await?;
    Ok(())
}
