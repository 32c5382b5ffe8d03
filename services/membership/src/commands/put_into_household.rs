//! Puts a member into a household, or gives them another role in it.

use contracts::membership::HouseholdRole;
use kernel::{HouseholdId, MemberId};

use super::{Desk, Put};
use crate::{
    domain::{
        household::{Belonging, MEMBERS_PER_HOUSEHOLD, Placement, put_into_household as decide},
        rejection::Rejection,
    },
    error::{Error, Missing},
    store::{households, members, telling::Telling},
};

/// Makes sure that the member belongs to the household in this role. The member is held first, then the household, as by
/// everybody who needs both.
///
/// # Errors
/// [`Missing::Member`], [`Rejection::InOtherHousehold`], [`Rejection::HouseholdFull`], or a fault of the database.
pub async fn put_into_household(
    desk: &Desk,
    household: HouseholdId,
    member: MemberId,
    role: HouseholdRole,
) -> Result<Put<Belonging>, Error> {
    let now = desk.clock.now();
    let tx = desk.vault.database.begin().await?;
    let known = members::hold_member(&tx, &desk.vault, member).await?.ok_or(Missing::Member(member))?;
    let before = households::of_member(&tx, member).await?;
    let placed = match decide(before, Belonging { member, household, role, since: now })? {
        Placement::Known(belonging) => return Ok(Put::Known(belonging)),
        Placement::Changed(belonging) => {
            households::update_role(&tx, &belonging).await?;
            Put::Known(belonging)
        }
        Placement::Comes(belonging) => {
            if !households::take_place(&tx, household).await? {
                return Err(Rejection::HouseholdFull { limit: MEMBERS_PER_HOUSEHOLD }.into());
            }
            households::insert(&tx, &belonging).await?;
            Put::New(belonging)
        }
    };
    let (Put::New(belonging) | Put::Known(belonging)) = &placed;
    let version = known.version + 1;
    members::update_member_version(&tx, member, version).await?;
    let mut telling = Telling::new(&*desk.ids, now);
    telling.tell(member.to_string(), version, &belonging.told());
    desk.conclude(tx, telling).await?;
    Ok(placed)
}
