//! Asks for another phone of a member: a code goes to the new one. What happens does not depend on whether a member has it.

use std::net::IpAddr;

use kernel::{MemberId, PhoneChangeId, SignInId};

use super::{
    Desk,
    exchange_code::after,
    request_code::{refusal, windows},
};
use crate::{
    domain::{
        code::OneTimeCode,
        code_window::{CodeWindow, Counted},
        identifier::Identifier,
        message::MessageKind,
        phone::Phone,
        phone_change::{AskedBy, ChangeReason, ChangeStatus, PhoneChange, PhoneRefusal},
        rejection::Rejection,
    },
    error::{Error, Missing},
    store::{
        member_seal::load_seal,
        members, phone_changes,
        sign_ins::{self, Envelope},
    },
};

/// Another phone that is asked for.
#[derive(Debug, Clone)]
pub struct AskedPhone {
    /// Whose it shall be.
    pub member: MemberId,
    /// Who asks.
    pub asked_by: AskedBy,
    /// Why.
    pub reason: ChangeReason,
    /// The phone.
    pub phone: Phone,
    /// From where a member asks; nothing for the back office, which asks for many from one place.
    pub from: Option<IpAddr>,
}

/// Sends a code to the new phone, whoever has it. What the member asked for before is given up.
///
/// # Errors
/// [`Missing::Member`], [`PhoneRefusal::Own`], [`Rejection::CodesTooMany`], [`Rejection::CodesExhausted`], or a fault of the
/// database.
pub async fn request_phone_change(desk: &Desk, asked: AskedPhone) -> Result<PhoneChange, Error> {
    let AskedPhone { member, asked_by, reason, phone, from } = asked;
    let rules = &desk.settings.codes;
    let indexed = desk.vault.index(Identifier::Phone(phone.clone()));
    let changes = desk.member_changes(&[member]).await?;
    let (tx, now) = (&changes.tx, changes.now);
    changes.must_hold(member)?;
    let leads_to = members::find_identifier(tx, indexed.every()).await?;
    if leads_to.is_some_and(|known| known.active && known.member == member) {
        return Err(Rejection::from(PhoneRefusal::Own).into());
    }
    // A session sends no more codes in a day than a phone gets, to however many phones.
    let subject = desk.vault.counted_digest(Counted::MemberDay, &member.to_string());
    let per_member = CodeWindow::around(Counted::MemberDay, subject, now, rules.per_phone_day);
    for window in std::iter::once(per_member).chain(windows(desk, &phone, from, now, true)) {
        if !sign_ins::count(tx, &window).await? {
            return Err(refusal(&window, now).into());
        }
    }
    let (mut id, mut number) = ([0; 16], [0; 8]);
    desk.ids.secret(&mut id);
    desk.ids.secret(&mut number);
    let id = PhoneChangeId::from_uuid(uuid::Builder::from_random_bytes(id).into_uuid());
    let code = OneTimeCode::drawn(u64::from_be_bytes(number));
    let change = PhoneChange {
        id,
        member,
        asked_by,
        reason,
        phone: indexed,
        former: None,
        code: desk.vault.change_digest(id, &code),
        tries_left: rules.tries,
        status: ChangeStatus::AwaitsCode,
        asked_at: now,
        expires_at: after(now, rules.life),
        confirmed_at: None,
        approved_by: None,
        changed_at: None,
        recall: None,
        guarded_until: None,
        ended_at: None,
    };
    phone_changes::withdraw_open(tx, member, now).await?;
    let seal = load_seal(tx, &desk.vault, member).await?.ok_or(Missing::Member(member))?;
    phone_changes::insert(tx, &seal, &change).await?;
    let envelope = Envelope {
        id: SignInId::from_uuid(id.as_uuid()),
        member: Some(member),
        kind: MessageKind::NewPhone,
        at: now,
        expires_at: change.expires_at,
    };
    sign_ins::notify(tx, &desk.vault, &envelope, &phone, code.digits()).await?;
    desk.conclude_changes(changes).await?;
    desk.messages.notify_one();
    Ok(change)
}
