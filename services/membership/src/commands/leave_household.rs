//! Takes a member out of a household. When the last head goes, who has been there longest heads it.

use kernel::{HouseholdId, MemberId};

use super::{ATTEMPTS, Desk};
use crate::{
    error::{Error, Missing},
    store::households,
};

/// Makes sure that the member does not belong to the household any more; `None` means whichever it is.
///
/// # Errors
/// [`Missing::Member`], [`Missing::HouseholdMember`] when they do not belong to it, [`Missing::OwnHousehold`] when they belong
/// to none, [`Error::Contended`], or a fault of the database.
pub async fn leave_household(
    desk: &Desk,
    household: Option<HouseholdId>,
    member: MemberId,
) -> Result<(), Error> {
    for _ in 0..ATTEMPTS {
        let mut changes = desk.changes_with_heir(member).await?;
        changes.must_hold(member)?;
        let before = households::of_member(&changes.tx, member).await?;
        let before = before.filter(|before| household.is_none_or(|asked| asked == before.household));
        let missing = household.map_or(Missing::OwnHousehold, |_| Missing::HouseholdMember(member));
        if changes.departs(&before.ok_or(missing)?).await? {
            return desk.conclude_changes(changes).await;
        }
    }
    Err(Error::Contended)
}
