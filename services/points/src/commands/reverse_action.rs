//! Undoes an action, or a part of it: what it earned is taken back, in proportion, as a return does with a purchase.
//!
//! One transaction with the account locked, so that the parts of one action come one after the other and add up.

use std::sync::Arc;

use anyhow::Context as _;
use contracts::{
    Fact,
    points::{ActionReversed, TierChangeCause},
};
use kernel::{ActionCode, Digest16, JournalId, MemberId, Points, Timestamp};
use ring::digest::{Context, SHA256};
use store::Tx;
use uuid::{Builder, Uuid};

use super::{
    changes::{Changes, head},
    persistence::{persistently, unless_recorded},
    record_actions::action_id,
    record_purchases::{Recorder, once_each},
    tiers::Standings,
};
use crate::{
    domain::{
        Account, Back, Book, CameBack, Credit, JournalKind, Moment, Original, PaidSo, Programme, Rejection,
        ReturnDecision, Terms, decide_return,
    },
    store::{
        actions::{self, ActionRow},
        ledger::{self, JournalRow, Lots, OperationRow, ReturnOutcome},
        merges,
    },
};

/// A reversal to be recorded, checked in shape.
#[derive(Clone, Debug)]
pub struct ReverseAction {
    /// The journal that will record it.
    pub journal_id: JournalId,
    /// The action that it undoes.
    pub action: JournalId,
    /// How much of its value; all that is left when absent.
    pub amount: Option<i64>,
    /// Digests of the caller with the idempotency key, and of everything that was asked; `None` for what was heard of.
    pub request: Option<(Digest16, Digest16)>,
    /// The person who does it.
    pub actor: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Trace context of the request, when it is sampled.
    pub traceparent: Option<String>,
}

/// The id of a reversal that was heard of, made from what names it for ever.
#[must_use]
pub fn reversal_id(action: JournalId, reversal: &str) -> JournalId {
    let mut context = Context::new(&SHA256);
    context.update(b"vafa action reversal ");
    context.update(action.as_uuid().as_bytes());
    context.update(reversal.as_bytes());
    let digest = context.finish();
    let bytes = digest.as_ref().first_chunk::<16>().copied().unwrap_or_default();
    JournalId::from_uuid(Builder::from_custom_bytes(bytes).into_uuid())
}

/// The id under which an action was recorded, by whatever name its member had then, and the friend whom its reference may name; the one
/// by the names of now where it was not recorded.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn recorded_as(
    tx: &Tx,
    member: MemberId,
    action: &ActionCode,
    reference: &str,
) -> anyhow::Result<JournalId> {
    let mut references = vec![reference.to_owned()];
    if let Ok(friend) = Uuid::try_parse(reference) {
        let names = merges::names_of(tx, MemberId::from_uuid(friend)).await?;
        references.extend(names.iter().map(MemberId::to_string));
    }
    let names: Vec<MemberId> = std::iter::once(member).chain(merges::names_of(tx, member).await?).collect();
    let by =
        |name: &MemberId| references.iter().map(|about| action_id(*name, action, about)).collect::<Vec<_>>();
    let ids: Vec<JournalId> = names.iter().flat_map(by).collect();
    let found = ledger::purchases(tx, &once_each(ids.iter().map(|id| id.as_uuid())), &[]).await?;
    let recorded = ids.iter().copied().find(|id| found.iter().any(|row| row.id == *id));
    Ok(recorded.unwrap_or_else(|| action_id(member, action, reference)))
}

/// A reversal as it was recorded.
#[derive(Clone, Debug)]
pub struct ReversedAction {
    /// The stored row.
    pub row: Arc<JournalRow>,
    /// What it came to.
    pub outcome: ReturnOutcome,
    /// Whether it had been recorded before, and this is the first answer again.
    pub replayed: bool,
}

/// Why a reversal was not recorded.
#[derive(Debug)]
pub enum Refusal {
    /// There is no such action.
    UnknownAction,
    /// The idempotency key was used for something else.
    KeyReused,
    /// The business says no.
    Rejected(Rejection),
    /// Our machine broke; nobody knows whether it was recorded.
    Fault(anyhow::Error),
}

/// Records a reversal.
///
/// # Errors
/// [`Refusal`]; nothing was changed then, but for [`Refusal::Fault`].
pub async fn reverse_action(recorder: &Recorder, command: &ReverseAction) -> Result<ReversedAction, Refusal> {
    let run = || async {
        let tx = recorder.database.begin().await?;
        let outcome = within(recorder, &tx, command).await?;
        match &outcome {
            Ok(reversed) if !reversed.replayed => {
                tx.commit().await?;
                recorder.relay.wake();
            }
            _ => tx.rollback().await?,
        }
        Ok(outcome)
    };
    let outcome = persistently("undoing an action", run).await;
    outcome.unwrap_or_else(|fault| Err(Refusal::Fault(fault)))
}

/// The same within a transaction, which the caller commits unless it was refused or recorded before.
///
/// # Errors
/// A fault of the database, or that somebody else changed the account meanwhile.
pub async fn within(
    recorder: &Recorder,
    tx: &Tx,
    command: &ReverseAction,
) -> anyhow::Result<Result<ReversedAction, Refusal>> {
    unless_recorded(|| before(tx, command), || afresh(recorder, tx, command)).await
}

async fn afresh(
    recorder: &Recorder,
    tx: &Tx,
    command: &ReverseAction,
) -> anyhow::Result<Result<ReversedAction, Refusal>> {
    let rows = ledger::purchases(tx, &[command.action.as_uuid()], &[]).await?;
    let Some((done, action)) = rows.first().and_then(|row| Some((row, ActionRow::of(row)?))) else {
        return Ok(Err(Refusal::UnknownAction));
    };
    let now = recorder.clock.now();
    let at = Moment { now, today: recorder.chain.local(now, None).day };
    // Whoever has the account now.
    let member = merges::survivor_of(tx, done.member).await?;
    let mut accounts = ledger::accounts(tx, &[member.as_uuid()], at, Lots::All, true).await?;
    let mut account = accounts.remove(&member).context("an action without an account")?;
    let read = account.version;
    let undone = actions::undone(tx, command.action).await?;
    let original = Original {
        member,
        amount: action.measure(),
        returned: undone,
        earned: ledger::earned(tx, member, done.version).await?,
        counted: Credit::of_action(action.qualifying),
        lines: Vec::new(),
        paid_so: PaidSo::default(),
    };
    let back = command.amount.map_or(Back::Rest, Back::Amount);
    let terms = Terms { at, debt: recorder.debt_terms(tx).await? };
    let decision = match decide_return(&mut account, &original, &back, terms) {
        Ok(decision) => decision,
        Err(rejection) => return Ok(Err(Refusal::Rejected(rejection))),
    };
    let traceparent = command.traceparent.as_deref();
    let mut changes = Changes::default();
    changes.settle(recorder, member, &decision.settled, now, traceparent)?;
    let outcome = outcome(&decision)?;
    let operation = operation_row(command, outcome);
    let row = changes.operate(member, (command.journal_id, &decision.journal), operation, now)?;
    let fact = told(&row, command, &decision, &account);
    changes.facts.push(Fact::new(head(recorder, &row, traceparent), &fact));
    let standings =
        take_back(recorder, tx, (member, done, action.programme_version), decision.credit, now, &mut changes)
            .await?;
    changes.write(recorder, tx, std::iter::once((&account, read)), now).await?;
    if let Some(standings) = standings {
        standings.write(tx).await?;
    }
    Ok(Ok(ReversedAction { row, outcome, replayed: false }))
}

async fn before(tx: &Tx, command: &ReverseAction) -> anyhow::Result<Option<Result<ReversedAction, Refusal>>> {
    let key = command.request.map(|(key, _)| Uuid::from_bytes(key.0));
    let keys: Vec<Uuid> = key.into_iter().collect();
    let rows = ledger::purchases(tx, &[command.journal_id.as_uuid()], &keys).await?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let text = row.operation().filter(|operation| operation.kind == JournalKind::ActionReversal);
    let outcome = text.and_then(|operation| ReturnOutcome::from_text(operation.outcome.as_deref()?));
    let same = row.request().map(|(_, asked)| asked) == command.request.map(|(_, asked)| asked);
    Ok(Some(match outcome.filter(|_| same) {
        Some(outcome) => Ok(ReversedAction { row, outcome, replayed: true }),
        None => Err(Refusal::KeyReused),
    }))
}

fn outcome(decision: &ReturnDecision) -> anyhow::Result<ReturnOutcome> {
    let pending = Points::ZERO.minus(decision.journal.change(Book::Pending)?)?;
    let ReturnDecision { owed, lapsed, returned, .. } = decision;
    Ok(ReturnOutcome {
        owed: *owed,
        lapsed: *lapsed,
        returned: *returned,
        pending,
        came_back: CameBack::default(),
    })
}

fn operation_row(command: &ReverseAction, outcome: ReturnOutcome) -> OperationRow {
    OperationRow {
        request: command.request,
        about: Some(command.action.as_uuid()),
        actor: command.actor.clone(),
        reason: command.reason.clone(),
        outcome: Some(outcome.to_text()),
        ..OperationRow::of_kind(JournalKind::ActionReversal)
    }
}

fn told(
    row: &JournalRow,
    command: &ReverseAction,
    decision: &ReturnDecision,
    account: &Account,
) -> ActionReversed {
    ActionReversed {
        member_id: row.member,
        journal_id: row.id,
        action_id: command.action,
        points: decision.taken,
        owed: decision.owed,
        balance: row.balance,
        debt: account.debt,
        account_version: row.version,
    }
}

/// What the action had counted for the member's tier is taken back, in proportion; `None` where it had not counted.
async fn take_back(
    recorder: &Recorder,
    tx: &Tx,
    (member, done, decided_by): (MemberId, &JournalRow, u32),
    credit: Credit,
    now: Timestamp,
    changes: &mut Changes,
) -> anyhow::Result<Option<Standings>> {
    if credit == Credit::default() {
        return Ok(None);
    }
    // A live programme without tiers leaves standings to the one that counted, as with returns: that is the one that decided, or
    // the one that was live when the action was heard of, after it had been told.
    let (programmes, connection) = (&recorder.programmes, tx.connection());
    let tiered = |programme: &Arc<Programme>| programme.document.tiers.is_some();
    let mut programme = programmes.live(connection, now).await?.filter(tiered);
    if programme.is_none() {
        programme = Some(programmes.version(connection, decided_by).await?).filter(tiered);
    }
    if programme.is_none() {
        programme = programmes.live(connection, done.recorded_at).await?;
    }
    let today = recorder.chain.local(now, None).day;
    let loaded = Standings::load(tx, programme.as_ref(), [member.as_uuid()], today).await?;
    let Some(mut standings) = loaded else { return Ok(None) };
    let counted_on = recorder.chain.local(done.recorded_at, None).day;
    if let Some((standing, _)) = standings.on_ladder(member) {
        standing.take_back(counted_on, credit);
    }
    changes.facts.extend(standings.settle(recorder, member, TierChangeCause::Action, now));
    Ok(Some(standings))
}
