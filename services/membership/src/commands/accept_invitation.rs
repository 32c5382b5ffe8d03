//! A guest accepts an invitation, and belongs to the household.

use contracts::membership::HouseholdRole;
use kernel::{HouseholdId, InvitationId, MemberId};

use super::Desk;
use crate::{
    domain::{
        household::Belonging,
        invitation::{Acceptance, Ending, accept},
    },
    error::{Error, Missing},
    store::{households, invitations},
};

/// Makes sure that the guest belongs to the household into which they were invited. The first who accepts brings it about,
/// headed by who invited them.
///
/// # Errors
/// [`Missing::Member`], [`Missing::Invitation`] when it is not to this member,
/// [`crate::domain::household::HouseholdRefusal::InvitationOver`],
/// [`crate::domain::rejection::Rejection::InOtherHousehold`],
/// [`crate::domain::rejection::Rejection::HouseholdFull`], or a fault of the database.
pub async fn accept_invitation(desk: &Desk, guest: MemberId, id: InvitationId) -> Result<(), Error> {
    let limit = desk.settings.households.members;
    let on = desk.vault.database.connection();
    let inviter = invitations::load(on, &desk.vault, id).await?.ok_or(Missing::Invitation)?.inviter;
    let mut changes = desk.member_changes(&[guest, inviter]).await?;
    let now = changes.now;
    changes.must_hold(guest)?;
    let held = invitations::hold(&changes.tx, &desk.vault, id).await?;
    let mut invitation = held.ok_or(Missing::Invitation)?;
    if !invitations::own_addresses(&changes.tx, &desk.vault, guest).await?.contains(&invitation.to) {
        return Err(Missing::Invitation.into());
    }
    let head = households::of_member(&changes.tx, inviter).await?;
    let before = households::of_member(&changes.tx, guest).await?;
    let coming = |household| Belonging { member: guest, household, role: invitation.role, since: now };
    match accept(&invitation, head, before, now)? {
        Acceptance::Known => return Ok(()),
        Acceptance::Comes(household) => changes.comes(&coming(household), limit).await?,
        Acceptance::Founds => {
            let household = HouseholdId::from_uuid(desk.ids.uuid());
            let founder = Belonging { member: inviter, household, role: HouseholdRole::Head, since: now };
            changes.comes(&founder, limit).await?;
            changes.comes(&coming(household), limit).await?;
            invitations::lead_into(&changes.tx, inviter, household).await?;
        }
    }
    invitation.ended = Some(Ending::Accepted);
    invitations::update(&changes.tx, &invitation).await?;
    desk.conclude_changes(changes).await
}
