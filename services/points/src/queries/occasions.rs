//! Which occasions of a member were marked?

use contracts::membership::Occasion;
use kernel::{Day, MemberId, Timestamp};
use store::Database;

use crate::{domain::AskedOfMembers, store::history};

/// The occasions that were told of a member, each with the day on which it was; `day_of` is the chain's wall clock.
///
/// # Errors
/// When the database refuses.
pub async fn of_member(
    database: &Database,
    member: MemberId,
    day_of: &(impl Fn(Timestamp) -> Day + Send + Sync),
) -> anyhow::Result<Vec<(Occasion, Day)>> {
    let asked = AskedOfMembers { occasions: true, ..AskedOfMembers::default() };
    let tx = database.snapshot().await?;
    let mut found = history::where_members_belong(&tx, &[member.as_uuid()], &asked, day_of).await?;
    tx.rollback().await?;
    Ok(found.remove(&member).map(|history| history.occasions).unwrap_or_default())
}
