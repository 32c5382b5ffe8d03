//! What is decided of an account, and what an operation's journal says besides its movements.

use std::sync::Arc;

use kernel::{Overflow, Timestamp};

use super::{Deed, Operate, Subject};
use crate::{
    commands::{changes::Changes, record_purchases::Recorder, telling::told},
    domain::{
        Account, AccountState, Decided, JournalKind, Rejection, Terms, decide_activation, decide_capture,
        decide_closure, decide_deduction, decide_gift, decide_hold, decide_redemption,
        decide_redemption_reversal, decide_release, decide_state,
    },
    store::ledger::{JournalRow, OperationRow},
};

pub(super) fn decide(
    account: &mut Account,
    command: &Operate,
    subject: &Subject,
    terms: Terms,
) -> Result<Decided, Rejection> {
    match &command.deed {
        Deed::Hold { points, lifetime_s } | Deed::HoldFor { points, lifetime_s, .. } => {
            decide_hold(account, command.journal_id(), *points, until(terms.at.now, *lifetime_s), terms)
        }
        Deed::Capture { hold, points } => decide_capture(account, *hold, *points, terms),
        Deed::Release { hold } => decide_release(account, *hold, terms),
        Deed::Redeem { points } | Deed::RedeemFor { points, .. } => {
            decide_redemption(account, *points, terms)
        }
        Deed::Reverse { .. } => {
            decide_redemption_reversal(account, subject.redeemed.as_deref().unwrap_or_default(), terms)
        }
        Deed::Activate { .. } => decide_activation(account, &subject.own, terms),
        Deed::Give(lot) => decide_gift(account, lot, terms),
        Deed::Deduct { points } => decide_deduction(account, *points, terms),
        Deed::State(state) => decide_state(account, *state, terms),
        Deed::Close { funder } => decide_closure(account, funder, terms),
    }
}

/// Adds an operation to what is written, with what happened by itself before it, and tells of both; answers its row.
pub(super) fn note(
    changes: &mut Changes,
    recorder: &Recorder,
    command: &Operate,
    subject: &Subject,
    decided: &Decided,
    now: Timestamp,
) -> Result<Arc<JournalRow>, Overflow> {
    let traceparent = command.traceparent.as_deref();
    changes.settle(recorder, subject.member, &decided.settled, now, traceparent)?;
    let what = (command.journal_id(), &decided.journal);
    let row = changes.operate(subject.member, what, operation_row(command, subject, now), now)?;
    changes.facts.extend(told(recorder, &row, &decided.journal, traceparent)?);
    Ok(row)
}

fn until(now: Timestamp, lifetime_s: u32) -> Timestamp {
    Timestamp::from_micros(now.micros().saturating_add(i64::from(lifetime_s) * 1_000_000))
}

pub(super) fn operation_row(command: &Operate, subject: &Subject, now: Timestamp) -> OperationRow {
    let (kind, outcome) = match &command.deed {
        Deed::Hold { points, lifetime_s } | Deed::HoldFor { points, lifetime_s, .. } => {
            (JournalKind::Hold, Some(format!("{points},{}", until(now, *lifetime_s).micros())))
        }
        Deed::Capture { .. } => (JournalKind::Capture, None),
        Deed::Release { .. } => (JournalKind::Release, None),
        Deed::Redeem { .. } | Deed::RedeemFor { .. } => (JournalKind::Redemption, None),
        Deed::Reverse { .. } => (JournalKind::RedemptionReversal, None),
        Deed::Activate { .. } => (JournalKind::Activation, None),
        Deed::Give(_) | Deed::Deduct { .. } => (JournalKind::Adjustment, None),
        Deed::State(AccountState::Frozen) => (JournalKind::Freeze, None),
        Deed::State(_) => (JournalKind::Unfreeze, None),
        Deed::Close { .. } => (JournalKind::Closure, None),
    };
    OperationRow {
        kind,
        request: Some((command.idempotency_key, command.fingerprint.first())),
        about: subject.about,
        branch: command.branch.clone(),
        actor: command.actor.clone(),
        reason: command.reason.clone(),
        outcome,
    }
}
