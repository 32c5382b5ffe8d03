//! Where does a member stand on the ladder of tiers, and what did people grant?

use std::sync::Arc;

use kernel::{MemberId, Timestamp};
use runtime::Chain;
use store::Database;

use crate::{
    domain::{Programme, Standing},
    store::{
        programmes::ProgrammeCache,
        standings,
        tier_grants::{self, GrantRow},
    },
};

/// The member's standing as of now under the live programme, whether or not a job has passed; `None` when the programme
/// has no tiers.
///
/// # Errors
/// When the database refuses.
pub async fn read(
    database: &Database,
    programmes: &ProgrammeCache,
    chain: &Chain,
    member: MemberId,
    now: Timestamp,
) -> anyhow::Result<Option<(Arc<Programme>, Standing)>> {
    let tx = database.snapshot().await?;
    let programme = programmes.live(tx.connection(), now).await?;
    let today = chain.local(now, None).day;
    let mut found = standings::load(&tx, &[member.as_uuid()]).await?;
    tx.rollback().await?;
    let Some(programme) = programme else { return Ok(None) };
    let Some(ladder) = &programme.document.tiers else { return Ok(None) };
    let mut standing = found.remove(&member).map_or_else(|| Standing::new(today), |stored| stored.standing);
    standing.advance(ladder, today);
    Ok(Some((programme, standing)))
}

/// What people granted a member before the grant of a number, the latest first, so many at most.
///
/// # Errors
/// When the database refuses.
pub async fn grants(
    database: &Database,
    member: MemberId,
    before: Option<u32>,
    most: u32,
) -> anyhow::Result<Vec<GrantRow>> {
    let tx = database.snapshot().await?;
    let grants = tier_grants::of_member(&tx, member, before.unwrap_or(u32::MAX), most).await?;
    tx.rollback().await?;
    Ok(grants)
}
