//! A member's statement of a month: opening, movements, what lapsed, closing (P3).
//!
//! Points lapse in a statement at the end of their last day, whenever they are written off, so that it says what the
//! member could spend, at any instant. **Opening plus movements plus what lapsed is closing.**

use std::collections::BTreeMap;

use kernel::{Day, Overflow, Points};

use super::{Book, Effect, Movement, Template};

/// A movement of a member's lot, as far as a statement is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The account's version with its journal.
    pub version: u64,
    /// What it is.
    pub template: Template,
    /// The lot's last day.
    pub expires_on: Day,
    /// How many points.
    pub points: Points,
}

/// A statement's sums.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// What could be spent when it begins.
    pub opening: Points,
    /// What each journal added, by the account's version; negative for what it took. Write-offs are left out.
    pub journals: BTreeMap<u64, Points>,
    /// What lapsed, by the last day on which it could be spent; negative.
    pub lapsed: BTreeMap<Day, Points>,
    /// What can be spent when it ends.
    pub closing: Points,
}

/// The statement from day `first` on. `before` are the movements recorded before it, `within` those recorded since; lots
/// whose last day is before `end` have lapsed.
///
/// # Errors
/// [`Overflow`] when a sum does not fit.
pub fn statement(
    before: impl IntoIterator<Item = Moved>,
    within: impl IntoIterator<Item = Moved>,
    first: Day,
    end: Day,
) -> Result<Statement, Overflow> {
    let mut made = Statement::default();
    // What lapsed before is in no line, whenever it is written off.
    let mut lots: BTreeMap<Day, Points> = BTreeMap::new();
    for moved in before.into_iter().filter(|moved| moved.expires_on >= first) {
        let change = moved.change()?;
        made.opening = made.opening.plus(change)?;
        add(&mut lots, moved.expires_on, change)?;
    }
    for moved in within.into_iter().filter(|moved| moved.template != Template::Lapsed) {
        let change = moved.change()?;
        let journal = made.journals.entry(moved.version).or_default();
        *journal = journal.plus(change)?;
        add(&mut lots, moved.expires_on, change)?;
    }
    for (last_day, points) in lots {
        if last_day >= end {
            made.closing = made.closing.plus(points)?;
        } else if !points.is_zero() {
            made.lapsed.insert(last_day, Points::ZERO.minus(points)?);
        }
    }
    Ok(made)
}

fn add(lots: &mut BTreeMap<Day, Points>, last_day: Day, change: Points) -> Result<(), Overflow> {
    let lot = lots.entry(last_day).or_default();
    *lot = lot.plus(change)?;
    Ok(())
}

impl Moved {
    fn change(&self) -> Result<Points, Overflow> {
        match Movement::effect(self.template, Book::Member) {
            Effect::Adds => Ok(self.points),
            Effect::Takes => Points::ZERO.minus(self.points),
            Effect::Leaves => Ok(Points::ZERO),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moved(template: Template, expires_on: i32, points: i64) -> Moved {
        Moved { version: 1, template, expires_on: Day::from_number(expires_on), points: Points::new(points) }
    }

    proptest! {
        #[test]
        fn opening_movements_and_what_lapsed_are_the_closing(
            before in prop::collection::vec((0_usize..22, 0_i32..40, 1_i64..1_000), 0..30),
            within in prop::collection::vec((0_usize..22, 0_i32..40, 1_i64..1_000), 0..30),
        ) {
            let all = |list: Vec<(usize, i32, i64)>| {
                list.into_iter().map(|(which, day, points)| moved(Template::ALL[which], day, points)).collect::<Vec<_>>()
            };
            let made = statement(all(before), all(within), Day::from_number(10), Day::from_number(20))?;
            let lines = made.journals.values().chain(made.lapsed.values()).copied();
            prop_assert_eq!(Points::sum([made.opening].into_iter().chain(lines))?, made.closing);
        }

        #[test]
        fn writing_lapsed_points_off_changes_no_statement(
            earned in prop::collection::vec((0_i32..40, 1_i64..1_000), 0..12), first in 0_i32..20, long in 1_i32..20, wrote_before in any::<bool>(),
        ) {
            let (begin, end) = (Day::from_number(first), Day::from_number(first + long));
            let lots: Vec<Moved> = earned.iter().map(|(day, points)| moved(Template::PurchaseEarned, *day, *points)).collect();
            let untouched = statement(lots.clone(), [], begin, end)?;
            let bound = if wrote_before { begin } else { end };
            let off: Vec<Moved> = lots.iter().filter(|lot| lot.expires_on < bound)
                .map(|lot| Moved { template: Template::Lapsed, ..*lot }).collect();
            let (before, within) = if wrote_before { ([lots, off].concat(), Vec::new()) } else { (lots, off) };
            prop_assert_eq!(statement(before, within, begin, end)?, untouched);
        }
    }

    #[test]
    fn what_comes_back_too_late_lapses_at_once() {
        let made = statement(
            [moved(Template::PurchaseEarned, 5, 10), moved(Template::Held, 5, 10)],
            [moved(Template::Released, 5, 10)],
            Day::from_number(10),
            Day::from_number(20),
        );
        let made = made.expect("it fits");
        assert_eq!((made.opening, made.closing), (Points::ZERO, Points::ZERO));
        assert_eq!(made.lapsed.values().copied().collect::<Vec<_>>(), [Points::new(-10)]);
    }
}
