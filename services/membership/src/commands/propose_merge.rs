//! Asks for two memberships to become one: a code goes to each phone that is at hand, and word to one that is not.

use kernel::{Day, MemberId, MergeId, SignInId, Timestamp};

use super::{
    Desk,
    exchange_code::after,
    member_changes::MemberChanges,
    merge_members::unite,
    request_code::{refusal, windows},
};
use crate::{
    domain::{
        code::OneTimeCode,
        code_window::{CodeWindow, Counted, DAY},
        identifier::Identifier,
        merging::{Merge, MergeReason, MergeRefusal, MergeStatus, Proof, Side},
        message::MessageKind,
        phone::Phone,
        rejection::Rejection,
    },
    error::{Error, Missing},
    store::{
        member_seal::load_seal,
        merges,
        merging::standing_of,
        phone_changes,
        sign_ins::{self, Envelope},
    },
};

/// A merge that is asked for.
#[derive(Debug, Clone)]
pub struct AskedMerge {
    /// Who stays.
    pub survivor: MemberId,
    /// Whose membership goes into the other one.
    pub absorbed: MemberId,
    /// Why.
    pub reason: MergeReason,
    /// The side whose phone is lost.
    pub lost: Option<Side>,
    /// The person of the back office who asks.
    pub asked_by: String,
}

/// Sends the codes. What was asked for before into the same member is given up.
///
/// # Errors
/// [`MergeRefusal`], [`Missing::Member`], [`Missing::Identified`] where no phone leads to one of them, [`Rejection::CodesTooMany`],
/// [`Rejection::CodesExhausted`], or a fault of the database.
pub async fn propose_merge(desk: &Desk, asked: AskedMerge, today: Day) -> Result<Merge, Error> {
    let AskedMerge { survivor, absorbed, reason, lost, asked_by } = asked;
    if survivor == absorbed {
        return Err(Rejection::from(MergeRefusal::Same).into());
    }
    let changes = desk.member_changes(&[survivor, absorbed]).await?;
    must_be_two(&changes, [survivor, absorbed]).await?;
    let now = changes.now;
    if let Some(refusal) = standing_of(&changes.tx, [survivor, absorbed], (now, today)).await?.refusal() {
        return Err(Rejection::from(refusal).into());
    }
    let mut id = [0; 16];
    desk.ids.secret(&mut id);
    let id = MergeId::from_uuid(uuid::Builder::from_random_bytes(id).into_uuid());
    let expires_at = after(now, desk.settings.codes.life);
    merges::withdraw_open(&changes.tx, survivor, None, now).await?;
    let mut proofs = [None, None];
    for (place, side) in Side::ALL.into_iter().enumerate() {
        let member = if side == Side::Survivor { survivor } else { absorbed };
        let phone = phone_of(desk, &changes, member).await?;
        if lost == Some(side) {
            // Whoever has it learns of it before a second person looks, and can come forward.
            send(desk, &changes, (member, &phone), (MessageKind::MergeAsked, after(now, DAY)), "").await?;
        } else {
            proofs[place] = Some(send_code(desk, &changes, id, (member, &phone), expires_at).await?);
        }
    }
    let merge = Merge {
        id,
        survivor,
        absorbed,
        reason,
        asked_by,
        proofs,
        status: MergeStatus::AwaitsCodes,
        asked_at: now,
        expires_at,
        approved_by: None,
        merged_at: None,
        ended_at: None,
    };
    merges::insert(&changes.tx, &merge).await?;
    desk.conclude_changes(changes).await?;
    desk.messages.notify_one();
    Ok(merge)
}

/// That both are members, and none of them a part of another one.
async fn must_be_two(changes: &MemberChanges<'_>, two: [MemberId; 2]) -> Result<(), Error> {
    for member in two {
        if changes.holds(member) {
            continue;
        }
        return Err(match merges::survivor_of(&changes.tx, member).await? {
            Some(into) => Rejection::from(MergeRefusal::Absorbed { into }).into(),
            None => Missing::Member(member).into(),
        });
    }
    Ok(())
}

/// The phone that was linked last.
async fn phone_of(desk: &Desk, changes: &MemberChanges<'_>, member: MemberId) -> Result<Phone, Error> {
    let phones = phone_changes::phones_of(&changes.tx, member).await?;
    let seal = load_seal(&changes.tx, &desk.vault, member).await?.ok_or(Missing::Member(member))?;
    let last = phones.last().ok_or(Missing::Identified)?;
    match seal.open_identifier(last)? {
        Identifier::Phone(phone) => Ok(phone),
        Identifier::Card(_) => Err(Missing::Identified.into()),
    }
}

async fn send_code(
    desk: &Desk,
    changes: &MemberChanges<'_>,
    id: MergeId,
    (member, phone): (MemberId, &Phone),
    expires_at: Timestamp,
) -> Result<Proof, Error> {
    let (now, rules) = (changes.now, &desk.settings.codes);
    let subject = desk.vault.counted_digest(Counted::MemberDay, &member.to_string());
    let per_member = CodeWindow::around(Counted::MemberDay, subject, now, rules.per_phone_day);
    for window in std::iter::once(per_member).chain(windows(desk, phone, None, now, true)) {
        if !sign_ins::count(&changes.tx, &window).await? {
            return Err(refusal(&window, now).into());
        }
    }
    let mut number = [0; 8];
    desk.ids.secret(&mut number);
    let code = OneTimeCode::drawn(u64::from_be_bytes(number));
    send(desk, changes, (member, phone), (MessageKind::MergeCode, expires_at), code.digits()).await?;
    Ok(Proof { code: desk.vault.merge_digest(id, &code), tries_left: rules.tries, came_at: None })
}

async fn send(
    desk: &Desk,
    changes: &MemberChanges<'_>,
    (member, phone): (MemberId, &Phone),
    (kind, expires_at): (MessageKind, Timestamp),
    text: &str,
) -> Result<(), Error> {
    let id = SignInId::from_uuid(desk.ids.uuid());
    let envelope = Envelope { id, member: Some(member), kind, at: changes.now, expires_at };
    sign_ins::notify(&changes.tx, &desk.vault, &envelope, phone, text).await
}

/// Takes a code of one side; a wrong one costs an attempt, which is committed here. With the last one the two become one, or a second
/// person is waited for.
///
/// # Errors
/// [`Missing::Merge`], [`Rejection::CodeWrong`], [`Rejection::CodeSpent`], what [`unite`] refuses, or a fault of the database.
pub async fn confirm_merge(
    desk: &Desk,
    (survivor, id): (MemberId, MergeId),
    (side, code): (Side, &OneTimeCode),
    today: Day,
) -> Result<Merge, Error> {
    let (changes, mut merge) = held(desk, survivor, id).await?;
    let proof = merge.proofs[usize::from(side == Side::Absorbed)];
    let fits = proof.is_some_and(|proof| desk.vault.fits_proof(id, &proof, code));
    let left = merge.attempt(side, fits, changes.now)?;
    if left.is_none() && merge.proved(changes.now) {
        return unite(desk, changes, merge, today).await;
    }
    merges::update(&changes.tx, &merge).await?;
    desk.conclude_changes(changes).await?;
    match left {
        Some(left) => Err(Rejection::CodeWrong { left }.into()),
        None => Ok(merge),
    }
}

/// A second person lets the two become one, where one phone is lost.
///
/// # Errors
/// [`Missing::Merge`], [`MergeRefusal::Over`], [`crate::domain::phone_change::PhoneRefusal::SecondPersonNeeded`], what [`unite`] refuses,
/// or a fault of the database.
pub async fn approve_merge(
    desk: &Desk,
    (survivor, id): (MemberId, MergeId),
    by: String,
    today: Day,
) -> Result<Merge, Error> {
    let (changes, merge) = held(desk, survivor, id).await?;
    let approved = merge.approved(by, changes.now)?;
    unite(desk, changes, approved, today).await
}

/// Gives a merge up that waits.
///
/// # Errors
/// [`Missing::Merge`], [`MergeRefusal::Over`], or a fault of the database.
pub async fn withdraw_merge(desk: &Desk, (survivor, id): (MemberId, MergeId)) -> Result<(), Error> {
    let (changes, mut merge) = held(desk, survivor, id).await?;
    if !merge.is_open(changes.now) {
        return Err(Rejection::from(MergeRefusal::Over).into());
    }
    (merge.status, merge.ended_at) = (MergeStatus::Withdrawn, Some(changes.now));
    merges::update(&changes.tx, &merge).await?;
    desk.conclude_changes(changes).await
}

/// A merge whose members the transaction holds.
async fn held(desk: &Desk, survivor: MemberId, id: MergeId) -> Result<(MemberChanges<'_>, Merge), Error> {
    let found = merges::find(desk.vault.database.connection(), survivor, id).await?;
    let absorbed = found.ok_or(Missing::Merge)?.absorbed;
    let changes = desk.changes_of_two(survivor, absorbed).await?;
    // Read again with both held, so that nobody else decides about it meanwhile.
    let merge = merges::find(&changes.tx, survivor, id).await?.ok_or(Missing::Merge)?;
    if matches!(merge.status, MergeStatus::AwaitsCodes | MergeStatus::AwaitsApproval) {
        must_be_two(&changes, [survivor, absorbed]).await?;
    }
    Ok((changes, merge))
}
