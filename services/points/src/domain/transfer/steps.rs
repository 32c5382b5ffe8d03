//! The states of a transfer: what it waits for, who may move it on, and what time does to it.
//!
//! **A transfer's standing is right at any instant**: it follows from what was said so far and from the time, whether or not
//! anything has looked at it since.

use kernel::Timestamp;

use super::{Transfer, TransferStatus, TransferTerms};
use crate::domain::AccountState;

/// What somebody says to a transfer that is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferStep {
    /// The sender confirmed it by a one-time code.
    Confirm,
    /// A second person approves it.
    Approve {
        /// Who.
        reviewer: String,
    },
    /// A second person says no.
    Reject {
        /// Who.
        reviewer: String,
    },
    /// The receiver says yes.
    Accept,
    /// The receiver says no.
    Decline,
    /// The sender takes it back.
    Recall,
}

/// Why a step cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotNow {
    /// The transfer does not wait for this.
    OtherStatus(TransferStatus),
    /// Who made it cannot approve it.
    SamePerson,
}

impl TransferTerms {
    /// What a transfer waits for, given what was said to it, and when that ends by itself.
    pub(super) fn stage(&self, transfer: &Transfer, now: Timestamp) -> (TransferStatus, Option<Timestamp>) {
        let above = |limit: Option<kernel::Points>| limit.is_some_and(|limit| transfer.points > limit);
        let by_agent = if transfer.agent.is_some() { self.agent_review_above } else { None };
        let after = |seconds: u32| transfer.requested_at.plus_millis(i64::from(seconds) * 1000);
        let waiting = Some(after(self.waits_s));
        if above(self.step_up_above) && transfer.confirmed_at.is_none() {
            return (TransferStatus::StepUp, waiting);
        }
        if above(by_agent.or(self.review_above)) && transfer.approved_at.is_none() {
            return (TransferStatus::Review, waiting);
        }
        if self.acceptance && transfer.accepted_at.is_none() {
            return (TransferStatus::Acceptance, waiting);
        }
        let cooled = after(self.cooling_off_s);
        if now < cooled {
            return (TransferStatus::CoolingOff, Some(cooled));
        }
        (TransferStatus::Completed, None)
    }
}

/// Where a transfer stands at `now`, whether or not that has been noted.
#[must_use]
pub fn standing(transfer: &Transfer, now: Timestamp) -> TransferStatus {
    match (transfer.status, transfer.due_at) {
        (TransferStatus::CoolingOff, Some(due)) if due <= now => TransferStatus::Completed,
        (status, Some(due)) if status.is_open() && due <= now => TransferStatus::Expired,
        (status, _) => status,
    }
}

/// Takes a step, or lets time take it when there is none: afterwards the transfer stands where it stands at `now`.
/// Whether its points are to be moved follows from the status before and after.
///
/// # Errors
/// [`NotNow`]; the transfer is unchanged then.
pub fn take_step(
    transfer: &mut Transfer,
    terms: &TransferTerms,
    step: Option<&TransferStep>,
    now: Timestamp,
) -> Result<(), NotNow> {
    use TransferStatus::{Acceptance, CoolingOff, Declined, Recalled, Review, StepUp};
    let at = standing(transfer, now);
    let Some(step) = step else {
        settle(transfer, at, now);
        return Ok(());
    };
    let mut next = transfer.clone();
    match (step, at) {
        (TransferStep::Confirm, StepUp) => next.confirmed_at = Some(now),
        (TransferStep::Approve { reviewer }, Review) => {
            if next.agent.as_ref() == Some(reviewer) {
                return Err(NotNow::SamePerson);
            }
            next.approved_at = Some(now);
            next.reviewer = Some(reviewer.clone());
        }
        (TransferStep::Reject { reviewer }, Review) => {
            next.reviewer = Some(reviewer.clone());
            settle(&mut next, Declined, now);
        }
        (TransferStep::Accept, Acceptance) => next.accepted_at = Some(now),
        (TransferStep::Decline, Acceptance | CoolingOff) => settle(&mut next, Declined, now),
        (TransferStep::Recall, status) if status.is_open() => settle(&mut next, Recalled, now),
        (_, status) => return Err(NotNow::OtherStatus(status)),
    }
    if next.status.is_open() {
        let (status, due_at) = terms.stage(&next, now);
        next.due_at = due_at;
        settle(&mut next, status, now);
    }
    *transfer = next;
    Ok(())
}

/// Whether the step was taken before, so that taking it again asks for nothing more.
#[must_use]
pub fn taken_before(transfer: &Transfer, step: &TransferStep) -> bool {
    // Only a second person who did not approve can have declined it in the receiver's stead.
    let reviewed = transfer.reviewer.is_some() && transfer.approved_at.is_none();
    let rejected = transfer.status == TransferStatus::Declined && reviewed;
    match step {
        TransferStep::Confirm => transfer.confirmed_at.is_some(),
        TransferStep::Approve { reviewer } => {
            transfer.approved_at.is_some() && transfer.reviewer.as_ref() == Some(reviewer)
        }
        TransferStep::Reject { reviewer } => rejected && transfer.reviewer.as_ref() == Some(reviewer),
        TransferStep::Accept => transfer.accepted_at.is_some(),
        TransferStep::Decline => transfer.status == TransferStatus::Declined && !rejected,
        TransferStep::Recall => transfer.status == TransferStatus::Recalled,
    }
}

/// The transfer as it stood when it was requested, for the first answer again.
#[must_use]
pub fn as_requested(transfer: &Transfer, terms: &TransferTerms) -> Transfer {
    let mut first = Transfer {
        confirmed_at: None,
        approved_at: None,
        reviewer: None,
        accepted_at: None,
        ended_at: None,
        ..transfer.clone()
    };
    (first.status, first.due_at) = terms.stage(&first, first.requested_at);
    if !first.status.is_open() {
        first.ended_at = Some(first.requested_at);
    }
    first
}

/// A transfer that would arrive at an account that was closed meanwhile comes back instead, as if the receiver had declined.
pub fn turn_back(transfer: &mut Transfer, receiver: AccountState) {
    if transfer.status == TransferStatus::Completed && receiver == AccountState::Closed {
        transfer.status = TransferStatus::Declined;
    }
}

/// Notes where it stands; an end is noted once.
fn settle(transfer: &mut Transfer, status: TransferStatus, now: Timestamp) {
    if transfer.status.is_open() && !status.is_open() {
        transfer.ended_at = Some(now);
        transfer.due_at = None;
    }
    transfer.status = status;
}
