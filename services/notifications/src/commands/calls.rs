//! Fills lists of calls, and records what came of each.

use kernel::{CampaignCode, MemberId, SegmentCode, StaffId};
use uuid::Uuid;

use super::Desk;
use crate::{
    adapters::contacts::Contact,
    domain::call::{CallOutcome, CallReason, CallState, MOST_CALLS},
    domain::channel::Channel,
    error::{Error, Missing, Refusal},
    store::{
        calls::{self, Call},
        campaign_members,
    },
};

/// Members about whom membership is asked at once.
const AT_ONCE: u32 = 500;

/// What a list is filled with.
#[derive(Debug, Clone)]
pub struct Filling {
    /// The list.
    pub list: CampaignCode,
    /// With the members of this segment.
    pub segment: SegmentCode,
    /// Why they are called.
    pub why: CallReason,
    /// Who asks for it.
    pub asked_by: Option<StaffId>,
}

/// What became of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filled {
    /// Calls that are new.
    pub added: u64,
    /// Members who have no phone, or did not consent to offers.
    pub left_out: u64,
    /// Calls on the list.
    pub listed: u64,
}

/// Puts the members of a segment on a list, those who have a phone and may be called; whoever is on it stays. The same again changes
/// nothing.
///
/// # Errors
/// [`Missing::Segment`]; [`Refusal::CallListFull`] where it would get too long, and what was put on it stays; [`Error::PointsSilent`],
/// [`Error::MembershipSilent`]; a fault of the database.
pub async fn fill(desk: &Desk, filling: &Filling) -> Result<Filled, Error> {
    let (mut filled, mut after) = (Filled { added: 0, left_out: 0, listed: 0 }, None);
    loop {
        let page = match desk.audiences.page(Some(&filling.segment), after, AT_ONCE).await {
            Ok(page) => page,
            Err(error) if error.is_missing() => return Err(Missing::Segment.into()),
            Err(error) => return Err(Error::PointsSilent(error.into())),
        };
        let Some(last) = page.last() else { return Ok(filled) };
        after = Some(last.as_uuid());
        let contacts =
            desk.contacts.of(&page).await.map_err(|error| Error::MembershipSilent(error.into()))?;
        let may_be = |member: &&MemberId| {
            contacts.get(*member).is_some_and(|contact| may_be_called(desk, contact, filling.why))
        };
        let some: Vec<MemberId> = page.iter().filter(may_be).copied().collect();
        filled.left_out += u64::try_from(page.len() - some.len()).unwrap_or_default();
        add(desk, filling, &some, &mut filled).await?;
    }
}

fn may_be_called(desk: &Desk, contact: &Contact, why: CallReason) -> bool {
    let has_phone = contact.addresses.iter().any(|to| to.channel() == Channel::Sms);
    let purpose = &desk.settings.offers_purpose;
    let by_call = format!("{purpose}-by-call");
    let agreed = contact.consents.iter().any(|given| given == purpose || *given == by_call);
    contact.active && has_phone && (agreed || !why.is_offer())
}

async fn add(desk: &Desk, filling: &Filling, members: &[MemberId], filled: &mut Filled) -> Result<(), Error> {
    let asked_at = desk.clock.now();
    let tx = desk.database.begin().await?;
    let there = campaign_members::there(&tx, members).await?;
    let call = |member: MemberId| Call {
        id: desk.ids.uuid(),
        member,
        why: filling.why,
        asked_by: filling.asked_by,
        asked_at,
        state: CallState::Open,
        outcome: None,
        done_by: None,
        done_at: None,
    };
    let calls: Vec<Call> = there.into_iter().map(call).collect();
    if !calls.is_empty() {
        filled.added += calls::add(&tx, &filling.list, &calls).await?;
    }
    filled.listed = calls::count(&tx, &filling.list).await?;
    if filled.listed > MOST_CALLS {
        return Err(Refusal::CallListFull.into());
    }
    Ok(tx.commit().await?)
}

/// Records what came of a call; the same outcome once more changes nothing.
///
/// # Errors
/// [`Missing::Call`]; [`Refusal::CallOver`] where somebody spoke with the member already; a fault of the database.
pub async fn record_outcome(
    desk: &Desk,
    id: Uuid,
    outcome: CallOutcome,
    by: Option<StaffId>,
) -> Result<Call, Error> {
    let tx = desk.database.begin().await?;
    let known = calls::hold(&tx, id).await?.ok_or(Missing::Call)?;
    if known.outcome == Some(outcome) && known.done_by == by {
        return Ok(known);
    }
    if !known.state.may_be_tried() {
        return Err(Refusal::CallOver { state: known.state }.into());
    }
    let done_at = Some(desk.clock.now());
    let call = Call { state: outcome.state(), outcome: Some(outcome), done_by: by, done_at, ..known };
    calls::end(&tx, &call).await?;
    tx.commit().await?;
    Ok(call)
}
