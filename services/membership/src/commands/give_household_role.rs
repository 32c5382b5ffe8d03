//! Gives a member of one's own household another role, or passes the headship on.

use contracts::membership::HouseholdRole;
use kernel::MemberId;

use super::{Desk, remove_from_household::fellows};
use crate::{
    domain::{household::give_role, rejection::Rejection},
    error::Error,
};

/// Makes sure that `fellow` has this role in the household of `head`, who becomes a member like others when the role is the
/// headship.
///
/// # Errors
/// [`crate::error::Missing::OwnHousehold`], [`crate::error::Missing::HouseholdMember`],
/// [`crate::domain::household::HouseholdRefusal`], or a fault of the database.
pub async fn give_household_role(
    desk: &Desk,
    head: MemberId,
    fellow: MemberId,
    role: HouseholdRole,
) -> Result<(), Error> {
    let mut changes = desk.member_changes(&[head, fellow]).await?;
    let (head, fellow) = fellows(&changes, head, fellow).await?;
    for changed in give_role(&head, &fellow, role).map_err(Rejection::from)? {
        changes.changes_role(&changed).await?;
    }
    desk.conclude_changes(changes).await
}
