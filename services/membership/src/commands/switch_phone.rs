//! Another phone leads to a member: the former one rests, and whoever has it is told.

use contracts::membership::{IdentifierLinked, PhoneChanged, PhoneChangedBy, PhoneConfirmed};
use kernel::{Digest16, IdentifierKind, MemberId, SignInId};

use super::{Desk, exchange_code::after, member_changes::MemberChanges};
use crate::{
    domain::{
        code_window::DAY,
        identifier::{Identifier, Indexed},
        message::MessageKind,
        phone_change::{AskedBy, ChangeStatus, PhoneChange, PhoneRefusal, RecallCode},
        rejection::Rejection,
        session::Ending,
    },
    error::Error,
    store::{
        member_seal::MemberSeal,
        members, phone_changes, sessions,
        sign_ins::{self, Envelope},
        vouchings,
    },
};

/// Lets the new phone of a change lead to its member, whom the transaction holds. What stands against it ends the change, which
/// is committed here: its code is good once.
///
/// # Errors
/// [`PhoneRefusal::Own`], [`PhoneRefusal::OfOther`], [`PhoneRefusal::Resting`], [`Error::Contended`], or a fault of the database.
pub(super) async fn switch(
    desk: &Desk,
    mut changes: MemberChanges<'_>,
    seal: &MemberSeal<'_>,
    mut change: PhoneChange,
) -> Result<PhoneChange, Error> {
    let (member, now) = (change.member, changes.now);
    let known = members::find_identifier(&changes.tx, change.phone.every()).await?;
    let refused = match &known {
        Some(known) if known.active && known.member == member => Some(PhoneRefusal::Own),
        Some(known) if known.active => Some(PhoneRefusal::OfOther),
        Some(known) if known.member != member => Some(PhoneRefusal::Resting),
        _ => None,
    };
    if let Some(refusal) = refused {
        let of_other = refusal == PhoneRefusal::OfOther;
        change.status = if of_other { ChangeStatus::OfOther } else { ChangeStatus::Withdrawn };
        change.ended_at = Some(now);
        phone_changes::update(&changes.tx, seal, &change).await?;
        desk.conclude_changes(changes).await?;
        return Err(Rejection::from(refusal).into());
    }
    for former in phone_changes::phones_of(&changes.tx, member).await? {
        phone_changes::rest(&changes.tx, former.digest, now).await?;
        changes.tell(member, &led(member, former.digest, false)).await?;
        let identifier = seal.open_identifier(&former)?;
        change.former = Some(desk.vault.index(identifier));
    }
    let digest = known.as_ref().map_or(change.phone.digest, |known| known.digest);
    let linked = match known {
        Some(_) => phone_changes::wake(&changes.tx, member, digest, now).await?,
        None => members::link_identifier(&changes.tx, seal, &change.phone, now).await?,
    };
    if !linked {
        return Err(Error::Contended);
    }
    changes.tell(member, &led(member, digest, true)).await?;
    if phone_changes::confirm(&changes.tx, member, now).await? {
        changes.tell(member, &PhoneConfirmed { member_id: member }).await?;
    }
    (change.status, change.changed_at) = (ChangeStatus::Done, Some(now));
    let (by, stays) = match change.asked_by {
        AskedBy::Member(session) => (PhoneChangedBy::Member, Some(session)),
        AskedBy::Office(_) => (PhoneChangedBy::Office, None),
    };
    if by == PhoneChangedBy::Office {
        change.guarded_until = guarded_until(desk, &changes);
    }
    vouchings::forget(&changes.tx, member).await?;
    sessions::end_others(&changes.tx, member, stays, now, Ending::PhoneChanged).await?;
    tell_former(desk, &changes, &mut change).await?;
    phone_changes::update(&changes.tx, seal, &change).await?;
    let told = PhoneChanged { member_id: member, by, guarded_until: change.guarded_until };
    changes.tell(member, &told).await?;
    desk.conclude_changes(changes).await?;
    desk.messages.notify_one();
    Ok(change)
}

/// Until when an account is guarded whose phone changed now, where the chain guards it at all.
pub(super) fn guarded_until(desk: &Desk, changes: &MemberChanges<'_>) -> Option<kernel::Timestamp> {
    let guard = desk.settings.phones.guard;
    (guard > 0).then(|| after(changes.now, guard))
}

/// That a phone leads to a member now, or no longer.
pub(super) const fn led(member_id: MemberId, digest: Digest16, active: bool) -> IdentifierLinked {
    IdentifierLinked { member_id, kind: IdentifierKind::Phone, digest, active, former: None }
}

/// Sends the former phone word, with a code that calls the change back. After a change was called back the next one of the back
/// office is final: a stolen phone must not call back whatever its owner does.
async fn tell_former(
    desk: &Desk,
    changes: &MemberChanges<'_>,
    change: &mut PhoneChange,
) -> Result<(), Error> {
    let Some(Indexed { identifier: Identifier::Phone(phone), .. }) = &change.former else { return Ok(()) };
    let (now, recall) = (changes.now, desk.settings.phones.recall);
    let by_office = matches!(change.asked_by, AskedBy::Office(_));
    let lately = after(now, -recall);
    let for_good = by_office && phone_changes::was_recalled(&changes.tx, change.member, lately).await?;
    let mut text = String::new();
    if !for_good {
        let mut random = [0; 8];
        desk.ids.secret(&mut random);
        let code = RecallCode::drawn(u64::from_be_bytes(random));
        change.recall = desk.vault.recall_digests(&code).first().map(|digest| (*digest, after(now, recall)));
        text = code.shown();
    }
    let envelope = Envelope {
        id: SignInId::from_uuid(desk.ids.uuid()),
        member: Some(change.member),
        kind: if for_good { MessageKind::PhoneChangedForGood } else { MessageKind::PhoneChanged },
        at: now,
        expires_at: after(now, DAY),
    };
    sign_ins::notify(&changes.tx, &desk.vault, &envelope, phone, &text).await
}
