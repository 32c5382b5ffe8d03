//! Who belongs to a member's household, and who invited whom?

use kernel::{MemberId, Timestamp};

use crate::{
    domain::{household::Belonging, invitation::Invitation, name::FirstName},
    error::{Error, Missing},
    store::{Vault, households, invitations, members},
};

/// The most invitations that are shown to a guest.
const SHOWN: u64 = 50;

/// A household as those see it who belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnHousehold {
    /// Where the member belongs.
    pub own: Belonging,
    /// Everybody there with their first names, those who have been there longest first.
    pub members: Vec<(Belonging, FirstName)>,
}

/// Invitations that wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnInvitations {
    /// To the member, with the first names of those who made them; those made last first, 50 at most.
    pub received: Vec<(Invitation, FirstName)>,
    /// By the member, earliest first.
    pub made: Vec<Invitation>,
}

/// The household to which a member belongs.
///
/// # Errors
/// [`Missing::Member`], [`Missing::OwnHousehold`], a fault of the database, or a name that does not open.
pub async fn own_household(vault: &Vault, member: MemberId) -> Result<OwnHousehold, Error> {
    let on = vault.database.connection();
    members::load_standing(on, member).await?.ok_or(Missing::Member(member))?;
    let own = households::of_member(on, member).await?.ok_or(Missing::OwnHousehold)?;
    let mut known = Vec::new();
    for belonging in households::members(on, own.household).await? {
        known.push((belonging, first_name(vault, belonging.member).await?));
    }
    Ok(OwnHousehold { own, members: known })
}

/// The invitations to a member and by a member that wait.
///
/// # Errors
/// [`Missing::Member`], a fault of the database, or what is sealed does not open.
pub async fn own_invitations(
    vault: &Vault,
    member: MemberId,
    now: Timestamp,
) -> Result<OwnInvitations, Error> {
    let on = vault.database.connection();
    members::load_standing(on, member).await?.ok_or(Missing::Member(member))?;
    let own = invitations::own_addresses(on, vault, member).await?;
    let mut received = Vec::new();
    for invitation in invitations::open_to(on, vault, &own, now, SHOWN).await? {
        let name = first_name(vault, invitation.inviter).await?;
        received.push((invitation, name));
    }
    let mut made = invitations::made_by(on, vault, member, now, now).await?;
    made.retain(|made| made.waits(now));
    Ok(OwnInvitations { received, made })
}

async fn first_name(vault: &Vault, member: MemberId) -> Result<FirstName, Error> {
    let found = members::load_member(vault.database.connection(), vault, member).await?;
    Ok(found.ok_or(Missing::Member(member))?.first_name)
}
