//! The books that a life leaves behind, and what they promise whatever happens.

use std::collections::{BTreeMap, HashMap};

use kernel::{BranchCode, Day};

use crate::domain::{Account, Book, Journal, LedgerAccount, Lot, Movement, Template};

/// Everything that was written down.
#[derive(Default)]
pub struct Books {
    sums: HashMap<LedgerAccount, i64>,
    /// Points, and bound ones among them.
    lots: BTreeMap<(Day, BranchCode), (i64, i64)>,
    versions: Vec<u64>,
    /// Journals that were written for commands, by key.
    pub of_keys: HashMap<u16, usize>,
    /// Journals that were acknowledged or had happened by themselves.
    pub known: usize,
}

impl Books {
    /// Writes a journal down.
    pub fn write(&mut self, journal: &Journal, today: Day) -> Result<(), String> {
        if self.versions.last().is_some_and(|last| *last >= journal.version) {
            return Err(format!("I2: version {} was written before", journal.version));
        }
        self.versions.push(journal.version);
        for movement in &journal.movements {
            self.in_order(movement, today)?;
            let points = movement.points.count();
            if points <= 0 || movement.debit() == movement.credit() {
                return Err(format!("I3: {movement:?} is no movement"));
            }
            *self.sums.entry(movement.debit()).or_default() -= points;
            *self.sums.entry(movement.credit()).or_default() += points;
            self.move_lot(movement, points)?;
        }
        Ok(())
    }

    fn move_lot(&mut self, movement: &Movement, points: i64) -> Result<(), String> {
        let (debit, credit) = movement.template.books();
        if (debit == Book::Transit || credit == Book::Transit) && !movement.bound.is_zero() {
            return Err(format!("bound points: {movement:?} passes them on"));
        }
        let lot = self.lots.entry((movement.expires_on, movement.funder.clone())).or_default();
        let sign = i64::from(credit == Book::Member) - i64::from(debit == Book::Member);
        lot.0 += sign * points;
        lot.1 += sign * movement.bound.count();
        if !(0..=lot.0).contains(&lot.1) {
            return Err(format!("I4: {movement:?} leaves {lot:?} in its lot"));
        }
        Ok(())
    }

    /// Spent points come from the earliest expiry that there is, and never from a day that is over.
    fn in_order(&self, movement: &Movement, today: Day) -> Result<(), String> {
        let there = match movement.template {
            Template::Held | Template::Redeemed | Template::AdjustedDown | Template::TransferFee => {
                |(points, _): &(i64, i64)| *points
            }
            Template::TransferSent => |(points, bound): &(i64, i64)| points - bound,
            _ => return Ok(()),
        };
        if movement.expires_on < today {
            return Err(format!("expiry order: {movement:?} spends what lapsed before {today}"));
        }
        let earlier = self.lots.iter().find(|((day, _), lot)| there(lot) > 0 && *day < movement.expires_on);
        match earlier {
            Some(((day, _), lot)) => {
                Err(format!("expiry order: {movement:?} though {lot:?} of {day} were there"))
            }
            None => Ok(()),
        }
    }

    /// What must hold after every command.
    pub fn check(&self, account: &Account) -> Result<(), String> {
        if let Some((key, count)) = self.of_keys.iter().find(|(_, count)| **count != 1) {
            return Err(format!("I1: key {key} has {count} entries"));
        }
        if self.versions.len() != self.known || !(1..).zip(&self.versions).all(|(n, version)| *version == n) {
            return Err(format!("I2: versions {:?} for {} decisions", self.versions, self.known));
        }
        let total: i64 = self.sums.values().sum();
        let sum = |book| {
            let of_member = LedgerAccount::of_member(book, account.member);
            self.sums.get(&of_member).copied().unwrap_or_default()
        };
        let aside = |book| account.sum_aside(book).map_or(-1, kernel::Points::count);
        let booked = [total, sum(Book::Member), -sum(Book::Debt), sum(Book::Pending), sum(Book::Held)];
        let held =
            [0, account.balance.count(), account.debt.count(), aside(Book::Pending), aside(Book::Held)];
        if booked.iter().any(|sum| *sum < 0) || held.iter().any(|sum| *sum < 0) {
            return Err(format!("I4: books {booked:?}, account {held:?}"));
        }
        if booked != held || !self.lots_are(account.lots()) {
            return Err(format!("I3: books {booked:?}, account {held:?}, lots {:?}", account.lots()));
        }
        Ok(())
    }

    fn lots_are(&self, lots: &[Lot]) -> bool {
        let booked = self.lots.iter().filter(|(_, (points, _))| *points > 0);
        booked
            .map(|((day, funder), lot)| (*day, funder, *lot))
            .eq(lots.iter().map(|lot| (lot.expires_on, &lot.funder, (lot.points.count(), lot.bound.count()))))
    }
}
