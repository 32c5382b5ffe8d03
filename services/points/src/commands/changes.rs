//! What a transaction changes in the ledger, gathered while it decides and written at its end.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use contracts::{Fact, FactHead, parcel, points::SOURCE};
use kernel::{BranchCode, Day, FactId, JournalId, MemberId, Overflow, ParcelId, Points, Timestamp};
use store::{Tx, outbox::ParcelRow};

use super::{record_purchases::Recorder, telling::told};
use crate::{
    domain::{Account, Book, Effect, Journal, Lot, Movement, Settled},
    store::{
        guards,
        ledger::{self, AccountChange, Batch, Deed, EntryRow, JournalRow, OperationRow, account_id},
    },
};

/// Journals, lots and facts of one transaction.
#[derive(Default)]
pub struct Changes {
    /// What came to each lot, less what was taken from it: points, and bound ones among them.
    came: HashMap<(MemberId, Day, BranchCode), (i64, i64)>,
    batch: Batch,
    /// Whose accounts something was done with.
    active: HashSet<MemberId>,
    /// What is told, in the order of the accounts' versions.
    pub facts: Vec<Fact>,
}

impl Changes {
    /// Whether nothing is to be written.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Adds a journal with its movements.
    pub fn record(&mut self, row: &Arc<JournalRow>, journal: &Journal) {
        if row.kind().is_activity() {
            self.active.insert(row.member);
        }
        for movement in &journal.movements {
            // The account has counted the same sums, within bounds.
            let sign = match movement.on_points() {
                Effect::Adds => 1,
                Effect::Takes => -1,
                Effect::Leaves => continue,
            };
            let lot = (movement.member, movement.expires_on, movement.funder.clone());
            let (points, bound) = self.came.entry(lot).or_default();
            *points += sign * movement.points.count();
            *bound += sign * movement.bound.count();
        }
        let entry = |(leg, movement): (i16, &Movement)| EntryRow {
            version: journal.version,
            leg,
            movement: movement.clone(),
            debit: account_id(&movement.debit()),
            credit: account_id(&movement.credit()),
        };
        let mut entries = (0_i16..).zip(&journal.movements).map(entry);
        self.batch.journals.push((Arc::clone(row), entries.next()));
        self.batch.legs.extend(entries);
    }

    /// Adds the journals of what happened by itself, and tells of it.
    ///
    /// # Errors
    /// A sum that does not fit, which no decision lets through.
    pub fn settle(
        &mut self,
        recorder: &Recorder,
        member: MemberId,
        settled: &[Settled],
        now: Timestamp,
        traceparent: Option<&str>,
    ) -> Result<(), Overflow> {
        for Settled { kind, about, journal } in settled {
            let about = about.map(JournalId::as_uuid);
            let operation = OperationRow { about, ..OperationRow::of_kind(*kind) };
            let row =
                self.operate(member, (JournalId::from_uuid(recorder.ids.uuid()), journal), operation, now)?;
            self.facts.extend(told(recorder, &row, journal, traceparent)?);
        }
        Ok(())
    }

    /// Adds the journal of an operation; answers its row.
    ///
    /// # Errors
    /// A sum that does not fit, which no decision lets through.
    pub fn operate(
        &mut self,
        member: MemberId,
        (id, journal): (JournalId, &Journal),
        operation: OperationRow,
        now: Timestamp,
    ) -> Result<Arc<JournalRow>, Overflow> {
        let row = Arc::new(JournalRow {
            id,
            member,
            version: journal.version,
            recorded_at: now,
            points: journal.change(Book::Member)?,
            balance: journal.balance,
            deed: Deed::Operation(Box::new(operation)),
        });
        self.record(&row, journal);
        Ok(row)
    }

    /// Writes everything, with these accounts as they are now, each with the version that was read; zero for a new one.
    ///
    /// # Errors
    /// As [`ledger::write`].
    pub async fn write<'a>(
        mut self,
        recorder: &Recorder,
        tx: &Tx,
        accounts: impl Iterator<Item = (&'a Account, u64)>,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let accounts: HashMap<MemberId, (&Account, u64)> =
            accounts.map(|(account, read)| (account.member, (account, read))).collect();
        // Whoever decided has seen which programme is live; nothing is asked again.
        let live = recorder.programmes.live_by(tx.connection(), 0, now).await?;
        let today = recorder.chain.local(now, None).day;
        let terms = live.and_then(|programme| programme.document.inactivity);
        self.reckon(&accounts, terms.map(|terms| terms.last_day(today)));
        let parcel_id = ParcelId::from_uuid(recorder.ids.uuid());
        let payload = parcel::encode(&self.facts);
        ledger::write(tx, &self.batch, &ParcelRow { parcel_id, created_at: now, payload }).await?;
        let guards = accounts.values().filter_map(|(account, _)| Some((account.member, account.guard?)));
        for (member, guard) in guards.filter(|(_, guard)| guard.left != guard.stored) {
            guards::let_go(tx, member, guard).await?;
        }
        Ok(())
    }

    fn reckon(&mut self, accounts: &HashMap<MemberId, (&Account, u64)>, idle_on: Option<Day>) {
        let active = &self.active;
        let Batch { accounts: changed, lots, fewer, gone, asides, .. } = &mut self.batch;
        let aside = |account: &Account| {
            account.aside_changes().into_iter().map(|aside| (account.member, aside)).collect::<Vec<_>>()
        };
        asides.extend(accounts.values().flat_map(|(account, _)| aside(account)));
        changed.extend(accounts.values().map(|(account, read)| AccountChange {
            member: account.member,
            read: *read,
            version: account.version,
            balance: account.balance,
            debt: account.debt,
            marks: ledger::marks(account),
            next: account.next(),
            idle_on: if active.contains(&account.member) { idle_on } else { account.idle_on },
        }));
        for ((member, day, funder), change) in self.came.drain() {
            match change {
                (0, 0) => {}
                (points @ 1.., bound) if (0..=points).contains(&bound) => {
                    let (points, bound) = (Points::new(points), Points::new(bound));
                    lots.push((member, Lot { expires_on: day, funder, points, bound }));
                }
                // Only accounts whose lots are loaded have anything taken from them.
                _ => match accounts[&member].0.lot(day, &funder) {
                    Some(left) => fewer.push((member, left.clone())),
                    None => gone.push((member, Lot::new(day, funder, Points::ZERO))),
                },
            }
        }
        // One order for everybody: two batches that touch the same rows never wait for each other in a circle.
        changed.sort_unstable_by_key(|account| account.member);
        for rows in [lots, fewer, gone] {
            rows.sort_unstable_by(|(a, of_a), (b, of_b)| {
                (a, of_a.expires_on, &of_a.funder).cmp(&(b, of_b.expires_on, &of_b.funder))
            });
        }
    }
}

/// The head of a fact about a journal.
pub fn head(recorder: &Recorder, row: &JournalRow, traceparent: Option<&str>) -> FactHead {
    FactHead {
        id: FactId::from_uuid(recorder.ids.uuid()),
        source: SOURCE,
        subject: row.member.to_string(),
        seq: row.version,
        time: row.recorded_at,
        traceparent: traceparent.map(str::to_owned),
    }
}
