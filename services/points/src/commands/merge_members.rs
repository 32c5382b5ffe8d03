//! Makes two accounts one, in the transaction of whoever heard that two memberships are one person's.
//!
//! Everybody whose account it touches is locked in the order of their ids: both members, and whoever sent a transfer to the one that
//! goes, or gets one from them. What that one had sent and nobody has got yet comes back first; what is on its way to them arrives at
//! the one who stays.

use std::collections::{BTreeSet, HashMap};

use contracts::{
    Fact,
    points::{AccountAbsorbed, AccountMerged, TierChangeCause},
};
use kernel::{BranchCode, JournalId, MemberId, Timestamp, TransferId};
use store::Tx;

use super::{
    changes::{Changes, head},
    record_purchases::Recorder,
    tiers::Standings,
    transfer_books::TransferBooks,
};
use crate::{
    domain::{
        Account, AccountState, JournalKind, Merged, Moment, Programme, Terms, TransferStatus, arrive,
        decide_merge, give_back, take_step, turn_back,
    },
    store::{
        erasures, guards,
        ledger::{self, Changed, Lots, OperationRow},
        merges,
        standings::{self, StandingRow},
        tallies, tier_grants,
        transfers::{self, TransferRow},
    },
};

/// Two members who are one person.
#[derive(Clone, Debug)]
pub struct Merge {
    /// Who stays.
    pub survivor: MemberId,
    /// Whose account goes into the other one.
    pub absorbed: MemberId,
    /// When membership made them one.
    pub merged_at: Timestamp,
    /// Until when the account is guarded.
    pub guarded_until: Option<Timestamp>,
    /// Trace context of the request, when it is sampled.
    pub traceparent: Option<String>,
}

/// Moves everything to the member who stays. A merge that was done before changes nothing; one into a member who was absorbed
/// meanwhile goes into whoever has that member's account.
///
/// # Errors
/// A fault of the database, or that somebody else changed an account meanwhile.
pub async fn merge_members(recorder: &Recorder, tx: &Tx, merge: Merge) -> anyhow::Result<()> {
    let Merge { absorbed, .. } = merge;
    let survivor = merges::survivor_of(tx, merge.survivor).await?;
    if survivor == absorbed || merges::survivor_of(tx, absorbed).await? != absorbed {
        return Ok(());
    }
    let now = recorder.clock.now();
    let at = Moment { now, today: recorder.chain.local(now, None).day };
    let open = merges::open_transfers(tx, absorbed).await?;
    let touched: BTreeSet<MemberId> =
        open.iter().flat_map(|(_, sides)| *sides).chain([survivor, absorbed]).collect();
    let ids: Vec<_> = touched.iter().map(|member| member.as_uuid()).collect();
    let mut accounts = ledger::accounts(tx, &ids, at, Lots::All, true).await?;
    for member in touched {
        accounts.entry(member).or_insert_with(|| Account::new(member));
    }
    let read = accounts.iter().map(|(member, account)| (*member, account.version)).collect();
    if merges::open_transfers(tx, absorbed).await? != open {
        return Err(Changed.into());
    }
    let live = recorder.programmes.live(tx.connection(), now).await?;
    let terms = Terms { at, debt: live.as_deref().and_then(|programme| programme.document.debt) };
    let funder = some_funder(tx, accounts.values()).await?;
    let mut work =
        Work { recorder, tx, merge: &merge, survivor, accounts, read, changes: Changes::default(), terms };
    for (id, _) in open {
        work.end_or_redirect(id).await?;
    }
    work.accounts_become_one(&funder)?;
    work.standings_become_one(live.as_ref()).await?;
    work.tallies_become_one(live.as_deref()).await?;
    work.write().await
}

/// The branch that a debt is booked by on its way: some funder of these accounts, or some branch of the chain. Where there is neither,
/// nobody ever earned anything and there is no debt.
async fn some_funder(tx: &Tx, mut accounts: impl Iterator<Item = &Account>) -> anyhow::Result<BranchCode> {
    if let Some(branch) = erasures::some_branch(tx).await? {
        return Ok(branch);
    }
    let of_lot = accounts.find_map(|account| account.lots().first().map(|lot| lot.funder.clone()));
    Ok(match of_lot {
        Some(funder) => funder,
        None => BranchCode::parse("none")?,
    })
}

/// What one merge loaded, evolving as it is decided.
struct Work<'a> {
    recorder: &'a Recorder,
    tx: &'a Tx,
    merge: &'a Merge,
    survivor: MemberId,
    accounts: HashMap<MemberId, Account>,
    read: HashMap<MemberId, u64>,
    changes: Changes,
    terms: Terms,
}

impl Work<'_> {
    /// Takes an account out that is locked, to be put back when it was decided about.
    fn account(&mut self, member: MemberId) -> anyhow::Result<Account> {
        // Whoever came into a transfer since the look before is another reason to look again.
        self.accounts.remove(&member).ok_or_else(|| Changed.into())
    }

    /// Notes what time has done to a transfer. One that is still on its way and was sent by the one who goes, or by the one who stays
    /// to them, comes back; one to them arrives at the one who stays when its time comes.
    async fn end_or_redirect(&mut self, id: TransferId) -> anyhow::Result<()> {
        let Some(mut row) = transfers::load_locked(self.tx, id).await? else { return Ok(()) };
        let before = row.transfer.status;
        let now = self.terms.at.now;
        let terms = row.terms(self.recorder, self.tx).await?;
        // Time alone is never refused.
        let _ = take_step(&mut row.transfer, &terms, None, now);
        let absorbed = self.merge.absorbed;
        let [sender, receiver] = [row.transfer.sender, row.transfer.receiver];
        if row.transfer.status.is_open() {
            if receiver == absorbed && sender != self.survivor {
                return merges::redirect(self.tx, id, self.survivor).await;
            }
            row.transfer.status = TransferStatus::Recalled;
            (row.transfer.ended_at, row.transfer.due_at) = (Some(now), None);
        }
        let state = self.accounts.get(&receiver).map_or(AccountState::Open, |account| account.state);
        turn_back(&mut row.transfer, state);
        row.ended_version = Some(self.end(&row).await?);
        transfers::update(self.tx, &row, before).await
    }

    /// Lets the points of a transfer arrive or come back; answers the account's version with that journal.
    async fn end(&mut self, row: &TransferRow) -> anyhow::Result<u64> {
        let arrives = row.transfer.status == TransferStatus::Completed;
        let ends = if arrives { row.transfer.receiver } else { row.transfer.sender };
        let mut account = self.account(ends)?;
        let (lots, fee) = transfers::sent_lots(self.tx, row.transfer.sender, row.sent_version).await?;
        let arrival = if arrives {
            arrive(&mut account, &lots, self.terms)?
        } else {
            give_back(&mut account, &lots, &fee, self.terms)?
        };
        let traceparent = self.merge.traceparent.as_deref();
        let now = self.terms.at.now;
        let mut books =
            TransferBooks { recorder: self.recorder, changes: &mut self.changes, now, traceparent };
        let version = books.ended(&row.transfer, &arrival)?;
        self.accounts.insert(ends, account);
        Ok(version)
    }

    fn accounts_become_one(&mut self, funder: &BranchCode) -> anyhow::Result<()> {
        let (absorbed, survivor) = (self.merge.absorbed, self.survivor);
        let (mut from, mut to) = (self.account(absorbed)?, self.account(survivor)?);
        let merged = decide_merge(&mut from, &mut to, funder, self.terms)?;
        self.book(&merged, to.debt)?;
        self.accounts.insert(absorbed, from);
        self.accounts.insert(survivor, to);
        Ok(())
    }

    fn book(&mut self, merged: &Merged, debt: kernel::Points) -> anyhow::Result<()> {
        let (recorder, now) = (self.recorder, self.terms.at.now);
        let (absorbed, survivor) = (self.merge.absorbed, self.survivor);
        let traceparent = self.merge.traceparent.as_deref();
        let changes = &mut self.changes;
        let about = |kind, other: MemberId| OperationRow {
            about: Some(other.as_uuid()),
            ..OperationRow::of_kind(kind)
        };
        let id = || JournalId::from_uuid(recorder.ids.uuid());
        changes.settle(recorder, absorbed, &merged.settled_out, now, traceparent)?;
        let row =
            changes.operate(absorbed, (id(), &merged.out), about(JournalKind::MergedOut, survivor), now)?;
        let told = AccountAbsorbed {
            member_id: absorbed,
            journal_id: row.id,
            into: survivor,
            points: merged.points,
            aside: merged.aside,
            debt: merged.debt,
            account_version: row.version,
        };
        changes.facts.push(Fact::new(head(recorder, &row, traceparent), &told));
        changes.settle(recorder, survivor, &merged.settled_in, now, traceparent)?;
        let row =
            changes.operate(survivor, (id(), &merged.came), about(JournalKind::MergedIn, absorbed), now)?;
        let came = !merged.came.movements.is_empty();
        let told = AccountMerged {
            member_id: survivor,
            journal_id: row.id,
            absorbed,
            points: row.points,
            aside: if came { merged.aside } else { kernel::Points::ZERO },
            balance: row.balance,
            debt,
            account_version: row.version,
        };
        changes.facts.push(Fact::new(head(recorder, &row, traceparent), &told));
        Ok(())
    }

    /// Credit for tiers adds up, and the higher tier stands. Without a programme with tiers what was counted is kept for one that
    /// comes.
    async fn standings_become_one(&mut self, live: Option<&std::sync::Arc<Programme>>) -> anyhow::Result<()> {
        let (absorbed, survivor) = (self.merge.absorbed, self.survivor);
        let two = [absorbed, survivor].map(MemberId::as_uuid);
        let mut held = standings::load(self.tx, &two).await?;
        if !held.contains_key(&absorbed) {
            return Ok(());
        }
        let grant = tier_grants::last_grant(self.tx, absorbed).await?;
        let today = self.terms.at.today;
        let loaded = Standings::load(self.tx, live, two, today).await?;
        let taken = if let Some(mut standings) = loaded {
            let gone = standings.on_ladder(absorbed).map(|(standing, _)| standing.clone());
            let taken = match (standings.on_ladder(survivor), gone) {
                (Some((standing, ladder)), Some(gone)) => {
                    standing.take_in(gone, Some(ladder));
                    standing.grant.clone()
                }
                _ => None,
            };
            let fact = standings.settle(self.recorder, survivor, TierChangeCause::Merge, self.terms.at.now);
            self.changes.facts.extend(fact);
            standings.write(self.tx).await?;
            taken
        } else {
            let Some(gone) = held.remove(&absorbed) else { return Ok(()) };
            let own = held.remove(&survivor);
            let (read, mut standing) = own.map_or_else(
                || (0, crate::domain::Standing::new(today)),
                |stored| (stored.revision, stored.standing),
            );
            standing.take_in(gone.standing, None);
            let grant = standing.grant.clone();
            let row = StandingRow { member: survivor, read, changes_on: None, standing };
            standings::write(self.tx, &[row]).await?;
            grant
        };
        // A grant that goes on is one of the member who stays, so that it can be seen and ended.
        let stands = |grant: &tier_grants::GrantRow| {
            grant.ended.is_none()
                && taken
                    .as_ref()
                    .is_some_and(|taken| (&taken.tier, taken.until) == (&grant.tier, grant.until))
        };
        if let Some(grant) = grant.filter(stands) {
            let last = tier_grants::last_grant(self.tx, survivor).await?;
            let number = last.map_or(1, |last| last.number + 1);
            tier_grants::insert_grant(self.tx, &tier_grants::GrantRow { member: survivor, number, ..grant })
                .await?;
        }
        Ok(())
    }

    /// What both used of limits that count a member is used by one.
    async fn tallies_become_one(&mut self, live: Option<&Programme>) -> anyhow::Result<()> {
        let Some(programme) = live else { return Ok(()) };
        let keys = [self.merge.absorbed, self.survivor].map(|member| programme.document.member_keys(member));
        let all = keys.iter().flatten().cloned().collect();
        let mut counted = tallies::load(self.tx, all, true).await?;
        let [absorbed, survivor] = keys;
        for (from, into) in absorbed.iter().zip(&survivor) {
            counted.tallies.merge(from, into);
        }
        tallies::write(self.tx, &counted).await
    }

    async fn write(self) -> anyhow::Result<()> {
        let Self { recorder, tx, merge, survivor, accounts, read, changes, terms } = self;
        let now = terms.at.now;
        let before = |member: &MemberId| read.get(member).copied().unwrap_or_default();
        let changed = accounts.iter().filter(|(member, account)| account.version != before(member));
        let changed: Vec<_> = changed.map(|(member, account)| (account, before(member))).collect();
        changes.write(recorder, tx, changed.into_iter(), now).await?;
        let guard = accounts.get(&merge.absorbed).and_then(|account| account.guarded(now));
        merges::note(tx, merge.absorbed, survivor, merge.merged_at).await?;
        if let Some(guard) = guard {
            guards::note(tx, survivor, (now, guard.until), guard.left).await?;
            merges::keep_guarded(tx, survivor, guard).await?;
        }
        if let Some(until) = merge.guarded_until {
            guards::note(tx, survivor, (merge.merged_at, until), recorder.guarded_points).await?;
        }
        recorder.relay.wake();
        Ok(())
    }
}
