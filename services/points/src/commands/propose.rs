//! Adjustments above the limit: one person proposes, a second one approves or rejects (P5).

use kernel::{Digests, MemberId, Timestamp};
use uuid::Uuid;

use super::{
    operate::{Deed, Operate, Operated, Refusal, within},
    persistence::persistently,
    record_purchases::{Identity, Recorder},
};
use crate::store::proposals::{self, ProposalRow, ProposalState};

/// Why a proposal was not decided.
#[derive(Debug)]
pub enum NotDecided {
    /// There is none of this id.
    Unknown,
    /// It was decided before.
    Before,
    /// Whoever proposed it cannot approve it.
    SecondPersonNeeded,
    /// What was proposed is refused now; the proposal still waits.
    Refused(Refusal),
}

/// Keeps a proposal; answers it as it is kept, now or before.
///
/// # Errors
/// [`Refusal::KeyReused`]; [`Refusal::Fault`].
pub async fn propose(
    recorder: &Recorder,
    command: &Operate,
    member: MemberId,
) -> Result<ProposalRow, Refusal> {
    let (points, lot) = match &command.deed {
        Deed::Give(lot) => (lot.points.count(), Some(lot.clone())),
        Deed::Deduct { points } => (-points.count(), None),
        other => return Err(Refusal::Fault(anyhow::anyhow!("{other:?} is not proposed"))),
    };
    let row = ProposalRow {
        id: command.journal_id().as_uuid(),
        member,
        points,
        lot,
        actor: command.actor.clone().unwrap_or_default(),
        reason: command.reason.clone().unwrap_or_default(),
        proposed_at: recorder.clock.now(),
        idempotency_key: command.idempotency_key,
        fingerprint: command.fingerprint.first(),
        state: ProposalState::Waiting,
        decided_by: None,
    };
    let kept = persistently("keeping a proposal", || keep(recorder, &row)).await.map_err(Refusal::Fault)?;
    if command.fingerprint.has(kept.fingerprint) { Ok(kept) } else { Err(Refusal::KeyReused) }
}

async fn keep(recorder: &Recorder, row: &ProposalRow) -> anyhow::Result<ProposalRow> {
    let tx = recorder.database.begin().await?;
    proposals::propose(&tx, row).await?;
    let kept = proposals::find(&tx, row.id).await?;
    tx.commit().await?;
    Ok(kept.unwrap_or_else(|| row.clone()))
}

/// Approves a proposal: it is recorded in the same transaction. Asked again by the same person, answers the same again.
///
/// # Errors
/// [`NotDecided`]; nothing was changed then, but for a fault.
pub async fn approve(
    recorder: &Recorder,
    id: Uuid,
    by: &str,
    traceparent: Option<&str>,
) -> Result<Operated, NotDecided> {
    let outcome = persistently("approving an adjustment", || run(recorder, id, by, traceparent)).await;
    outcome.unwrap_or_else(|fault| Err(NotDecided::Refused(Refusal::Fault(fault))))
}

async fn run(
    recorder: &Recorder,
    id: Uuid,
    by: &str,
    traceparent: Option<&str>,
) -> anyhow::Result<Result<Operated, NotDecided>> {
    let tx = recorder.database.begin().await?;
    let now = recorder.clock.now();
    let decided = proposals::decide(&tx, id, ProposalState::Approved, by, now).await?;
    let proposal = proposals::find(&tx, id).await?;
    let outcome = match proposal {
        None => Err(NotDecided::Unknown),
        Some(proposal) if proposal.actor == by => Err(NotDecided::SecondPersonNeeded),
        Some(proposal) => {
            let again =
                proposal.state == ProposalState::Approved && proposal.decided_by.as_deref() == Some(by);
            if decided || again {
                let command = command_of(proposal, traceparent);
                within(recorder, &tx, &command).await?.map_err(NotDecided::Refused)
            } else {
                Err(NotDecided::Before)
            }
        }
    };
    if outcome.as_ref().is_ok_and(|operated| !operated.replayed) {
        tx.commit().await?;
        recorder.relay.wake();
    } else {
        tx.rollback().await?;
    }
    Ok(outcome)
}

fn command_of(proposal: ProposalRow, traceparent: Option<&str>) -> Operate {
    let deed = match proposal.lot {
        Some(lot) => Deed::Give(lot),
        None => Deed::Deduct { points: kernel::Points::new(proposal.points.saturating_abs()) },
    };
    Operate {
        identity: Some(Identity::Member(proposal.member)),
        deed,
        idempotency_key: proposal.idempotency_key,
        fingerprint: Digests::one(proposal.fingerprint),
        shown: None,
        branch: None,
        actor: Some(proposal.actor),
        reason: Some(proposal.reason),
        traceparent: traceparent.map(str::to_owned),
    }
}

/// Rejects a proposal.
///
/// # Errors
/// [`NotDecided`].
pub async fn reject(recorder: &Recorder, id: Uuid, by: &str) -> Result<ProposalRow, NotDecided> {
    let now = recorder.clock.now();
    let outcome = persistently("rejecting an adjustment", || turn_down(recorder, id, by, now)).await;
    outcome.unwrap_or_else(|fault| Err(NotDecided::Refused(Refusal::Fault(fault))))
}

async fn turn_down(
    recorder: &Recorder,
    id: Uuid,
    by: &str,
    now: Timestamp,
) -> anyhow::Result<Result<ProposalRow, NotDecided>> {
    let tx = recorder.database.begin().await?;
    let decided = proposals::decide(&tx, id, ProposalState::Rejected, by, now).await?;
    let proposal = proposals::find(&tx, id).await?;
    tx.commit().await?;
    Ok(match proposal {
        None => Err(NotDecided::Unknown),
        Some(row)
            if decided || (row.state == ProposalState::Rejected && row.decided_by.as_deref() == Some(by)) =>
        {
            Ok(row)
        }
        Some(_) => Err(NotDecided::Before),
    })
}
