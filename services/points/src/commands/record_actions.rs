//! Records actions of members, one or many in a transaction: what they earn is decided and written with them.
//!
//! Accounts are locked in the order of their ids, then limits, as purchases do it. An action's id is made from its member, its
//! code and its reference, so that it is recorded once for ever, whether it is sent or heard of.

mod looking;

use std::sync::Arc;

use contracts::{
    Fact,
    membership::ActionValue,
    points::{PointsGranted, TierChangeCause},
};
use kernel::{ActionCode, BranchCode, Digest16, JournalId, MemberId, Points, Timestamp};
use ring::digest::{Context, SHA256};
use store::Tx;
use uuid::Builder;

use super::{
    changes::head,
    persistence::persistently,
    record_purchases::{Identity, Recorder, fingerprint},
};
use crate::{
    domain::{Account, Action, ActionDecision, Credit, JournalKind, Programme, Rejection, decide_action},
    store::{
        actions::ActionRow,
        ledger::{JournalRow, OperationRow},
        tallies,
    },
};

use self::looking::State;

/// An action to be recorded, checked in shape.
#[derive(Clone, Debug)]
pub struct RecordAction {
    /// Who did it.
    pub identity: Identity,
    /// What.
    pub action: ActionCode,
    /// Which one of its kind.
    pub reference: String,
    /// When.
    pub occurred_at: Timestamp,
    /// The branch, when it was done at one.
    pub branch: Option<BranchCode>,
    /// How much of it.
    pub value: Option<ActionValue>,
    /// Digest of the caller and the idempotency key; `None` for what was heard of.
    pub idempotency_key: Option<Digest16>,
    /// The instant whose programme decides.
    pub decided_as_of: Timestamp,
    /// Trace context of the request, when it is sampled.
    pub traceparent: Option<String>,
}

impl RecordAction {
    /// Digest of everything that is said about it, but for whose it is.
    #[must_use]
    pub fn fingerprint(&self) -> Digest16 {
        let value = serde_json::to_string(&self.value).unwrap_or_default();
        let branch = self.branch.as_ref().map_or("", BranchCode::as_str);
        let at = self.occurred_at.micros().to_string();
        fingerprint(&["action", self.action.as_str(), &self.reference, &at, branch, &value])
    }
}

/// The id of an action, made from what names it for ever.
#[must_use]
pub fn action_id(member: MemberId, action: &ActionCode, reference: &str) -> JournalId {
    let mut context = Context::new(&SHA256);
    context.update(b"vafa action ");
    context.update(member.as_uuid().as_bytes());
    // A code has no space, so the two cannot run into each other.
    context.update(format!("{action} {reference}").as_bytes());
    let digest = context.finish();
    let bytes = digest.as_ref().first_chunk::<16>().copied().unwrap_or_default();
    JournalId::from_uuid(Builder::from_custom_bytes(bytes).into_uuid())
}

/// An action as it was recorded.
#[derive(Clone, Debug)]
pub struct RecordedAction {
    /// The stored row.
    pub row: Arc<JournalRow>,
    /// What it says of the action.
    pub action: ActionRow,
    /// The programme version that decided.
    pub programme: Arc<Programme>,
    /// Whether it had been recorded before, and this is the first answer again.
    pub replayed: bool,
}

/// Why an action was not recorded.
#[derive(Debug)]
pub enum Refusal {
    /// The identifier leads to nobody that points has heard of.
    UnknownIdentifier,
    /// The member id names nobody that points has heard of.
    UnknownMember,
    /// No rule of the programme is about it, so it is not recorded.
    NobodyAsks,
    /// The idempotency key was used for something else.
    KeyReused,
    /// The action was recorded with other contents.
    Taken,
    /// The business says no.
    Rejected(Rejection),
    /// Our machine broke; nobody knows whether it was recorded.
    Fault(anyhow::Error),
}

/// Records one action.
///
/// # Errors
/// [`Refusal`]; nothing was changed then, but for [`Refusal::Fault`].
pub async fn record_action(recorder: &Recorder, command: &RecordAction) -> Result<RecordedAction, Refusal> {
    let run = || async {
        let tx = recorder.database.begin().await?;
        let mut outcomes = within(recorder, &tx, std::slice::from_ref(command)).await?;
        let outcome = outcomes.pop().unwrap_or(Err(Refusal::NobodyAsks));
        match &outcome {
            Ok(recorded) if !recorded.replayed => {
                tx.commit().await?;
                recorder.relay.wake();
            }
            _ => tx.rollback().await?,
        }
        Ok(outcome)
    };
    let outcome = persistently("recording an action", run).await;
    outcome.unwrap_or_else(|fault| Err(Refusal::Fault(fault)))
}

/// Records actions within a transaction, which the caller commits; answers in their order.
///
/// # Errors
/// A fault of the database, or that somebody else changed an account meanwhile.
pub async fn within(
    recorder: &Recorder,
    tx: &Tx,
    commands: &[RecordAction],
) -> anyhow::Result<Vec<Result<RecordedAction, Refusal>>> {
    let mut state = State::load(recorder, tx, commands).await?;
    let mut outcomes = Vec::with_capacity(commands.len());
    for command in commands {
        outcomes.push(state.decide(recorder, command)?);
    }
    let State { changes, accounts, read, counted, standings, at, .. } = state;
    if changes.is_empty() {
        return Ok(outcomes);
    }
    let before = |member: &MemberId| read.get(member).copied().unwrap_or_default();
    let changed = accounts.iter().filter(|(member, account)| account.version != before(member));
    let changed = changed.map(|(member, account)| (account, before(member)));
    changes.write(recorder, tx, changed, at.now).await?;
    tallies::write(tx, &counted).await?;
    if let Some(standings) = standings {
        standings.write(tx).await?;
    }
    Ok(outcomes)
}

/// Those of these actions that a rule of the programme that decides is about.
///
/// # Errors
/// When the database refuses.
pub async fn with_rules(
    recorder: &Recorder,
    tx: &Tx,
    mut commands: Vec<RecordAction>,
) -> anyhow::Result<Vec<RecordAction>> {
    if commands.is_empty() {
        return Ok(commands);
    }
    let programmes = looking::programmes(recorder, tx, &commands).await?;
    commands.retain(|command| {
        let programme = programmes.get(&command.decided_as_of);
        programme.is_some_and(|p| p.document.rules_about(&command.action).next().is_some())
    });
    Ok(commands)
}

impl State {
    fn decide(
        &mut self,
        recorder: &Recorder,
        command: &RecordAction,
    ) -> anyhow::Result<Result<RecordedAction, Refusal>> {
        let member = match self.member(command.identity) {
            Ok(member) => member,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let id = action_id(member, &command.action, &command.reference);
        if let Some(before) = self.before(member, command) {
            return Ok(before);
        }
        let Some(programme) = self.programme_of(command) else {
            return Ok(Err(Refusal::Rejected(Rejection::NoProgramme)));
        };
        if programme.document.rules_about(&command.action).next().is_none() {
            return Ok(Err(Refusal::NobodyAsks));
        }
        let action = self.action(recorder, command, member);
        let (at, traceparent) = (self.at, command.traceparent.as_deref());
        let account = self.accounts.entry(member).or_insert_with(|| Account::new(member));
        let decided = decide_action(account, &programme.document, &action, &mut self.counted.tallies, at);
        let decision = match decided {
            Ok(decision) => decision,
            Err(rejection) => return Ok(Err(Refusal::Rejected(rejection))),
        };
        self.changes.settle(recorder, member, &decision.settled, at.now, traceparent)?;
        let qualifying = if self.standings.is_some() { decision.qualifying } else { Points::ZERO };
        let said = row_of(command, &programme, &decision, qualifying);
        let operation = operation_row(command, &said);
        let row = self.changes.operate(member, (id, &decision.journal), operation, at.now)?;
        let fact = granted_fact(&row, &said);
        self.changes.facts.push(Fact::new(head(recorder, &row, traceparent), &fact));
        self.count(recorder, member, qualifying);
        let recorded = RecordedAction { row, action: said, programme, replayed: false };
        self.note(&recorded);
        Ok(Ok(recorded))
    }

    /// What counts for tiers is counted.
    fn count(&mut self, recorder: &Recorder, member: MemberId, qualifying: Points) {
        let Some(standings) = self.standings.as_mut().filter(|_| qualifying.is_positive()) else { return };
        if let Some((standing, ladder)) = standings.on_ladder(member) {
            standing.count(ladder, Credit::of_action(qualifying));
        }
        let fact = standings.settle(recorder, member, TierChangeCause::Action, self.at.now);
        self.changes.facts.extend(fact);
    }

    /// The action as rules see it.
    fn action(&mut self, recorder: &Recorder, command: &RecordAction, member: MemberId) -> Action {
        let standing = self.standings.as_mut().and_then(|standings| standings.on_ladder(member));
        let level = standing.and_then(|(standing, ladder)| ladder.levels.get(standing.tier(ladder)?));
        Action {
            member,
            action: command.action.clone(),
            day: recorder.chain.local(command.occurred_at, None).day,
            branch: command.branch.clone(),
            value: command.value.clone(),
            tier: level.map(|level| level.code.clone()),
        }
    }
}

fn row_of(
    command: &RecordAction,
    programme: &Programme,
    decision: &ActionDecision,
    qualifying: Points,
) -> ActionRow {
    ActionRow {
        action: command.action.clone(),
        reference: command.reference.clone(),
        occurred_at: command.occurred_at,
        value: command.value.clone(),
        programme_version: programme.version,
        granted: decision.granted,
        pending: decision.pending,
        qualifying,
        trace: decision.trace.clone(),
    }
}

fn operation_row(command: &RecordAction, said: &ActionRow) -> OperationRow {
    OperationRow {
        request: command.idempotency_key.map(|key| (key, command.fingerprint())),
        branch: command.branch.clone(),
        outcome: Some(said.to_text()),
        ..OperationRow::of_kind(JournalKind::Bonus)
    }
}

fn granted_fact(row: &JournalRow, said: &ActionRow) -> PointsGranted {
    PointsGranted {
        member_id: row.member,
        journal_id: row.id,
        action: said.action.clone(),
        occurred_at: said.occurred_at,
        points: said.granted,
        pending: said.pending,
        balance: row.balance,
        account_version: row.version,
        programme_version: said.programme_version,
    }
}
