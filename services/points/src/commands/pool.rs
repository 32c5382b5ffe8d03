//! Points that a household spends together: whose accounts are held for it, and what is written down on both sides.
//!
//! The own account and those of all others are locked together, in the order of ids, so that nobody waits in a circle. Who belongs to the
//! household is read again once they are locked: whoever left before then keeps what they have.

use std::collections::HashMap;

use contracts::{
    Fact,
    points::{DrawnFrom, PoolDrawn, PoolGiven},
};
use kernel::{JournalId, MemberId, Overflow, Points, Timestamp};
use store::Tx;

use super::{
    changes::{Changes, head},
    record_purchases::Recorder,
};
use crate::{
    domain::{Account, Drawn, JournalKind, Moment, Pool, PoolingTerms, Rejection, Terms},
    store::{
        households,
        ledger::{self, Changed, OperationRow, drawn_text},
    },
};

/// Out of whose points a decision may be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The member's own.
    Own,
    /// Those of the others in the household too, where the programme says so.
    Household,
}

/// The accounts of the others in a household, held until the transaction ends.
pub struct Purse {
    pool: Pool,
    read: HashMap<MemberId, u64>,
}

impl Purse {
    /// Takes the accounts of these others out of those that were locked.
    ///
    /// # Errors
    /// [`Changed`] when somebody came or left before they were locked; otherwise why the database refused.
    pub async fn open(
        recorder: &Recorder,
        tx: &Tx,
        (terms, member): (PoolingTerms, MemberId),
        others: &[MemberId],
        accounts: &mut HashMap<MemberId, Account>,
        at: Moment,
    ) -> anyhow::Result<Self> {
        if others_of(recorder, tx, terms, member, at).await? != others {
            return Err(Changed.into());
        }
        ledger::give_lots(tx, accounts, others.iter().copied()).await?;
        let accounts: Vec<Account> = others.iter().filter_map(|other| accounts.remove(other)).collect();
        let read = accounts.iter().map(|account| (account.member, account.version)).collect();
        let drawn = match terms.most_per_day {
            Some(_) => {
                let midnight = recorder.chain.begins(at.today);
                households::drawn_since(tx.connection(), member, midnight).await?
            }
            None => Points::ZERO,
        };
        Ok(Self { pool: Pool::new(accounts, terms.left(drawn)), read })
    }

    /// The accounts that gave something, each with its version as it was read.
    pub fn changed(&self) -> impl Iterator<Item = (&Account, u64)> {
        let before = |account: &Account| self.read.get(&account.member).copied().unwrap_or_default();
        let all = self.pool.accounts().iter().map(move |account| (account, before(account)));
        all.filter(|(account, read)| account.version != *read)
    }
}

/// From whom of their household a member may draw now, in the order of their ids; nobody is held.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn others_of(
    recorder: &Recorder,
    tx: &Tx,
    terms: PoolingTerms,
    member: MemberId,
    at: Moment,
) -> anyhow::Result<Vec<MemberId>> {
    let day_of = |since| recorder.chain.local(since, None).day;
    let household = households::around(tx.connection(), member, day_of).await?;
    Ok(terms.others(&household, member, at.today))
}

/// Does what `act` says with what the account has, and where a purse is there with what is missing drawn out of it.
///
/// # Errors
/// As [`Pool::spend`]; nothing is changed then.
pub fn spend<T>(
    purse: Option<&mut Purse>,
    account: &mut Account,
    terms: Terms,
    mut act: impl FnMut(&mut Account) -> Result<T, Rejection>,
) -> Result<(Option<Drawn>, T), Rejection> {
    match purse {
        Some(purse) => purse.pool.spend(account, terms, act),
        None => Ok((None, act(account)?)),
    }
}

/// Whether the live programme lets households spend their points together.
///
/// # Errors
/// When the database refuses.
pub async fn pools(recorder: &Recorder) -> anyhow::Result<bool> {
    let connection = recorder.database.connection();
    let live = recorder.programmes.live(connection, recorder.clock.now()).await?;
    Ok(live.is_some_and(|programme| programme.document.pooling.is_some()))
}

/// What points were drawn for.
#[derive(Clone, Copy, Debug)]
pub struct For<'a> {
    /// The member who spends them.
    pub member: MemberId,
    /// The hold, the redemption or the purchase.
    pub about: JournalId,
    /// Which of them.
    pub kind: JournalKind,
    /// When.
    pub now: Timestamp,
    /// Trace context of the request, when it is sampled.
    pub traceparent: Option<&'a str>,
}

/// Adds the journals of a draw on all sides, and tells of them.
///
/// # Errors
/// A sum that does not fit, which no decision lets through.
pub fn record(
    changes: &mut Changes,
    recorder: &Recorder,
    drawn: &Drawn,
    what: For<'_>,
) -> Result<(), Overflow> {
    let For { member: drawn_by, about, now, traceparent, .. } = what;
    let spent_on = what.word().to_owned();
    let operation = |kind, outcome| OperationRow {
        about: Some(about.as_uuid()),
        reason: Some(spent_on.clone()),
        outcome: Some(outcome),
        ..OperationRow::of_kind(kind)
    };
    let mut from = Vec::with_capacity(drawn.given.len());
    for given in &drawn.given {
        changes.settle(recorder, given.member, &given.settled, now, traceparent)?;
        let journal = (JournalId::from_uuid(recorder.ids.uuid()), &given.journal);
        let row = operation(JournalKind::PoolGiven, drawn_by.to_string());
        let row = changes.operate(given.member, journal, row, now)?;
        let points = Points::ZERO.minus(row.points)?;
        from.push(DrawnFrom { member_id: given.member, points });
        let told = PoolGiven {
            member_id: given.member,
            journal_id: row.id,
            drawn_by,
            points,
            about,
            spent_on: spent_on.clone(),
            balance: row.balance,
            account_version: row.version,
        };
        changes.facts.push(Fact::new(head(recorder, &row, traceparent), &told));
    }
    changes.settle(recorder, drawn_by, &drawn.settled, now, traceparent)?;
    let journal = (JournalId::from_uuid(recorder.ids.uuid()), &drawn.journal);
    let row = operation(JournalKind::PoolDrawn, drawn_text(&from));
    let row = changes.operate(drawn_by, journal, row, now)?;
    let told = PoolDrawn {
        member_id: drawn_by,
        journal_id: row.id,
        points: row.points,
        from,
        about,
        spent_on,
        balance: row.balance,
        account_version: row.version,
    };
    changes.facts.push(Fact::new(head(recorder, &row, traceparent), &told));
    Ok(())
}

impl For<'_> {
    /// The stable word for what was paid with them.
    const fn word(self) -> &'static str {
        match self.kind {
            JournalKind::Hold => "hold",
            JournalKind::Purchase => "purchase",
            _ => "redemption",
        }
    }
}
