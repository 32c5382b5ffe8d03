//! Moves a transfer on: somebody says something to it, or its time is over.

use std::collections::HashMap;

use kernel::{MemberId, TransferId};
use store::Tx;

use super::{
    changes::Changes, persistence::persistently, record_purchases::Recorder, transfer_books::TransferBooks,
};
use crate::{
    domain::{
        Account, AccountState, Moment, NotNow, Terms, TransferStatus, TransferStep, arrive, give_back,
        take_step, taken_before, turn_back,
    },
    store::{
        ledger::{self, Changed, Lots},
        merges,
        transfers::{self, TransferRow},
    },
};

/// Why a step was not taken.
#[derive(Debug)]
pub enum StepRefusal {
    /// There is no such transfer.
    Unknown,
    /// The transfer does not wait for it.
    NotNow(NotNow),
    /// Our machine broke; nobody knows whether it was taken.
    Fault(anyhow::Error),
}

/// Takes a step, or with none notes what time has done; answers the transfer as it stands then. Taking a step again that was
/// taken changes nothing.
///
/// # Errors
/// [`StepRefusal`]; nothing was changed then, but for [`StepRefusal::Fault`].
pub async fn step_transfer(
    recorder: &Recorder,
    id: TransferId,
    step: Option<&TransferStep>,
    traceparent: Option<&str>,
) -> Result<TransferRow, StepRefusal> {
    let outcome = persistently("moving a transfer on", || run(recorder, id, step, traceparent)).await;
    outcome.unwrap_or_else(|fault| Err(StepRefusal::Fault(fault)))
}

async fn run(
    recorder: &Recorder,
    id: TransferId,
    step: Option<&TransferStep>,
    traceparent: Option<&str>,
) -> anyhow::Result<Result<TransferRow, StepRefusal>> {
    let tx = recorder.database.begin().await?;
    let Some(peeked) = transfers::load(tx.connection(), id).await? else {
        return Ok(Err(StepRefusal::Unknown));
    };
    let now = recorder.clock.now();
    let at = Moment { now, today: recorder.chain.local(now, None).day };
    // Accounts before transfers, and accounts in the order of their ids: nobody waits in a circle.
    let sides = [peeked.transfer.sender, peeked.transfer.receiver];
    let mut two = sides.map(MemberId::as_uuid).to_vec();
    // Whose account went into another one has nothing on the way any more.
    let merged = merges::survivors(&tx, &two).await?;
    two.retain(|side| !merged.contains_key(&MemberId::from_uuid(*side)));
    let mut accounts = ledger::accounts(&tx, &two, at, Lots::All, true).await?;
    let Some(mut row) = transfers::load_locked(&tx, id).await? else {
        return Ok(Err(StepRefusal::Unknown));
    };
    if [row.transfer.sender, row.transfer.receiver] != sides {
        // It was let arrive at another account meanwhile.
        return Err(Changed.into());
    }
    let before = row.clone();
    let terms = row.terms(recorder, &tx).await?;
    if let Err(not_now) = take_step(&mut row.transfer, &terms, step, now) {
        tx.rollback().await?;
        let again = step.is_some_and(|step| taken_before(&row.transfer, step));
        return Ok(if again { Ok(row) } else { Err(StepRefusal::NotNow(not_now)) });
    }
    if row == before {
        tx.rollback().await?;
        return Ok(Ok(row));
    }
    if before.transfer.status.is_open() && !row.transfer.status.is_open() {
        conclude(recorder, &tx, &mut row, &mut accounts, (at, traceparent)).await?;
    }
    transfers::update(&tx, &row, before.transfer.status).await?;
    tx.commit().await?;
    recorder.relay.wake();
    Ok(Ok(row))
}

/// What ends moves points: to the receiver, or back.
async fn conclude(
    recorder: &Recorder,
    tx: &Tx,
    row: &mut TransferRow,
    accounts: &mut HashMap<MemberId, Account>,
    (at, traceparent): (Moment, Option<&str>),
) -> anyhow::Result<()> {
    let now = at.now;
    let receiver = accounts.get(&row.transfer.receiver).map_or(AccountState::Open, |account| account.state);
    turn_back(&mut row.transfer, receiver);
    let ends = if row.transfer.status == TransferStatus::Completed {
        row.transfer.receiver
    } else {
        row.transfer.sender
    };
    let mut account = accounts.remove(&ends).unwrap_or_else(|| Account::new(ends));
    let read = account.version;
    let mut changes = Changes::default();
    let mut books = TransferBooks { recorder, changes: &mut changes, now, traceparent };
    let live = recorder.programmes.live(tx.connection(), now).await?;
    let terms = Terms { at, debt: live.and_then(|programme| programme.document.debt) };
    row.ended_version = Some(end(tx, &mut books, row, &mut account, terms).await?);
    changes.write(recorder, tx, std::iter::once((&account, read)), now).await
}

/// Lets the points arrive or come back; answers the account's version with that journal.
async fn end(
    tx: &Tx,
    books: &mut TransferBooks<'_>,
    row: &TransferRow,
    account: &mut Account,
    terms: Terms,
) -> anyhow::Result<u64> {
    let (lots, fee) = transfers::sent_lots(tx, row.transfer.sender, row.sent_version).await?;
    let arrival = if row.transfer.status == TransferStatus::Completed {
        arrive(account, &lots, terms)?
    } else {
        give_back(account, &lots, &fee, terms)?
    };
    Ok(books.ended(&row.transfer, &arrival)?)
}
