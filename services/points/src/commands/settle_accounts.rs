//! Writes down what has happened to accounts by themselves: holds that lapsed, pending points that can be spent, lots whose
//! last day is over.
//!
//! Every decision and every balance is right without it; it keeps the books tidy, and tells members of points that lapsed
//! though they did not come.

use anyhow::Context as _;

use super::{changes::Changes, persistence::persistently, record_purchases::Recorder};
use crate::{
    domain::{Account, Moment, settle},
    store::ledger::{self, Lots},
};

/// Settles so many accounts at most that are due, in one transaction; answers how many.
///
/// # Errors
/// When the database refuses.
pub async fn settle_accounts(recorder: &Recorder, most: u32) -> anyhow::Result<usize> {
    persistently("settling accounts", || batch(recorder, most)).await
}

async fn batch(recorder: &Recorder, most: u32) -> anyhow::Result<usize> {
    let tx = recorder.database.begin().await?;
    let now = recorder.clock.now();
    let at = Moment { now, today: recorder.chain.local(now, None).day };
    let due = ledger::due(&tx, at, most).await?;
    let debt = recorder.debt_terms(&tx).await?;
    let mut accounts: Vec<Account> =
        ledger::accounts(&tx, &due, at, Lots::All, true).await?.into_values().collect();
    // One order for everybody, as ever.
    accounts.sort_unstable_by_key(|account| account.member);
    let mut changes = Changes::default();
    let mut changed: Vec<(Account, u64)> = Vec::with_capacity(accounts.len());
    for mut account in accounts {
        let read = account.version;
        let settled = settle(&mut account, at, debt).context("settling an account")?;
        if !settled.is_empty() {
            changes.settle(recorder, account.member, &settled, now, None)?;
            changed.push((account, read));
        }
    }
    if changed.is_empty() {
        tx.rollback().await?;
        return Ok(0);
    }
    changes.write(recorder, &tx, changed.iter().map(|(account, read)| (account, *read)), now).await?;
    tx.commit().await?;
    recorder.relay.wake();
    Ok(changed.len())
}
