//! Puts a member into a household, or gives them another role in it.

use contracts::membership::HouseholdRole;
use kernel::{HouseholdId, MemberId};

use super::{Desk, Put};
use crate::{
    domain::household::{Belonging, Placement, put_into_household as decide},
    error::Error,
    store::households,
};

/// Makes sure that the member belongs to the household in this role. The member is held first, then the household, as by
/// everybody who needs both.
///
/// # Errors
/// [`crate::error::Missing::Member`], [`crate::domain::rejection::Rejection::InOtherHousehold`],
/// [`crate::domain::rejection::Rejection::HouseholdFull`], or a fault of the database.
pub async fn put_into_household(
    desk: &Desk,
    household: HouseholdId,
    member: MemberId,
    role: HouseholdRole,
) -> Result<Put<Belonging>, Error> {
    let mut changes = desk.member_changes(&[member]).await?;
    changes.must_hold(member)?;
    let before = households::of_member(&changes.tx, member).await?;
    let wanted = Belonging { member, household, role, since: changes.now };
    let placed = match decide(before, wanted)? {
        Placement::Known(belonging) => return Ok(Put::Known(belonging)),
        Placement::Changed(belonging) => {
            changes.changes_role(&belonging).await?;
            Put::Known(belonging)
        }
        Placement::Comes(belonging) => {
            changes.comes(&belonging, desk.settings.households.members).await?;
            Put::New(belonging)
        }
    };
    desk.conclude_changes(changes).await?;
    Ok(placed)
}
