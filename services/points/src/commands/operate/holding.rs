//! The accounts that an operation holds until its transaction ends.

use std::iter;

use kernel::MemberId;
use store::Tx;

use crate::{
    commands::{
        pool::{self, Purse},
        record_purchases::{Recorder, once_each},
    },
    domain::{Account, Moment, PoolingTerms},
    store::ledger::{self, Lots},
};

/// The account, and under pooling those of the others in the household, all locked at once; `None` for nobody who is known.
pub(super) async fn held(
    recorder: &Recorder,
    tx: &Tx,
    member: MemberId,
    pooling: Option<PoolingTerms>,
    at: Moment,
) -> anyhow::Result<Option<(Account, Option<Purse>)>> {
    let others = match pooling {
        Some(terms) => pool::others_of(recorder, tx, terms, member, at).await?,
        None => Vec::new(),
    };
    let ids = once_each(iter::once(&member).chain(&others).map(|one| one.as_uuid()));
    let mut accounts = ledger::accounts(tx, &ids, at, Lots::All, true).await?;
    let account = match accounts.remove(&member) {
        Some(account) => account,
        None if ledger::known_members(tx, &[member.as_uuid()]).await?.contains(&member) => {
            ledger::fresh_account(tx, member).await?
        }
        None => return Ok(None),
    };
    let purse = match pooling {
        Some(terms) => Some(Purse::open(recorder, tx, (terms, member), &others, &mut accounts, at).await?),
        None => None,
    };
    Ok(Some((account, purse)))
}
