//! Records a return: what a purchase earned is taken back, in proportion to what was brought back.
//!
//! One transaction with the account locked: returns of one purchase come one after the other, so that their parts add up.

use std::sync::Arc;

use anyhow::Context as _;
use contracts::{
    Fact,
    points::{PointsReturned, RewardGrant},
};
use kernel::{BranchCode, Currency, Digest16, JournalId, MemberId, Points, TillCode, Timestamp};
use serde::{Deserialize, Serialize};
use store::Tx;
use uuid::Uuid;

use super::{
    changes::{Changes, head},
    persistence::{persistently, unless_recorded},
    record_purchases::Recorder,
    rewards::{taken_back, told_of_revocation},
    tiers::{self, Standings},
};
use crate::{
    domain::{
        Account, Back, Book, Line, LineBack, Moment, Original, PaidSo, Rejection, ReturnDecision, Terms,
        categories::of_return, decide_return, sold_lines,
    },
    store::{
        ledger::{self, Asked, Deed, JournalRow, Lots, PurchaseRow, ReturnOutcome, ReturnRow, lines_text},
        merges,
    },
};

/// A return to be recorded, checked in shape.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordReturn {
    /// The journal that will record it: derived from its own branch, till, receipt and operation.
    pub journal_id: JournalId,
    /// Digest of the caller and the idempotency key.
    pub idempotency_key: Digest16,
    /// Digest of everything that was asked.
    pub fingerprint: Digest16,
    /// The purchase that it undoes.
    pub original: JournalId,
    /// Where it is brought back.
    pub branch: BranchCode,
    /// At which till.
    pub till: TillCode,
    /// The return's own receipt.
    pub receipt: String,
    /// Which operation on it.
    pub operation: String,
    /// When, by the till's word.
    pub occurred_at: Timestamp,
    /// How much of the purchase's amount; all that is left of it when neither it nor lines are given.
    pub amount: Option<i64>,
    /// The lines that are brought back, in place of an amount.
    #[serde(default)]
    pub lines: Option<Vec<LineBack>>,
    /// Of this currency.
    pub currency: Currency,
    /// Trace context of the request, when it is sampled.
    pub traceparent: Option<String>,
}

impl RecordReturn {
    fn back(&self) -> Back {
        match (&self.lines, self.amount) {
            (Some(lines), _) => Back::Lines(lines.clone()),
            (None, Some(amount)) => Back::Amount(amount),
            (None, None) => Back::Rest,
        }
    }
}

/// Why a return was not recorded.
#[derive(Debug)]
pub enum Refusal {
    /// There is no such purchase.
    UnknownPurchase,
    /// The idempotency key was used for something else.
    KeyReused,
    /// The receipt was recorded with other contents.
    ReceiptTaken,
    /// The business says no.
    Rejected(Rejection),
    /// Our machine broke; nobody knows whether it was recorded.
    Fault(anyhow::Error),
}

/// A return as it was recorded, now or before.
#[derive(Clone, Debug)]
pub struct Returned {
    /// The stored row.
    pub row: Arc<JournalRow>,
    /// Whether it had been recorded before, and this is the first answer again.
    pub replayed: bool,
}

/// Records a return, or with `keep` false answers what recording it would.
///
/// # Errors
/// [`Refusal`]; nothing was changed then, but for [`Refusal::Fault`].
pub async fn record_return(
    recorder: &Recorder,
    command: &RecordReturn,
    keep: bool,
) -> Result<Returned, Refusal> {
    let outcome = persistently("recording a return", || run(recorder, command, keep)).await;
    outcome.unwrap_or_else(|fault| Err(Refusal::Fault(fault)))
}

async fn run(
    recorder: &Recorder,
    command: &RecordReturn,
    keep: bool,
) -> anyhow::Result<Result<Returned, Refusal>> {
    let tx = recorder.database.begin().await?;
    let outcome = decide(recorder, &tx, command).await?;
    let Fresh { row, changes, account, read, standings } = match outcome {
        Ok(Decided::Now(fresh)) => *fresh,
        Ok(Decided::Before(returned)) => {
            tx.rollback().await?;
            return Ok(Ok(returned));
        }
        Err(refusal) => {
            tx.rollback().await?;
            return Ok(Err(refusal));
        }
    };
    if keep {
        changes.write(recorder, &tx, std::iter::once((&account, read)), row.recorded_at).await?;
        if let Some(standings) = standings {
            standings.write(&tx).await?;
        }
        tx.commit().await?;
        recorder.relay.wake();
    } else {
        tx.rollback().await?;
    }
    Ok(Ok(Returned { row, replayed: false }))
}

enum Decided {
    Now(Box<Fresh>),
    Before(Returned),
}

/// A return that was decided just now.
struct Fresh {
    row: Arc<JournalRow>,
    changes: Changes,
    account: Account,
    /// The account's version as it was read.
    read: u64,
    /// Where the member stands now, when the purchase had counted.
    standings: Option<Standings>,
}

async fn decide(
    recorder: &Recorder,
    tx: &Tx,
    command: &RecordReturn,
) -> anyhow::Result<Result<Decided, Refusal>> {
    let before = async || Ok(before(tx, command).await?.map(|answer| answer.map(Decided::Before)));
    unless_recorded(before, || afresh(recorder, tx, command)).await
}

async fn afresh(
    recorder: &Recorder,
    tx: &Tx,
    command: &RecordReturn,
) -> anyhow::Result<Result<Decided, Refusal>> {
    let found = ledger::purchases(tx, &[command.original.as_uuid()], &[]).await?;
    let Some((bought, purchase)) = found.first().and_then(|row| Some((row, row.purchase()?))) else {
        return Ok(Err(Refusal::UnknownPurchase));
    };
    if purchase.asked.currency != command.currency {
        return Ok(Err(Refusal::Rejected(Rejection::OtherCurrency { expected: purchase.asked.currency })));
    }
    let now = recorder.clock.now();
    // Whoever has the account now that the purchase was made by.
    let member = merges::survivor_of(tx, bought.member).await?;
    let at = Moment { now, today: recorder.chain.local(now, None).day };
    let mut accounts = ledger::accounts(tx, &[member.as_uuid()], at, Lots::All, true).await?;
    let mut account = accounts.remove(&member).context("a purchase without an account")?;
    let read = account.version;
    let back = command.back();
    let original = Original { member, ..original(recorder, tx, bought, purchase, &back).await? };
    let terms = Terms { at, debt: recorder.debt_terms(tx).await? };
    let decision = match decide_return(&mut account, &original, &back, terms) {
        Ok(decision) => decision,
        Err(rejection) => return Ok(Err(Refusal::Rejected(rejection))),
    };
    let mut changes = Changes::default();
    let traceparent = command.traceparent.as_deref();
    changes.settle(recorder, member, &decision.settled, now, traceparent)?;
    let mut after = original.clone();
    after.note(decision.amount, &decision.lines);
    let revoked = taken_back(recorder, tx, bought, [&original, &after]).await?;
    let row = Arc::new(journal_row(command, member, &decision, revoked, now));
    changes.record(&row, &decision.journal);
    let sold = purchase.lines.as_deref().map(serde_json::from_str::<Vec<Line>>).transpose();
    let sold = sold.context("the lines of a purchase")?.unwrap_or_default();
    let categories = of_return(&sold, &decision.lines, (decision.amount, original.amount));
    let fact = PointsReturned { categories, ..told(&row, command, &decision, account.debt) };
    changes.facts.push(Fact::new(head(recorder, &row, traceparent), &fact));
    changes.facts.extend(told_of_revocation(recorder, tx, bought, &row, traceparent).await?);
    let standings =
        tiers::take_back(recorder, tx, (member, bought), decision.credit, now, &mut changes.facts).await?;
    Ok(Ok(Decided::Now(Box::new(Fresh { row, changes, account, read, standings }))))
}

/// The purchase with all that has come back of it; with its lines where one of them comes or came back.
pub(super) async fn original(
    recorder: &Recorder,
    tx: &Tx,
    bought: &JournalRow,
    purchase: &PurchaseRow,
    back: &Back,
) -> anyhow::Result<Original> {
    let before = ledger::came_back(tx, bought.id).await?;
    let mut earned = ledger::earned(tx, bought.member, bought.version).await?;
    let by_lines = matches!(back, Back::Lines(_)) || before.iter().any(|(_, lines)| !lines.is_empty());
    let lines = match purchase.lines.as_deref().filter(|_| by_lines) {
        Some(text) => {
            let lines: Vec<Line> = serde_json::from_str(text).context("the lines of a purchase")?;
            let decided = recorder.programmes.version(tx.connection(), purchase.programme_version).await?;
            let today = recorder.chain.local(bought.recorded_at, None).day;
            sold_lines(&decided.document, &lines, &purchase.trace, today, &earned)?
        }
        None => Vec::new(),
    };
    // What was activated before its day is taken from what can be spent, like anything else.
    if earned.iter().any(|earned| earned.pending) && ledger::activated(tx, bought.id).await? {
        for earned in &mut earned {
            earned.pending = false;
        }
    }
    let (member, amount) = (bought.member, purchase.asked.amount);
    let paid_so = match purchase.paid {
        Some(paid) => PaidSo { paid, lots: ledger::paid_with(tx, bought).await? },
        None => PaidSo::default(),
    };
    let decided = recorder.programmes.version(tx.connection(), purchase.programme_version).await?;
    let counted = decided.document.credit(&purchase.trace, amount, paid_so.paid.amount)?;
    let mut original = Original { member, amount, returned: 0, earned, counted, lines, paid_so };
    for (amount, lines) in before {
        original.note(amount, &lines);
    }
    Ok(original)
}

/// What was recorded before under the return's own names.
async fn before(tx: &Tx, command: &RecordReturn) -> anyhow::Result<Option<Result<Returned, Refusal>>> {
    let key = Uuid::from_bytes(command.idempotency_key.0);
    let rows = ledger::purchases(tx, &[command.journal_id.as_uuid()], &[key]).await?;
    let same = |row: &JournalRow| row.returned().is_some_and(|r| r.asked.fingerprint == command.fingerprint);
    let by_key = rows.iter().find(|row| row.request().is_some_and(|(key, _)| key == command.idempotency_key));
    let by_id = rows.iter().find(|row| row.id == command.journal_id);
    let answer = |row: &Arc<JournalRow>, otherwise: Refusal| {
        if same(row) { Ok(Returned { row: Arc::clone(row), replayed: true }) } else { Err(otherwise) }
    };
    Ok(by_key
        .map(|row| answer(row, Refusal::KeyReused))
        .or_else(|| by_id.map(|row| answer(row, Refusal::ReceiptTaken))))
}

fn journal_row(
    command: &RecordReturn,
    member: MemberId,
    decision: &ReturnDecision,
    revoked: Vec<RewardGrant>,
    now: Timestamp,
) -> JournalRow {
    // They fit: what was decided was counted.
    let pending = Points::ZERO.minus(decision.journal.change(Book::Pending).unwrap_or_default());
    let pending = pending.unwrap_or_default();
    let ReturnDecision { journal, owed, lapsed, came_back, amount, lines, returned, .. } = decision;
    JournalRow {
        id: command.journal_id,
        member,
        version: journal.version,
        recorded_at: now,
        // It fits: the balance before and afterwards do.
        points: journal.change(Book::Member).unwrap_or_default(),
        balance: journal.balance,
        deed: Deed::Return(Box::new(ReturnRow {
            asked: Asked {
                idempotency_key: command.idempotency_key,
                fingerprint: command.fingerprint,
                branch: command.branch.clone(),
                till: command.till.clone(),
                receipt: command.receipt.clone(),
                operation: command.operation.clone(),
                occurred_at: command.occurred_at,
                amount: *amount,
                currency: command.currency,
            },
            original: command.original,
            lines: lines_text(lines),
            outcome: ReturnOutcome {
                owed: *owed,
                lapsed: *lapsed,
                returned: *returned,
                pending,
                came_back: *came_back,
            },
            revoked,
        })),
    }
}

fn told(row: &JournalRow, command: &RecordReturn, decision: &ReturnDecision, debt: Points) -> PointsReturned {
    PointsReturned {
        member_id: row.member,
        journal_id: row.id,
        purchase_id: command.original,
        branch: command.branch.clone(),
        till: command.till.clone(),
        occurred_at: command.occurred_at,
        amount: decision.amount,
        lines: decision.lines.clone(),
        categories: Vec::new(),
        currency: command.currency,
        points: decision.taken,
        owed: decision.owed,
        balance: row.balance,
        debt,
        account_version: row.version,
    }
}
