//! Writes down what has happened to accounts by themselves: holds that lapsed, pending points that can be spent, lots whose
//! last day is over.
//!
//! Every decision and every balance is right without it; it keeps the books tidy, and tells members of points that lapsed
//! though they did not come.

use anyhow::Context as _;
use uuid::Uuid;

use super::{changes::Changes, persistence::persistently, record_purchases::Recorder};
use crate::{
    domain::{Account, JournalKind, Moment, Settled, settle},
    store::ledger::{self, Lots},
};

/// What was settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SettledAccounts {
    /// Accounts of which something was due.
    pub accounts: u64,
    /// Lots that were written off.
    pub lots: u64,
}

/// The members, so many at most, of whose accounts something is due, in the order of their ids.
///
/// Ask for many and settle them bit by bit: the search steps over what was settled just before.
///
/// # Errors
/// When the database refuses.
pub async fn due_accounts(recorder: &Recorder, most: u32) -> anyhow::Result<Vec<Uuid>> {
    let tx = recorder.database.begin().await?;
    let due = ledger::due(&tx, moment(recorder), most).await?;
    tx.rollback().await?;
    Ok(due)
}

/// Settles these accounts in one transaction, as far as something of them is still due.
///
/// # Errors
/// When the database refuses.
pub async fn settle_accounts(recorder: &Recorder, due: &[Uuid]) -> anyhow::Result<SettledAccounts> {
    persistently("settling accounts", || batch(recorder, due)).await
}

fn moment(recorder: &Recorder) -> Moment {
    let now = recorder.clock.now();
    Moment { now, today: recorder.chain.local(now, None).day }
}

async fn batch(recorder: &Recorder, due: &[Uuid]) -> anyhow::Result<SettledAccounts> {
    let tx = recorder.database.begin().await?;
    let at = moment(recorder);
    let debt = recorder.debt_terms(&tx).await?;
    let mut accounts: Vec<Account> =
        ledger::accounts(&tx, due, at, Lots::All, true).await?.into_values().collect();
    // One order for everybody, as ever.
    accounts.sort_unstable_by_key(|account| account.member);
    let mut changes = Changes::default();
    let mut done = SettledAccounts::default();
    let mut changed: Vec<(Account, u64)> = Vec::with_capacity(accounts.len());
    for mut account in accounts {
        let read = account.version;
        let settled = settle(&mut account, at, debt).context("settling an account")?;
        if !settled.is_empty() {
            changes.settle(recorder, account.member, &settled, at.now, None)?;
            done.accounts += 1;
            done.lots += written_off(&settled);
            changed.push((account, read));
        }
    }
    if changed.is_empty() {
        tx.rollback().await?;
        return Ok(done);
    }
    changes.write(recorder, &tx, changed.iter().map(|(account, read)| (account, *read)), at.now).await?;
    tx.commit().await?;
    recorder.relay.wake();
    Ok(done)
}

/// Each lot that lapsed is a movement of its own.
fn written_off(settled: &[Settled]) -> u64 {
    let lapsed = settled.iter().filter(|settled| settled.kind == JournalKind::Expiry);
    lapsed.map(|settled| settled.journal.movements.len() as u64).sum()
}
