//! Requests a transfer: points leave the sender at once, and arrive when nothing more is waited for (P4, P5, P6).
//!
//! One transaction that holds both members: caps are summed up, balances read and everything decided and written while no
//! other transfer of either is under way.

use kernel::{Digest16, Digests, MemberId, Points, TransferId};
use store::Tx;
use uuid::Uuid;

use super::{
    changes::Changes,
    persistence::{persistently, unless_recorded},
    record_purchases::{Identity, Recorder},
    settle_transfers::settle_of,
    transfer_books::TransferBooks,
};
use crate::{
    domain::{
        Account, JournalKind, Lot, Moment, Relation, SentBefore, TransferAsk, TransferRefusal, TransferTerms,
        as_requested, decide_transfer,
    },
    store::{
        ledger::{self, Lots},
        merges,
        transfers::{self, TransferRow},
    },
};

/// Who makes a transfer on a member's behalf, and why.
#[derive(Clone, Debug)]
pub struct Behalf {
    /// The person, as the chain names its staff.
    pub agent: String,
    /// In that person's words.
    pub reason: String,
}

/// A transfer that is asked for, checked in shape.
#[derive(Clone, Debug)]
pub struct RequestTransfer {
    /// Digests of the caller's idempotency key, and of everything that was asked; `None` for a quote.
    pub request: Option<(Digest16, Digests)>,
    /// Who gives.
    pub sender: MemberId,
    /// Who gets.
    pub receiver: Identity,
    /// How many points; `None` hands over everything.
    pub points: Option<Points>,
    /// Who makes it, where it is not the member.
    pub behalf: Option<Behalf>,
    /// Trace context of the request, when it is sampled.
    pub traceparent: Option<String>,
}

/// Why a transfer was not requested.
#[derive(Debug)]
pub enum Refusal {
    /// Points has not heard of the sender.
    UnknownSender,
    /// Points has not heard of the receiver.
    UnknownReceiver,
    /// The idempotency key was used for something else.
    KeyReused,
    /// The business says no.
    Rejected(TransferRefusal),
    /// Our machine broke; nobody knows whether it was requested.
    Fault(anyhow::Error),
}

/// A transfer as it was requested, now or before.
#[derive(Clone, Debug)]
pub struct Requested {
    /// The transfer as it stood then.
    pub row: TransferRow,
    /// The lots that travel.
    pub lots: Vec<Lot>,
    /// How many points could have travelled; `None` when it was requested before.
    pub transferable: Option<Points>,
    /// The sender's balance afterwards.
    pub balance: Points,
    /// The sender's account version afterwards.
    pub account_version: u64,
    /// Whether it had been requested before, and this is the first answer again.
    pub replayed: bool,
}

/// Requests a transfer, or answers what requesting it would, when it has no idempotency key.
///
/// # Errors
/// [`Refusal`]; nothing was changed then, but for [`Refusal::Fault`].
pub async fn request_transfer(recorder: &Recorder, command: &RequestTransfer) -> Result<Requested, Refusal> {
    let outcome = try_once(recorder, command).await;
    if let Err(Refusal::Rejected(refusal)) = &outcome
        && refusal.may_pass()
    {
        // Points that are due to come back, or to arrive, count from that instant on.
        match settle_of(recorder, command.sender).await {
            Ok(0) => {}
            Ok(_) => return try_once(recorder, command).await,
            Err(fault) => return Err(Refusal::Fault(fault)),
        }
    }
    outcome
}

async fn try_once(recorder: &Recorder, command: &RequestTransfer) -> Result<Requested, Refusal> {
    let outcome = persistently("requesting a transfer", || run(recorder, command)).await;
    outcome.unwrap_or_else(|fault| Err(Refusal::Fault(fault)))
}

async fn run(recorder: &Recorder, command: &RequestTransfer) -> anyhow::Result<Result<Requested, Refusal>> {
    let tx = recorder.database.begin().await?;
    let outcome = within(recorder, &tx, command).await?;
    match &outcome {
        Ok(requested) if command.request.is_some() && !requested.replayed => {
            tx.commit().await?;
            recorder.relay.wake();
        }
        _ => tx.rollback().await?,
    }
    Ok(outcome)
}

/// Requests a transfer in a transaction that somebody else commits. A refusal, a quote and a repetition write nothing.
///
/// # Errors
/// When our machine breaks.
pub async fn within(
    recorder: &Recorder,
    tx: &Tx,
    command: &RequestTransfer,
) -> anyhow::Result<Result<Requested, Refusal>> {
    let command = &as_survivors(tx, command).await?;
    let fresh = match decide(recorder, tx, command).await? {
        Ok(Decided::Now(fresh)) => *fresh,
        Ok(Decided::Before(requested)) => return Ok(Ok(*requested)),
        Err(refusal) => return Ok(Err(refusal)),
    };
    if command.request.is_none() {
        return Ok(Ok(fresh.requested));
    }
    let now = fresh.requested.row.transfer.requested_at;
    let changed = fresh.accounts.iter().map(|(account, read)| (account, *read));
    let changed = changed.filter(|(account, read)| account.version != *read);
    fresh.changes.write(recorder, tx, changed, now).await?;
    transfers::insert(tx, std::slice::from_ref(&fresh.requested.row)).await?;
    Ok(Ok(fresh.requested))
}

/// The same transfer by the names of whoever has the accounts now.
async fn as_survivors(tx: &Tx, command: &RequestTransfer) -> anyhow::Result<RequestTransfer> {
    let sender = merges::survivor_of(tx, command.sender).await?;
    let receiver = match command.receiver {
        Identity::Member(member) => Identity::Member(merges::survivor_of(tx, member).await?),
        digest @ Identity::Digest(_) => digest,
    };
    Ok(RequestTransfer { sender, receiver, ..command.clone() })
}

enum Decided {
    Now(Box<Fresh>),
    Before(Box<Requested>),
}

/// A transfer that was decided just now.
struct Fresh {
    requested: Requested,
    changes: Changes,
    /// Both accounts, each with its version as it was read.
    accounts: [(Account, u64); 2],
}

async fn decide(
    recorder: &Recorder,
    tx: &Tx,
    command: &RequestTransfer,
) -> anyhow::Result<Result<Decided, Refusal>> {
    let before = async || {
        let answer = before(recorder, tx, command).await?;
        Ok(answer.map(|answer| answer.map(|requested| Decided::Before(Box::new(requested)))))
    };
    unless_recorded(before, || afresh(recorder, tx, command)).await
}

async fn afresh(
    recorder: &Recorder,
    tx: &Tx,
    command: &RequestTransfer,
) -> anyhow::Result<Result<Decided, Refusal>> {
    let (receiver, relation) = match held(tx, command).await? {
        Ok(held) => held,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let two = [command.sender, receiver];
    let rejected = |refusal| Ok(Err(Refusal::Rejected(refusal)));
    let now = recorder.clock.now();
    let Some(programme) = recorder.programmes.live(tx.connection(), now).await? else {
        return rejected(TransferRefusal::NoProgramme);
    };
    let Some(terms) = &programme.document.transfers else { return rejected(TransferRefusal::Off) };
    let ask = TransferAsk {
        id: TransferId::from_uuid(recorder.ids.uuid()),
        sender: command.sender,
        receiver,
        points: command.points,
        agent: command.behalf.as_ref().map(|behalf| behalf.agent.clone()),
        now,
        today: recorder.chain.local(now, None).day,
    };
    let [(mut from, read_from), (mut to, read_to)] = both(tx, two, Moment { now, today: ask.today }).await?;
    let earlier = earlier(recorder, tx, terms, &ask).await?;
    let sent =
        match decide_transfer(&mut from, &mut to, (terms, programme.document.debt), &ask, relation, &earlier)
        {
            Ok(sent) => sent,
            Err(refusal) => return rejected(refusal),
        };
    let mut changes = Changes::default();
    let traceparent = command.traceparent.as_deref();
    let mut books = TransferBooks { recorder, changes: &mut changes, now, traceparent };
    let row = books.requested(command, &sent, programme.version)?;
    let (balance, account_version) = (sent.journal.balance, sent.journal.version);
    let requested = Requested {
        row,
        lots: sent.lots,
        transferable: Some(sent.transferable),
        balance,
        account_version,
        replayed: false,
    };
    let accounts = [(from, read_from), (to, read_to)];
    Ok(Ok(Decided::Now(Box::new(Fresh { requested, changes, accounts }))))
}

/// The receiver, and what both are to each other; no other transfer of either is decided meanwhile.
async fn held(tx: &Tx, command: &RequestTransfer) -> anyhow::Result<Result<(MemberId, Relation), Refusal>> {
    let Some(receiver) = receiver(tx, command.receiver).await? else {
        return Ok(Err(Refusal::UnknownReceiver));
    };
    let (known, relation) = transfers::hold_members(tx, [command.sender, receiver]).await?;
    Ok(if !known.contains(&command.sender) {
        Err(Refusal::UnknownSender)
    } else if !known.contains(&receiver) {
        Err(Refusal::UnknownReceiver)
    } else {
        Ok((receiver, relation))
    })
}

/// The member who gets the points, when points has heard of one behind that name.
async fn receiver(tx: &Tx, identity: Identity) -> anyhow::Result<Option<MemberId>> {
    match identity {
        Identity::Member(member) => Ok(Some(member)),
        Identity::Digest(_) => {
            let sought: Vec<Uuid> = identity.sought().collect();
            Ok(identity.known_as(&ledger::members_behind(tx, &sought).await?))
        }
    }
}

/// What both transferred before, and since when the sender has an account, as far as the terms ask.
async fn earlier(
    recorder: &Recorder,
    tx: &Tx,
    terms: &TransferTerms,
    ask: &TransferAsk,
) -> anyhow::Result<SentBefore> {
    let two = [ask.sender, ask.receiver];
    let mut earlier = transfers::sent_before(tx, terms, two, ask.today, ask.now).await?;
    if terms.account_age_days > 0 {
        let opened = transfers::opened_at(tx, ask.sender).await?;
        earlier.opened_on = opened.map(|at| recorder.chain.local(at, None).day);
    }
    Ok(earlier)
}

/// Both accounts with their lots, locked in the order of their ids, each with its version.
async fn both(tx: &Tx, two: [MemberId; 2], at: Moment) -> anyhow::Result<[(Account, u64); 2]> {
    let mut ids = two.map(MemberId::as_uuid).to_vec();
    ids.dedup();
    let mut found = ledger::accounts(tx, &ids, at, Lots::All, true).await?;
    Ok(two.map(|member| {
        let account = found.remove(&member).unwrap_or_else(|| Account::new(member));
        let read = account.version;
        (account, read)
    }))
}

/// What was requested before under the same key.
async fn before(
    recorder: &Recorder,
    tx: &Tx,
    command: &RequestTransfer,
) -> anyhow::Result<Option<Result<Requested, Refusal>>> {
    let Some((key, fingerprint)) = command.request else { return Ok(None) };
    let rows = ledger::purchases(tx, &[], &[Uuid::from_bytes(key.0)]).await?;
    let Some(journal) = rows.first() else { return Ok(None) };
    let sent = journal.operation().filter(|operation| operation.kind == JournalKind::TransferSent);
    let same = journal.request().is_some_and(|(_, asked)| fingerprint.has(asked));
    let Some(id) = sent.and_then(|operation| operation.about).filter(|_| same) else {
        return Ok(Some(Err(Refusal::KeyReused)));
    };
    let Some(mut row) = transfers::load(tx, TransferId::from_uuid(id)).await? else {
        anyhow::bail!("the journal {} is about transfer {id}, which is missing", journal.id);
    };
    let terms = row.terms(recorder, tx).await?;
    row.transfer = as_requested(&row.transfer, &terms);
    let (lots, _) = transfers::sent_lots(tx, row.transfer.sender, row.sent_version).await?;
    let (balance, account_version) = (journal.balance, journal.version);
    Ok(Some(Ok(Requested { row, lots, transferable: None, balance, account_version, replayed: true })))
}

impl TransferRow {
    /// The terms that hold for it: those of the programme under which it was requested.
    pub(super) async fn terms(&self, recorder: &Recorder, tx: &Tx) -> anyhow::Result<TransferTerms> {
        let programme = recorder.programmes.version(tx.connection(), self.programme_version).await?;
        let terms = programme.document.transfers.clone();
        anyhow::Context::context(terms, "a transfer under a programme without transfers")
    }
}
