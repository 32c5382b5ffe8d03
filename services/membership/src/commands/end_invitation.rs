//! Ends an invitation: the guest declines it, or who made it withdraws it.

use kernel::{InvitationId, MemberId};

use super::Desk;
use crate::{
    domain::{
        household::HouseholdRefusal,
        invitation::{Ending, Invitation},
        rejection::Rejection,
    },
    error::{Error, Missing},
    store::invitations,
};

/// Makes sure that nobody comes by this invitation. Whoever made it does not learn that it was declined.
///
/// # Errors
/// [`Missing::Invitation`] when it is neither by this member nor to them, [`HouseholdRefusal::InvitationOver`] when it was
/// accepted, or a fault of the database.
pub async fn end_invitation(desk: &Desk, member: MemberId, id: InvitationId) -> Result<(), Error> {
    let now = desk.clock.now();
    let tx = desk.vault.database.begin().await?;
    let held = invitations::hold(&tx, &desk.vault, id).await?;
    let mut invitation: Invitation = held.ok_or(Missing::Invitation)?;
    let made_it = invitation.inviter == member;
    if !made_it && !invitations::own_addresses(&tx, &desk.vault, member).await?.contains(&invitation.to) {
        return Err(Missing::Invitation.into());
    }
    if invitation.ended == Some(Ending::Accepted) {
        return Err(Rejection::from(HouseholdRefusal::InvitationOver).into());
    }
    if made_it {
        invitation.ended = Some(Ending::Withdrawn);
    } else if invitation.declined_at.is_none() {
        invitation.declined_at = Some(now);
    }
    invitations::update(&tx, &invitation).await?;
    Ok(tx.commit().await?)
}
