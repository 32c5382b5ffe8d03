//! What the chain owes its members in points, and how that came to be (P14).
//!
//! Every line of a report follows from a template's two accounts, so a new template has its place without a change here.
//! **Opening plus all lines is closing**, per funder and in total, because each movement of what is owed falls into
//! exactly one line.

use std::collections::BTreeMap;

use kernel::{BranchCode, Day, Overflow, Points};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Book, Template};

/// The books that hold what branches owe to members.
pub const OWED: [Book; 4] = [Book::Member, Book::Pending, Book::Held, Book::Transit];

/// How what is owed changed, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Line {
    /// Given: for purchases and for anything else.
    Issued,
    /// Taken back, because what earned it was returned.
    Reversed,
    /// Redeemed.
    Redeemed,
    /// Redemptions that were undone.
    RedemptionsUndone,
    /// Lapsed and written off.
    Expired,
    /// Given, less what was taken, by hand.
    Adjusted,
    /// Paid as fees.
    Fees,
    /// Given up when accounts were closed.
    WrittenOff,
    /// Kept to pay debts.
    DebtRecovered,
}

/// The line of a movement, and whether what is owed grows by it; `None` when it stays as it is.
#[must_use]
pub fn line(template: Template) -> Option<(Line, bool)> {
    let (debit, credit) = template.books();
    let (grows, other) = match (OWED.contains(&debit), OWED.contains(&credit)) {
        (false, true) => (true, debit),
        (true, false) => (false, credit),
        _ => return None,
    };
    let line = match other {
        Book::Issuance if grows => Line::Issued,
        Book::Issuance => Line::Reversed,
        Book::Redemption if grows => Line::RedemptionsUndone,
        Book::Redemption => Line::Redeemed,
        Book::Lapse => Line::Expired,
        Book::Adjustment => Line::Adjusted,
        Book::Fee => Line::Fees,
        Book::WriteOff => Line::WrittenOff,
        Book::Debt => Line::DebtRecovered,
        Book::Member | Book::Pending | Book::Held | Book::Transit => return None,
    };
    Some((line, grows))
}

/// From what was owed to what is owed: every line is signed, so that opening plus lines is closing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct RollForward {
    /// Owed when the period began.
    pub opening: Points,
    /// Given: for purchases and for anything else.
    pub issued: Points,
    /// Taken back, because what earned it was returned; negative.
    pub reversed: Points,
    /// Redeemed; negative.
    pub redeemed: Points,
    /// Redemptions that were undone.
    pub redemptions_undone: Points,
    /// Lapsed and written off; negative. What lapsed and nobody has written off yet is still in the closing.
    pub expired: Points,
    /// Given, less what was taken, by hand.
    pub adjusted: Points,
    /// Paid as fees; negative.
    pub fees: Points,
    /// Given up when accounts were closed; negative.
    pub written_off: Points,
    /// Kept to pay debts; negative.
    pub debt_recovered: Points,
    /// Owed when the period was over.
    pub closing: Points,
    /// Sent from one member to another: in none of the lines, since the branch owes it as before.
    pub transferred: Points,
}

impl RollForward {
    /// Takes what moved before the period.
    ///
    /// # Errors
    /// [`Overflow`] when a sum does not fit.
    pub fn before(&mut self, template: Template, points: Points) -> Result<(), Overflow> {
        if let Some((_, grows)) = line(template) {
            let change = signed(points, grows)?;
            self.opening = self.opening.plus(change)?;
            self.closing = self.closing.plus(change)?;
        }
        Ok(())
    }

    /// Takes what moved within the period.
    ///
    /// # Errors
    /// [`Overflow`] when a sum does not fit.
    pub fn take(&mut self, template: Template, points: Points) -> Result<(), Overflow> {
        if template == Template::TransferSent {
            self.transferred = self.transferred.plus(points)?;
        }
        let Some((line, grows)) = line(template) else { return Ok(()) };
        let change = signed(points, grows)?;
        let place = match line {
            Line::Issued => &mut self.issued,
            Line::Reversed => &mut self.reversed,
            Line::Redeemed => &mut self.redeemed,
            Line::RedemptionsUndone => &mut self.redemptions_undone,
            Line::Expired => &mut self.expired,
            Line::Adjusted => &mut self.adjusted,
            Line::Fees => &mut self.fees,
            Line::WrittenOff => &mut self.written_off,
            Line::DebtRecovered => &mut self.debt_recovered,
        };
        *place = place.plus(change)?;
        self.closing = self.closing.plus(change)?;
        Ok(())
    }
}

/// What members owe the chain, because they had spent what a return took back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Debts {
    /// Owed by members when the period began.
    pub opening: Points,
    /// Came on by returns.
    pub incurred: Points,
    /// Paid out of points; negative.
    pub recovered: Points,
    /// Given up; negative.
    pub forgiven: Points,
    /// Owed by members when the period was over.
    pub closing: Points,
}

impl Debts {
    /// Takes what moved before the period.
    ///
    /// # Errors
    /// [`Overflow`] when a sum does not fit.
    pub fn before(&mut self, template: Template, points: Points) -> Result<(), Overflow> {
        let mut moved = Self::default();
        moved.take(template, points)?;
        self.opening = self.opening.plus(moved.closing)?;
        self.closing = self.closing.plus(moved.closing)?;
        Ok(())
    }

    /// Takes what moved within the period.
    ///
    /// # Errors
    /// [`Overflow`] when a sum does not fit.
    pub fn take(&mut self, template: Template, points: Points) -> Result<(), Overflow> {
        let (place, grows) = match template.books() {
            (Book::Debt, _) => (&mut self.incurred, true),
            (Book::WriteOff, Book::Debt) => (&mut self.forgiven, false),
            (_, Book::Debt) => (&mut self.recovered, false),
            _ => return Ok(()),
        };
        let change = signed(points, grows)?;
        *place = place.plus(change)?;
        self.closing = self.closing.plus(change)?;
        Ok(())
    }
}

fn signed(points: Points, grows: bool) -> Result<Points, Overflow> {
    if grows { Ok(points) } else { Points::ZERO.minus(points) }
}

/// Points of movements that have everything in common that reports tell apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// Who pays for the points.
    pub funder: BranchCode,
    /// Where it happened; `None` for what happened in no branch.
    pub branch: Option<BranchCode>,
    /// What moved them.
    pub template: Template,
    /// The lots' last day.
    pub expires_on: Day,
    /// How many, more than none.
    pub points: Points,
}

/// What moved: funder, branch, template.
pub type Flow = (BranchCode, Option<BranchCode>, Template);
/// Where it lies now: book, funder, last day.
pub type Place = (Book, BranchCode, Day);

/// The movements of a time, summed as reports need them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DaySums {
    /// What moved.
    pub flows: BTreeMap<Flow, Points>,
    /// How what is owed changed, by where it lies; nothing where it did not.
    pub owed: BTreeMap<Place, Points>,
}

impl DaySums {
    /// Takes movements.
    ///
    /// # Errors
    /// [`Overflow`] when a sum does not fit.
    pub fn take(&mut self, sum: Sum) -> Result<(), Overflow> {
        let (debit, credit) = sum.template.books();
        for (book, grows) in [(debit, false), (credit, true)] {
            if OWED.contains(&book) {
                let change = signed(sum.points, grows)?;
                add(&mut self.owed, (book, sum.funder.clone(), sum.expires_on), change)?;
            }
        }
        add(&mut self.flows, (sum.funder, sum.branch, sum.template), sum.points)
    }
}

/// Adds to a sum; a sum of nothing is left out.
fn add<K: Ord + Clone>(sums: &mut BTreeMap<K, Points>, key: K, change: Points) -> Result<(), Overflow> {
    let sum = sums.get(&key).copied().unwrap_or_default().plus(change)?;
    if sum.is_zero() {
        sums.remove(&key);
    } else {
        sums.insert(key, sum);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn branch(name: &str) -> BranchCode {
        BranchCode::parse(name).expect("a code")
    }

    #[test]
    fn each_template_that_changes_what_is_owed_has_one_line() {
        for template in Template::ALL {
            let (debit, credit) = template.books();
            let changes = OWED.contains(&debit) != OWED.contains(&credit);
            assert_eq!(line(*template).is_some(), changes, "{template:?}");
        }
        assert_eq!(line(Template::PurchaseEarned), Some((Line::Issued, true)));
        assert_eq!(line(Template::PendingReturned), Some((Line::Reversed, false)));
        assert_eq!(line(Template::AdjustedDown), Some((Line::Adjusted, false)));
        assert_eq!(line(Template::Held), None, "it is owed as before");
        assert_eq!(line(Template::ReturnedOnDebt), None, "it was gone already");
    }

    proptest! {
        #[test]
        fn opening_plus_every_line_is_closing_and_what_lies_in_the_books(
            before in prop::collection::vec((0_usize..22, 1_i64..1_000_000), 0..40),
            within in prop::collection::vec((0_usize..22, 1_i64..1_000_000), 0..40),
        ) {
            let (mut roll, mut debts, mut sums) = (RollForward::default(), Debts::default(), DaySums::default());
            for (i, (which, points)) in before.iter().chain(&within).enumerate() {
                let (template, points) = (Template::ALL[*which], Points::new(*points));
                if i < before.len() {
                    roll.before(template, points)?;
                    debts.before(template, points)?;
                } else {
                    roll.take(template, points)?;
                    debts.take(template, points)?;
                }
                let (funder, expires_on) = (branch("vanak"), Day::from_number(i32::try_from(i % 3)?));
                sums.take(Sum { funder, branch: None, template, expires_on, points })?;
            }
            let lines = [
                roll.opening, roll.issued, roll.reversed, roll.redeemed, roll.redemptions_undone, roll.expired,
                roll.adjusted, roll.fees, roll.written_off, roll.debt_recovered,
            ];
            prop_assert_eq!(Points::sum(lines)?, roll.closing);
            prop_assert_eq!(Points::sum(sums.owed.values().copied())?, roll.closing);
            let lines = [debts.opening, debts.incurred, debts.recovered, debts.forgiven];
            prop_assert_eq!(Points::sum(lines)?, debts.closing);
        }
    }
}
