//! Hands out an archive of everything that is kept of a member: counted, and noted with who had it.

use kernel::{MemberId, Timestamp};

use super::Desk;
use crate::{
    domain::{
        archive::{Archive, counted_since, decide_archive},
        rejection::Rejection,
    },
    error::{Error, Missing},
    store::{archives, held::HeldMembers},
};

/// Notes that the archive is handed out; it is not, where this fails.
///
/// # Errors
/// [`Missing::Member`] when they left meanwhile, [`crate::domain::archive::ArchiveRefusal::TooMany`], or a fault of the database.
pub async fn hand_out_archive(desk: &Desk, archive: Archive) -> Result<(), Error> {
    let Archive { member, made_at, .. } = archive;
    let tx = desk.vault.database.begin().await?;
    // Held, so that two at the same time are counted one after the other.
    if !HeldMembers::hold(&tx, &[member]).await?.has(member) {
        return Err(Missing::Member(member).into());
    }
    let made = archives::made_since(&tx, member, counted_since(made_at)).await?;
    decide_archive(&made, desk.settings.archives.per_day, made_at).map_err(Rejection::from)?;
    archives::note(&tx, desk.ids.uuid(), &archive).await?;
    Ok(tx.commit().await?)
}

/// Refuses early what [`hand_out_archive`] would refuse, so that nothing is made in vain.
///
/// # Errors
/// As there.
pub async fn may_have_archive(desk: &Desk, member: MemberId, now: Timestamp) -> Result<(), Error> {
    let made = archives::made_since(desk.vault.database.connection(), member, counted_since(now)).await?;
    Ok(decide_archive(&made, desk.settings.archives.per_day, now).map_err(Rejection::from)?)
}
