//! Whoever has the former phone calls a change back: the former number leads to the member again, and what came after it does
//! not. Sessions end, and the account is guarded anew: nobody knows yet which of the two is the member.

use contracts::membership::{PhoneChanged, PhoneChangedBy};
use kernel::Timestamp;

use super::{
    Desk,
    confirm_phone_change::own_change,
    switch_phone::{guarded_until, led},
};
use crate::{
    domain::{
        phone_change::{PhoneRefusal, RecallCode},
        rejection::Rejection,
        session::Ending,
    },
    error::Error,
    store::{members, phone_changes, sessions},
};

/// Calls a change back, and every later one; answers until when the account is guarded.
///
/// # Errors
/// [`PhoneRefusal::RecallRefused`], or a fault of the database.
pub async fn recall_phone_change(desk: &Desk, code: &RecallCode) -> Result<Option<Timestamp>, Error> {
    let refused = || Error::from(Rejection::from(PhoneRefusal::RecallRefused));
    let digests = desk.vault.recall_digests(code);
    let found = phone_changes::find_recall(desk.vault.database.connection(), &digests).await?;
    let (member, id) = found.ok_or_else(refused)?;
    let mut changes = desk.member_changes(&[member]).await?;
    let now = changes.now;
    if !changes.holds(member) {
        return Err(refused());
    }
    let (change, _) = own_change(desk, &changes, member, id).await?;
    let former = change.former.as_ref().filter(|_| change.can_be_recalled(now)).ok_or_else(refused)?;
    let resting = members::find_identifier(&changes.tx, former.every()).await?.ok_or_else(refused)?;
    let former = resting.digest;
    for phone in phone_changes::phones_of(&changes.tx, member).await? {
        if phone.digest != former {
            phone_changes::free(&changes.tx, phone.digest).await?;
            changes.tell(member, &led(member, phone.digest, false)).await?;
        }
    }
    if !phone_changes::wake(&changes.tx, member, former, now).await? {
        return Err(refused());
    }
    changes.tell(member, &led(member, former, true)).await?;
    let since = change.changed_at.unwrap_or(now);
    phone_changes::recall_since(&changes.tx, member, since, now).await?;
    phone_changes::withdraw_open(&changes.tx, member, now).await?;
    sessions::end_all(&changes.tx, member, now, Ending::PhoneChanged).await?;
    let guarded = guarded_until(desk, &changes);
    let told = PhoneChanged { member_id: member, by: PhoneChangedBy::Recall, guarded_until: guarded };
    changes.tell(member, &told).await?;
    desk.conclude_changes(changes).await?;
    Ok(guarded)
}
