//! Takes the code that went to the new phone. A member's own change is done then; one of the back office waits for a second person.

use kernel::{MemberId, PhoneChangeId};

use super::{Desk, member_changes::MemberChanges, switch_phone::switch};
use crate::{
    domain::{
        code::OneTimeCode,
        phone_change::{AskedBy, ChangeStatus, PhoneChange},
        rejection::Rejection,
    },
    error::{Error, Missing},
    store::{
        member_seal::{MemberSeal, load_seal},
        phone_changes,
    },
};

/// Compares the code; a wrong one costs an attempt, which is committed here.
///
/// # Errors
/// [`Missing::Member`], [`Missing::PhoneChange`], [`Rejection::CodeWrong`], [`Rejection::CodeSpent`], what [`switch`] refuses, or
/// a fault of the database.
pub async fn confirm_phone_change(
    desk: &Desk,
    (member, id): (MemberId, PhoneChangeId),
    caller: &AskedBy,
    code: &OneTimeCode,
) -> Result<PhoneChange, Error> {
    let changes = desk.member_changes(&[member]).await?;
    let (mut change, seal) = own_change(desk, &changes, member, id).await?;
    if !change.is_of(caller) {
        return Err(Missing::PhoneChange.into());
    }
    let fits = desk.vault.fits_change(&change, code);
    if let Some(left) = change.attempt(fits, changes.now)? {
        change.tries_left = left;
        phone_changes::update(&changes.tx, &seal, &change).await?;
        desk.conclude_changes(changes).await?;
        return Err(Rejection::CodeWrong { left }.into());
    }
    let change = change.confirmed(changes.now);
    if change.status == ChangeStatus::AwaitsApproval {
        phone_changes::update(&changes.tx, &seal, &change).await?;
        desk.conclude_changes(changes).await?;
        return Ok(change);
    }
    switch(desk, changes, &seal, change).await
}

/// The change of a member whom the transaction holds, with what their values are sealed with.
///
/// # Errors
/// [`Missing::Member`], [`Missing::PhoneChange`], or a fault of the database.
pub(super) async fn own_change<'d>(
    desk: &'d Desk,
    changes: &MemberChanges<'_>,
    member: MemberId,
    id: PhoneChangeId,
) -> Result<(PhoneChange, MemberSeal<'d>), Error> {
    changes.must_hold(member)?;
    let sealed = phone_changes::find(&changes.tx, member, id).await?.ok_or(Missing::PhoneChange)?;
    let seal = load_seal(&changes.tx, &desk.vault, member).await?.ok_or(Missing::Member(member))?;
    Ok((seal.open_change(&sealed)?, seal))
}
