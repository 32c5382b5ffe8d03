//! Lets a member leave, or erases anew whom a backup brought back: one transaction, told to everybody (J4).

use contracts::membership::{MemberErased, MemberLeft};
use kernel::MemberId;

use super::{ATTEMPTS, Desk, member_changes::MemberChanges};
use crate::{
    domain::{
        consent::{told_withdrawn, withdraw},
        leaving::{Erasure, Leaver, LeavingReason, reason},
    },
    error::{Error, Missing},
    store::{consents, erasures, households, telling::Telling},
};

/// Lets a member leave; nothing of them is known afterwards.
///
/// # Errors
/// [`crate::domain::rejection::Rejection::ReasonMissing`], [`Missing::Member`], [`Error::Contended`], or a fault of the
/// database.
pub async fn leave(desk: &Desk, member: MemberId, leaver: Leaver) -> Result<Erasure, Error> {
    let reason = reason(leaver)?;
    erase(desk, member, reason).await?.ok_or_else(|| Missing::Member(member).into())
}

/// Erases a member who left before, if a backup brought them back; `None` when there is nothing to erase.
///
/// # Errors
/// [`Error::Contended`], or a fault of the database.
pub async fn erase_again(desk: &Desk, member: MemberId) -> Result<Option<Erasure>, Error> {
    erase(desk, member, LeavingReason::Restored).await
}

/// Tells once more that a member was erased: a backup brought them back elsewhere.
///
/// # Errors
/// A fault of the database.
pub async fn tell_again(desk: &Desk, member: MemberId) -> Result<(), Error> {
    let tx = desk.vault.database.begin().await?;
    let Some(version) = erasures::count_fact(&tx, member).await? else { return Ok(()) };
    let mut telling = Telling::new(&*desk.ids, desk.clock.now());
    telling.tell(member.to_string(), version, &MemberErased { member_id: member, branch: None });
    desk.conclude(tx, telling).await
}

async fn erase(desk: &Desk, member: MemberId, reason: LeavingReason) -> Result<Option<Erasure>, Error> {
    for _ in 0..ATTEMPTS {
        let mut changes = desk.changes_with_heir(member).await?;
        if !changes.holds(member) {
            return Ok(None);
        }
        let before = households::of_member(&changes.tx, member).await?;
        if let Some(before) = before
            && !changes.departs(&before).await?
        {
            continue;
        }
        take_consents_back(&mut changes, member, reason).await?;
        changes.tell(member, &MemberLeft { member_id: member }).await?;
        let branch = erasures::branch_of(&changes.tx, member).await?;
        changes.tell(member, &MemberErased { member_id: member, branch }).await?;
        erasures::erase(&changes.tx, &desk.vault, member).await?;
        let erasure = Erasure { member, erased_at: changes.now, reason, points_at: None, rewards_at: None };
        erasures::note(&changes.tx, &erasure).await?;
        desk.conclude_changes(changes).await?;
        return Ok(Some(erasure));
    }
    Err(Error::Contended)
}

/// Whoever leaves consents to nothing any more; the ledger says so, and stays.
async fn take_consents_back(
    changes: &mut MemberChanges<'_>,
    member: MemberId,
    reason: LeavingReason,
) -> Result<(), Error> {
    for standing in consents::standing(&changes.tx, member).await? {
        let Some(said) = withdraw(Some(standing), reason.said_at(), changes.now) else { continue };
        let entry = consents::append(&changes.tx, member, said).await?;
        changes.tell(member, &told_withdrawn(member, &entry.said)).await?;
    }
    Ok(())
}
