//! A second person of the back office lets a change of a phone come about, or somebody gives it up.

use kernel::{MemberId, PhoneChangeId};

use super::{Desk, confirm_phone_change::own_change, switch_phone::switch};
use crate::{
    domain::{
        phone_change::{ChangeStatus, PhoneChange, PhoneRefusal},
        rejection::Rejection,
    },
    error::Error,
    store::phone_changes,
};

/// Lets the new phone lead to the member.
///
/// # Errors
/// [`crate::error::Missing::Member`], [`crate::error::Missing::PhoneChange`], [`PhoneRefusal::Over`], [`PhoneRefusal::SecondPersonNeeded`], what [`switch`]
/// refuses, or a fault of the database.
pub async fn approve_phone_change(
    desk: &Desk,
    (member, id): (MemberId, PhoneChangeId),
    by: String,
) -> Result<PhoneChange, Error> {
    let changes = desk.member_changes(&[member]).await?;
    let (change, seal) = own_change(desk, &changes, member, id).await?;
    let approved = change.approved(by, changes.now).map_err(Rejection::from)?;
    switch(desk, changes, &seal, approved).await
}

/// Gives a change up that waits: the member any of theirs, the back office any.
///
/// # Errors
/// [`crate::error::Missing::Member`], [`crate::error::Missing::PhoneChange`], [`PhoneRefusal::Over`], or a fault of the database.
pub async fn withdraw_phone_change(
    desk: &Desk,
    (member, id): (MemberId, PhoneChangeId),
) -> Result<(), Error> {
    let changes = desk.member_changes(&[member]).await?;
    let (mut change, seal) = own_change(desk, &changes, member, id).await?;
    if !change.is_open(changes.now) {
        return Err(Rejection::from(PhoneRefusal::Over).into());
    }
    (change.status, change.ended_at) = (ChangeStatus::Withdrawn, Some(changes.now));
    phone_changes::update(&changes.tx, &seal, &change).await?;
    desk.conclude_changes(changes).await
}
