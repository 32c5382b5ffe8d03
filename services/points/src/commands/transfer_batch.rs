//! Many transfers in one transaction: one look at everybody who gives or gets, decisions in memory one after the other, one
//! write.
//!
//! The first look is a light one, without locks and without earlier requests of the same key: unique keys and the version of
//! each account refuse what does not fit, and a refusal is not believed. Then the batch is decided again with full care.
//! Terms that sum up earlier transfers (caps, the age of the account) hold both members, one transfer at a time.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::{AtomicU32, Ordering},
};

use kernel::{Digest16, MemberId, TransferId};
use store::Tx;
use uuid::Uuid;

use super::{
    changes::Changes,
    persistence::may_go_better,
    record_purchases::{Recorder, once_each},
    request_transfer::{Refusal, RequestTransfer, Requested, request_transfer},
    settle_transfers::settle_of,
    transfer_books::TransferBooks,
};
use crate::{
    domain::{
        Account, Moment, Programme, Relation, SentBefore, TransferAsk, TransferRefusal, TransferTerms,
        decide_transfer,
    },
    store::{
        ledger::{self, Lots},
        transfers::{self, TransferRow},
    },
};

type Outcome = Result<Requested, Refusal>;

/// After a batch that a light look was not enough for, so many get full care at once.
const STAYS_WARY: u32 = 32;

/// Requests transfers; answers in the batch's order. Each is as by [`request_transfer`]. `wary` counts the batches that are
/// still looked at with full care, since one of late needed it.
pub async fn request_transfers(
    recorder: &Recorder,
    wary: &AtomicU32,
    commands: &[RequestTransfer],
) -> Vec<Outcome> {
    let less = |wary: u32| wary.checked_sub(1);
    let at_ease = wary.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_err();
    let mut outcomes: Vec<Option<Outcome>> = commands.iter().map(|_| None).collect();
    for locked in [false, true] {
        if !locked && !at_ease {
            continue;
        }
        match together(recorder, commands, locked).await {
            Ok(decided) => {
                outcomes = decided;
                break;
            }
            Err(fault) => {
                wary.store(STAYS_WARY, Ordering::Relaxed);
                tracing::debug!(size = commands.len(), fault = format!("{fault:#}"), "deciding again");
                if !may_go_better(&fault) && !fault.is::<LookCloser>() {
                    break;
                }
            }
        }
    }
    let mut all = Vec::with_capacity(commands.len());
    for (command, outcome) in commands.iter().zip(outcomes) {
        // What could not be decided together is decided alone; so is a repetition, which is answered from the books.
        all.push(match outcome {
            None => request_transfer(recorder, command).await,
            Some(Err(Refusal::Rejected(refusal))) if refusal.may_pass() => {
                perhaps_due(recorder, command, refusal).await
            }
            Some(outcome) => outcome,
        });
    }
    all
}

/// Points that are due to come back, or to arrive, count from that instant on.
async fn perhaps_due(recorder: &Recorder, command: &RequestTransfer, why: TransferRefusal) -> Outcome {
    match settle_of(recorder, command.sender).await {
        Ok(0) => Err(Refusal::Rejected(why)),
        Ok(_) => request_transfer(recorder, command).await,
        Err(fault) => Err(Refusal::Fault(fault)),
    }
}

/// A light look was not enough; the batch must be decided with full care.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a light look was not enough")]
struct LookCloser;

/// Decides and commits those that can be decided together; `None` for those that must be decided alone.
async fn together(
    recorder: &Recorder,
    commands: &[RequestTransfer],
    locked: bool,
) -> anyhow::Result<Vec<Option<Outcome>>> {
    let tx = recorder.database.begin().await?;
    let now = recorder.clock.now();
    let at = Moment { now, today: recorder.chain.local(now, None).day };
    let live = recorder.programmes.live(tx.connection(), now).await?;
    let terms = live.as_deref().and_then(|programme| programme.document.transfers.as_ref());
    let (Some(programme), Some(terms)) = (live.as_deref(), terms.filter(|terms| !asks_for_earlier(terms)))
    else {
        tx.rollback().await?;
        return Ok(commands.iter().map(|_| None).collect());
    };
    let mut batch = load(&tx, commands, (programme, terms), at, locked).await?;
    let mut outcomes = Vec::with_capacity(commands.len());
    for command in commands {
        outcomes.push(if batch.alone(command) { None } else { Some(batch.decide(recorder, command)?) });
    }
    if !locked && outcomes.iter().flatten().any(Result::is_err) {
        // What is refused now may have been requested before, when nothing stood against it.
        tx.rollback().await?;
        return Err(LookCloser.into());
    }
    if batch.rows.is_empty() {
        tx.rollback().await?;
        return Ok(outcomes);
    }
    let Batch { accounts, read, changes, rows, .. } = batch;
    let before = |account: &Account| read.get(&account.member).copied().unwrap_or_default();
    let changed = accounts.values().map(|account| (account, before(account)));
    changes.write(recorder, &tx, changed.filter(|(account, read)| account.version != *read), now).await?;
    transfers::insert(&tx, &rows).await?;
    tx.commit().await?;
    recorder.relay.wake();
    Ok(outcomes)
}

/// Whether these terms sum up earlier transfers, or ask how old the account is.
fn asks_for_earlier(terms: &TransferTerms) -> bool {
    let caps = [&terms.sent, &terms.received, &terms.receivers];
    caps.iter().any(|caps| !caps.is_empty()) || terms.account_age_days > 0
}

/// What was loaded for a batch, evolving as its transfers are decided.
struct Batch<'a> {
    programme: &'a Programme,
    terms: &'a TransferTerms,
    at: Moment,
    members: HashMap<Digest16, MemberId>,
    /// Those that points has heard of, with their households.
    known: HashMap<MemberId, Option<Uuid>>,
    accounts: HashMap<MemberId, Account>,
    read: HashMap<MemberId, u64>,
    /// Keys under which something was recorded before.
    keys: HashSet<Digest16>,
    changes: Changes,
    rows: Vec<TransferRow>,
}

async fn load<'a>(
    tx: &Tx,
    commands: &[RequestTransfer],
    (programme, terms): (&'a Programme, &'a TransferTerms),
    at: Moment,
    locked: bool,
) -> anyhow::Result<Batch<'a>> {
    let digests = once_each(commands.iter().flat_map(|command| command.receiver.sought()));
    let members = ledger::members_behind(tx, &digests).await?;
    let receivers = commands.iter().filter_map(|command| command.receiver.known_as(&members));
    let all = once_each(commands.iter().map(|c| c.sender).chain(receivers).map(MemberId::as_uuid));
    let known = transfers::known(tx, &all).await?;
    let mut accounts = ledger::accounts(tx, &all, at, Lots::WhereTaken, locked).await?;
    let mut keys = HashSet::new();
    if locked {
        // With the accounts locked, so that nobody else requests the same meanwhile.
        let asked = commands.iter().filter_map(|command| Some(Uuid::from_bytes(command.request?.0.0)));
        let found = ledger::purchases(tx, &[], &once_each(asked)).await?;
        keys.extend(found.iter().filter_map(|row| Some(row.request()?.0)));
    }
    let read = accounts.values().map(|account| (account.member, account.version)).collect();
    ledger::give_lots(tx, &mut accounts, commands.iter().map(|command| command.sender)).await?;
    Ok(Batch {
        programme,
        terms,
        at,
        members,
        known,
        accounts,
        read,
        keys,
        changes: Changes::default(),
        rows: Vec::new(),
    })
}

impl Batch<'_> {
    /// Whether a transfer is decided alone: a repetition, which is answered from the books, or one under a key that another
    /// one of this batch has.
    fn alone(&mut self, command: &RequestTransfer) -> bool {
        command.request.is_none_or(|(key, _)| !self.keys.insert(key))
    }

    fn decide(&mut self, recorder: &Recorder, command: &RequestTransfer) -> anyhow::Result<Outcome> {
        let Some(receiver) = command.receiver.known_as(&self.members) else {
            return Ok(Err(Refusal::UnknownReceiver));
        };
        let (sender, now) = (command.sender, self.at.now);
        let relation = match (self.known.get(&sender), self.known.get(&receiver)) {
            (None, _) => return Ok(Err(Refusal::UnknownSender)),
            (_, None) => return Ok(Err(Refusal::UnknownReceiver)),
            (Some(one), Some(other)) => {
                // As for one alone: points knows no tiers here.
                Relation { one_household: one.is_some() && one == other, one_tier_group: false }
            }
        };
        let ask = TransferAsk {
            id: TransferId::from_uuid(recorder.ids.uuid()),
            sender,
            receiver,
            points: command.points,
            agent: command.behalf.as_ref().map(|behalf| behalf.agent.clone()),
            now,
            today: self.at.today,
        };
        let mut from = self.account(sender);
        let mut to = self.account(receiver);
        let terms = (self.terms, self.programme.document.debt);
        let sent = match decide_transfer(&mut from, &mut to, terms, &ask, relation, &SentBefore::default()) {
            Ok(sent) => sent,
            Err(refusal) => return Ok(Err(Refusal::Rejected(refusal))),
        };
        let traceparent = command.traceparent.as_deref();
        let mut books = TransferBooks { recorder, changes: &mut self.changes, now, traceparent };
        let row = books.requested(command, &sent, self.programme.version)?;
        self.rows.push(row.clone());
        self.accounts.insert(sender, from);
        self.accounts.insert(receiver, to);
        let (balance, account_version) = (sent.journal.balance, sent.journal.version);
        Ok(Ok(Requested {
            row,
            lots: sent.lots,
            transferable: Some(sent.transferable),
            balance,
            account_version,
            replayed: false,
        }))
    }

    fn account(&self, member: MemberId) -> Account {
        self.accounts.get(&member).cloned().unwrap_or_else(|| Account::new(member))
    }
}
