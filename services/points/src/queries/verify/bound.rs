//! Which points cannot be passed on to another member: what rows say of it, and what entries add up to.

use std::collections::HashMap;

use kernel::MemberId;
use runtime::AuditRow;
use store::Tx;

use super::compare;
use crate::{
    domain::{Book, Effect, Movement, Template},
    store::auditing,
};

/// Where points of a lot are: whose, in which of the member's accounts, last day, funder.
type Place = (MemberId, &'static str, i32, String);

/// What the entries add up to.
#[derive(Default)]
pub(super) struct Bound {
    sums: HashMap<Place, i64>,
    /// Bound points that left for another member, or came from one: member and version.
    passed_on: Vec<(MemberId, i64)>,
}

impl Bound {
    /// Counts an entry; most have none.
    pub(super) fn take(&mut self, movement: &Movement, version: i64) {
        if movement.bound.is_zero() {
            return;
        }
        let passes = [
            Template::TransferSent,
            Template::TransferReceived,
            Template::TransferReturned,
            Template::PoolGiven,
            Template::PoolDrawn,
        ];
        if passes.contains(&movement.template) {
            self.passed_on.push((movement.member, version));
        }
        for book in [Book::Member, Book::Pending, Book::Held] {
            let sign = match movement.effect_on(book) {
                Effect::Adds => 1,
                Effect::Takes => -1,
                Effect::Leaves => continue,
            };
            let (day, funder) = (movement.expires_on.number(), movement.funder.to_string());
            *self.sums.entry((movement.member, book.name(), day, funder)).or_default() +=
                sign * movement.bound.count();
        }
    }

    /// Rows against entries; a row never says more of its points than it has.
    pub(super) async fn equals_entries(&self, tx: &Tx) -> anyhow::Result<AuditRow> {
        let mut row = AuditRow::new("what cannot be passed on equals its entries, and never was");
        let mut stored: HashMap<Place, i64> = HashMap::new();
        for (member, day, funder, points, bound) in auditing::bound_lots(tx).await? {
            let place = (member, Book::Member.name(), day, funder);
            check(&mut row, &place, points, bound);
            stored.insert(place, bound);
        }
        for (member, held, day, funder, points, bound) in auditing::bound_asides(tx).await? {
            let book = if held { Book::Held } else { Book::Pending };
            let place = (member, book.name(), day, funder);
            check(&mut row, &place, points, bound);
            *stored.entry(place).or_default() += bound;
        }
        compare(&mut row, stored, self.sums.clone(), name);
        for (member, version) in &self.passed_on {
            row.differs(format!("{member} {version}: bound points went to another member or came from one"));
        }
        Ok(row)
    }
}

fn check(row: &mut AuditRow, place: &Place, points: i64, bound: i64) {
    if !(1..=points).contains(&bound) {
        row.differs(format!("{}: {bound} of {points}", name(place)));
    }
}

fn name((member, book, day, funder): &Place) -> String {
    format!("{member} {book} {day} {funder}")
}
