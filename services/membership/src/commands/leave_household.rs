//! Takes a member out of a household. When the last head goes, who has been there longest heads it.

use kernel::{HouseholdId, MemberId};

use super::{ATTEMPTS, Desk};
use crate::{
    domain::household::successor,
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
    let on = desk.vault.database.connection();
    for _ in 0..ATTEMPTS {
        // Looked up before anybody is held, to know whom to hold; looked up again when they are.
        let heir = match households::of_member(on, member).await? {
            Some(before) => successor(&before, &households::members(on, before.household).await?),
            None => None,
        };
        let concerned: Vec<MemberId> = heir.iter().map(|heir| heir.member).chain([member]).collect();
        let mut changes = desk.member_changes(&concerned).await?;
        changes.must_hold(member)?;
        let before = households::of_member(&changes.tx, member).await?;
        let before = before.filter(|before| household.is_none_or(|asked| asked == before.household));
        let missing = household.map_or(Missing::OwnHousehold, |_| Missing::HouseholdMember(member));
        let before = before.ok_or(missing)?;
        households::hold(&changes.tx, before.household).await?;
        let members = households::members(&changes.tx, before.household).await?;
        match successor(&before, &members) {
            Some(heir) if !changes.holds(heir.member) => continue,
            Some(heir) => changes.changes_role(&heir).await?,
            None => {}
        }
        changes.goes(&before).await?;
        return desk.conclude_changes(changes).await;
    }
    Err(Error::Contended)
}
