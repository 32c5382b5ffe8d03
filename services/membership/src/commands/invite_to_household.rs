//! Invites somebody into one's household, by phone, card or member id. Nobody looks up whether a member has it.

use contracts::membership::HouseholdRole;
use kernel::{InvitationId, MemberId, Pii, Timestamp};

use super::{Desk, Put, exchange_code::after};
use crate::{
    domain::{
        code_window::DAY,
        invitation::{Address, Invitation, Inviting, invite},
    },
    error::Error,
    store::{households, invitations},
};

/// Whom somebody invites, and as what.
#[derive(Debug, Clone)]
pub struct Guest {
    /// Whom.
    pub to: Address,
    /// What may be shown of that to who invites.
    pub shown: Pii<String>,
    /// As what they come.
    pub role: HouseholdRole,
}

/// Invites a guest into the household that the member heads, or into the one that comes about when the guest accepts. A
/// guest who is invited already stays so, and nothing changes.
///
/// # Errors
/// [`crate::error::Missing::Member`], [`crate::domain::household::HouseholdRefusal`],
/// [`crate::domain::rejection::Rejection::HouseholdFull`], or a fault of the database.
pub async fn invite_to_household(
    desk: &Desk,
    inviter: MemberId,
    guest: Guest,
) -> Result<Put<Invitation>, Error> {
    let rules = &desk.settings.households;
    let changes = desk.member_changes(&[inviter]).await?;
    let now = changes.now;
    changes.must_hold(inviter)?;
    let tx = &changes.tx;
    let place = households::of_member(tx, inviter).await?;
    let household = place.map(|place| place.household);
    let members = match household {
        Some(household) => households::members(tx, household).await?.len(),
        None => 1,
    };
    let made = invitations::made_by(tx, &desk.vault, inviter, now, after(now, -DAY)).await?;
    let to_guest = || made.iter().filter(|made| made.to == guest.to);
    if let Some(known) = to_guest().find(|made| made.waits(now) && made.household == household) {
        return Ok(Put::Known(known.clone()));
    }
    let of_late: Vec<Timestamp> =
        made.iter().map(|made| made.made_at).filter(|at| *at > after(now, -DAY)).collect();
    invite(&Inviting {
        place,
        members: u32::try_from(members).unwrap_or(u32::MAX),
        most_members: rules.members,
        own: &invitations::own_addresses(tx, &desk.vault, inviter).await?,
        to: guest.to,
        made: &of_late,
        most_a_day: rules.invitations_a_day,
        now,
    })?;
    // Whoever declined is not asked again by the same member before that invitation would have run out.
    let declined = to_guest().any(|made| made.declined_at.is_some() && now < made.expires_at);
    let invitation = Invitation {
        id: InvitationId::from_uuid(desk.ids.uuid()),
        inviter,
        household,
        to: guest.to,
        shown: guest.shown,
        role: guest.role,
        made_at: now,
        expires_at: after(now, rules.invitation_life),
        declined_at: declined.then_some(now),
        ended: None,
    };
    invitations::insert(tx, &desk.vault, &invitation).await?;
    desk.conclude_changes(changes).await?;
    Ok(Put::New(invitation))
}
