//! The decision about a return: what it takes back of what the purchase earned (P8).
//!
//! **Partial returns add up exactly to the original and no further.** Of each movement of the purchase, so much is due
//! back as its share of the amount that has been returned, rounded down; a return takes the difference to what was due
//! before it. What is due depends on nothing but what has come back by now, of each line and without one (see `lines`), so the
//! order and size of the parts change nothing.

mod lines;
mod paid;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use contracts::points::ReturnedLine;
use kernel::{Day, MemberId, Overflow, Points};

use super::{
    Account, AccountState, Aside, Credit, Decision, Journal, Lot, Moment, Movement, Place, ProgrammeDocument,
    Purchase, Rejection, Settled, Template, Terms,
    settle::{free, journal, movement, settle},
};

use paid::Part;

pub use lines::{Back, LineBack, SoldLine, counted_lines, sold_lines};
pub use paid::{CameBack, PaidSo};

/// Points that a purchase earned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarnedLot {
    /// Last day, funder, and how many.
    pub lot: Lot,
    /// Whether they were pending first.
    pub pending: bool,
}

/// A recorded purchase, as far as a return is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// Who bought.
    pub member: MemberId,
    /// What was paid, in minor units, more than none.
    pub amount: i64,
    /// How much of it has been returned before, by lines or not.
    pub returned: i64,
    /// What it earned, by its movements.
    pub earned: Vec<EarnedLot>,
    /// What it counted for a tier.
    pub counted: Credit,
    /// Its lines with what has come back of them; may be none where nothing is or was returned by lines.
    pub lines: Vec<SoldLine>,
    /// How it was paid with points.
    pub paid_so: PaidSo,
}

impl Original {
    /// A purchase that was decided just now, of which points paid so much, in minor units.
    ///
    /// # Errors
    /// [`Overflow`], which a purchase that was decided cannot cause.
    pub fn of_purchase(
        document: &ProgrammeDocument,
        purchase: &Purchase,
        decision: Decision,
        paid: i64,
    ) -> Result<Self, Overflow> {
        let earned = decision.purchase.movements.into_iter().filter_map(|movement| {
            let pending = match movement.template {
                Template::PurchaseEarned => false,
                Template::EarnedPending => true,
                _ => return None,
            };
            Some(EarnedLot { lot: movement.lot(), pending })
        });
        let earned: Vec<EarnedLot> = earned.collect();
        let counted = document.credit(&decision.trace, purchase.amount, paid)?;
        let lines = sold_lines(document, &purchase.lines, &decision.trace, purchase.today, &earned)?;
        let (member, amount) = (purchase.member, purchase.amount);
        Ok(Self { member, amount, returned: 0, earned, counted, lines, paid_so: PaidSo::default() })
    }

    /// What it earned pending, less what is due back of it by now; `places` says where each of its movements came.
    ///
    /// # Errors
    /// [`Overflow`], which a purchase that was decided cannot cause.
    pub fn pending_left(&self, places: &[Option<Place>]) -> Result<Vec<Aside>, Overflow> {
        let mut left = Vec::new();
        for (movement, (earned, place)) in self.earned.iter().zip(places).enumerate() {
            let Some(place) = place.filter(|_| earned.pending) else { continue };
            let lot = earned.lot.between(self.due(movement)?, earned.lot.points)?;
            if lot.points.is_positive() {
                left.push(Aside { place, lot });
            }
        }
        Ok(left)
    }
}

/// What was decided about a return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnDecision {
    /// What had happened by itself before, written first.
    pub settled: Vec<Settled>,
    /// The return itself; its movements may be none.
    pub journal: Journal,
    /// Points taken out of the account, pending ones among them.
    pub taken: Points,
    /// Points that were spent already and are now owed, less what other lots paid at once.
    pub owed: Points,
    /// Points that were due but had lapsed unspent or not: they are gone already, and nothing is taken for them.
    pub lapsed: Points,
    /// What it gave back of points that had paid for the purchase.
    pub came_back: CameBack,
    /// How much came back with it, in minor units.
    pub amount: i64,
    /// Of which lines, where they were named.
    pub lines: Vec<ReturnedLine>,
    /// How much of the purchase has been returned now.
    pub returned: i64,
    /// What is taken back of what the purchase counted for a tier.
    pub credit: Credit,
}

/// Decides what a return takes back, and evolves the account accordingly.
///
/// - Points come out of the very lots that the purchase filled: while they are pending out of these, last to come first.
/// - Those that were spent become a debt, which the account's other lots pay at once, earliest expiry first; what they
///   cannot pay is recovered from later earnings. The balance never falls below none.
/// - Those whose last day is over are left alone: the member has nothing of them any more.
/// - Points that paid for the purchase come back first, in proportion, and pay what they can of a debt.
///
/// # Errors
/// [`Rejection::ReturnTooLarge`] and its like for more than is left of the purchase or of a line; the account is unchanged then.
pub fn decide_return(
    account: &mut Account,
    original: &Original,
    back: &Back,
    terms: Terms,
) -> Result<ReturnDecision, Rejection> {
    let (amount, lines) = original.resolve(back)?;
    let mut next = original.clone();
    next.note(amount, &lines);
    let mut after = account.clone();
    if after.state == AccountState::Closed {
        return Err(Rejection::AccountClosed);
    }
    let Moment { today, .. } = terms.at;
    let settled = settle(&mut after, terms.at, terms.debt)?;
    let mut movements = Vec::new();
    let part = Part { before: original.returned, after: next.returned, whole: original.amount };
    let came_back = original.paid_so.give_back(&mut after, &mut movements, part, today)?;
    let (mut owed, mut lapsed) = (Points::ZERO, Points::ZERO);
    for (place, EarnedLot { lot, pending }) in original.earned.iter().enumerate() {
        let mut due = lot.between(original.due(place)?, next.due(place)?)?;
        if lot.lapsed(today) {
            lapsed = lapsed.plus(due.points)?;
            continue;
        }
        if *pending {
            let asides = still_pending(&after, &mut due)?;
            movements.extend(free(&mut after, &asides, Template::PendingReturned)?);
        }
        let there = after.lot(lot.expires_on, &lot.funder).map(|lot| lot.part(due.points, due.bound));
        let taken = there.unwrap_or_else(|| lot.part(Points::ZERO, Points::ZERO));
        let gone = due.points.minus(taken.points)?;
        // What is owed is no points: none of it is bound.
        let missing = Lot::new(lot.expires_on, lot.funder.clone(), gone);
        for (template, lot) in [(Template::Returned, taken), (Template::ReturnedOnDebt, missing)] {
            let movement = movement(&after, template, &lot);
            record(&mut after, &mut movements, movement)?;
        }
        owed = owed.plus(gone)?;
    }
    let paid = recover(&mut after, &mut movements, owed, today)?;
    let is_taken = |m: &&Movement| matches!(m.template, Template::Returned | Template::PendingReturned);
    let taken = Points::sum(movements.iter().filter(is_taken).map(|m| m.points))?;
    let journal = journal(&mut after, movements);
    *account = after;
    Ok(ReturnDecision {
        settled,
        journal,
        taken: taken.plus(paid)?,
        owed: owed.minus(paid)?,
        lapsed,
        came_back,
        amount,
        lines,
        returned: next.returned,
        credit: next.credit_back()?.minus(original.credit_back()?),
    })
}

/// Lets the account's lots pay up to `most` of its debt, earliest expiry first; answers how much they paid.
pub(super) fn recover(
    account: &mut Account,
    movements: &mut Vec<Movement>,
    most: Points,
    today: Day,
) -> Result<Points, Overflow> {
    let lots = account.oldest(most.min(account.debt), today);
    let paid = Points::sum(lots.iter().map(|lot| lot.points))?;
    for lot in lots {
        let movement = movement(account, Template::DebtRecovered, &lot);
        record(account, movements, movement)?;
    }
    Ok(paid)
}

/// Points of a lot that are pending, so many as are due at most, last to come first; leaves what is due besides.
fn still_pending(account: &Account, due: &mut Lot) -> Result<Vec<Aside>, Overflow> {
    let mut found = Vec::new();
    for aside in account.asides().iter().rev() {
        if !due.is_like(&aside.lot) || !matches!(aside.place, Place::Pending { .. }) {
            continue;
        }
        let lot = aside.lot.part(due.points, due.bound);
        if lot.points.is_positive() {
            *due = due.without(&lot)?;
            found.push(Aside { lot, ..*aside });
        }
    }
    Ok(found)
}

/// Applies a movement and keeps it, unless it moves nothing.
fn record(account: &mut Account, movements: &mut Vec<Movement>, movement: Movement) -> Result<(), Overflow> {
    if movement.points.is_positive() {
        account.evolve(&movement)?;
        movements.push(movement);
    }
    Ok(())
}
