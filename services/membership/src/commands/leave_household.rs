//! Takes a member out of a household.

use contracts::membership::HouseholdChanged;
use kernel::{HouseholdId, MemberId};

use super::Desk;
use crate::{
    error::{Error, Missing},
    store::{households, members, telling::Telling},
};

/// Makes sure that the member does not belong to the household any more.
///
/// # Errors
/// [`Missing::Member`], [`Missing::HouseholdMember`] when they do not belong to it, or a fault of the database.
pub async fn leave_household(desk: &Desk, household: HouseholdId, member: MemberId) -> Result<(), Error> {
    let now = desk.clock.now();
    let tx = desk.vault.database.begin().await?;
    let known = members::hold_member(&tx, &desk.vault, member).await?.ok_or(Missing::Member(member))?;
    let before = households::of_member(&tx, member).await?;
    if before.is_none_or(|before| before.household != household) {
        return Err(Missing::HouseholdMember(member).into());
    }
    households::delete(&tx, member).await?;
    households::free_place(&tx, household).await?;
    let version = known.version + 1;
    members::update_member_version(&tx, member, version).await?;
    let mut telling = Telling::new(&*desk.ids, now);
    let left = HouseholdChanged { member_id: member, household: None, role: None };
    telling.tell(member.to_string(), version, &left);
    desk.conclude(tx, telling).await
}
