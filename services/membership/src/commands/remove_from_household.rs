//! Takes another member out of one's own household.

use kernel::MemberId;

use super::{Desk, leave_household::leave_household};
use crate::{
    domain::household::{Belonging, remove_fellow},
    error::{Error, Missing},
    store::households,
};

use super::member_changes::MemberChanges;

/// Makes sure that `fellow` does not belong to the household of `head` any more. Whoever removes themselves leaves.
///
/// # Errors
/// [`Missing::OwnHousehold`], [`Missing::HouseholdMember`], [`crate::domain::household::HouseholdRefusal::HeadOnly`],
/// [`crate::domain::household::HouseholdRefusal::HeadStays`], or a fault of the database.
pub async fn remove_from_household(desk: &Desk, head: MemberId, fellow: MemberId) -> Result<(), Error> {
    if head == fellow {
        return leave_household(desk, None, head).await;
    }
    let mut changes = desk.member_changes(&[head, fellow]).await?;
    let (head, fellow) = fellows(&changes, head, fellow).await?;
    remove_fellow(&head, &fellow).map_err(crate::domain::rejection::Rejection::from)?;
    changes.goes(&fellow).await?;
    desk.conclude_changes(changes).await
}

/// Where both belong, which is one household, held.
pub(super) async fn fellows(
    changes: &MemberChanges<'_>,
    head: MemberId,
    fellow: MemberId,
) -> Result<(Belonging, Belonging), Error> {
    changes.must_hold(head)?;
    let own = households::of_member(&changes.tx, head).await?.ok_or(Missing::OwnHousehold)?;
    households::hold(&changes.tx, own.household).await?;
    let other = households::of_member(&changes.tx, fellow).await?;
    let other = other.filter(|other| other.household == own.household);
    Ok((own, other.ok_or(Missing::HouseholdMember(fellow))?))
}
