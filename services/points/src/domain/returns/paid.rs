//! What a return gives back of points that paid for the purchase.
//!
//! **The very lots come back, once, and parts add up exactly**: of each lot that was spent so much is due as its share of the
//! amount that has been returned, rounded down; a return gives the difference to what was due before it. Money is due back in the
//! same way out of what was not paid with points, so that neither the member nor the chain gains by many small returns.

use kernel::{Day, Overflow, Points};

use super::{record, recover};
use crate::domain::{Account, Lot, Movement, PaidByPoints, Template, settle::movement};

/// How a purchase was paid with points; nothing for one that was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaidSo {
    /// How many points paid how much.
    pub paid: PaidByPoints,
    /// The lots that they came from.
    pub lots: Vec<Lot>,
}

/// What a return gave back of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CameBack {
    /// Points that came back.
    pub points: Points,
    /// How many of them paid a debt at once.
    pub recovered: Points,
    /// How much of the returned amount had been paid with points, in minor units; the rest is given back as money.
    pub amount: i64,
}

/// How much of a purchase's amount had come back before, and has with this return, out of all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) before: i64,
    pub(super) after: i64,
    pub(super) whole: i64,
}

impl Part {
    /// What is due of a number now.
    fn of(self, number: i64) -> Result<i64, Overflow> {
        Ok(self.upto(number, self.after)? - self.upto(number, self.before)?)
    }

    /// What was due of a number once so much had come back.
    fn upto(self, number: i64, returned: i64) -> Result<i64, Overflow> {
        let share = i128::from(number) * i128::from(returned) / i128::from(self.whole.max(1));
        i64::try_from(share).map_err(|_| Overflow)
    }
}

impl PaidSo {
    /// Gives back what is due, and lets it pay a debt; what has lapsed meanwhile pays nothing, and lapses again with the next
    /// journal.
    pub(super) fn give_back(
        &self,
        account: &mut Account,
        movements: &mut Vec<Movement>,
        part: Part,
        today: Day,
    ) -> Result<CameBack, Overflow> {
        if self.lots.is_empty() {
            return Ok(CameBack::default());
        }
        let (mut points, mut alive) = (Points::ZERO, Points::ZERO);
        for lot in &self.lots {
            let points_due = |returned| part.upto(lot.points.count(), returned).map(Points::new);
            let due = lot.between(points_due(part.before)?, points_due(part.after)?)?;
            let back = movement(account, Template::RedemptionReversed, &due);
            record(account, movements, back)?;
            points = points.plus(due.points)?;
            if !lot.lapsed(today) {
                alive = alive.plus(due.points)?;
            }
        }
        let recovered = recover(account, movements, alive, today)?;
        let money = part.of(part.whole - self.paid.amount)?;
        Ok(CameBack { points, recovered, amount: part.after - part.before - money })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{
        Back, Credit, Original, Rejection, decide_return,
        returns::tests::{TERMS, TODAY, branch, came, member},
    };

    fn lot(day: i32, points: i64) -> Lot {
        Lot::new(Day::from_number(day), branch("vanak"), Points::new(points))
    }

    fn bought(amount: i64, paid: i64, lots: Vec<Lot>) -> Original {
        let points = Points::sum(lots.iter().map(|lot| lot.points)).expect("it fits");
        let paid_so = PaidSo { paid: PaidByPoints { points, amount: paid }, lots };
        Original {
            member: member(),
            amount,
            returned: 0,
            earned: Vec::new(),
            counted: Credit::default(),
            lines: Vec::new(),
            paid_so,
        }
    }

    #[test]
    fn a_return_gives_the_very_lots_back_and_the_rest_as_money() {
        let mut account = Account::new(member());
        came(&mut account, 20_200, "vanak", 1);
        let original = bought(1_000, 400, vec![lot(20_100, 3), lot(20_200, 1)]);
        let decision =
            decide_return(&mut account, &original, &Back::Amount(500), TERMS).expect("so much is left");
        assert_eq!(
            decision.came_back,
            CameBack { points: Points::new(1), recovered: Points::ZERO, amount: 200 }
        );
        let there = account.lot(Day::from_number(20_100), &branch("vanak"));
        assert_eq!(there.map(|lot| lot.points), Some(Points::new(1)));
        let rest = Original { returned: 500, ..original };
        let decision = decide_return(&mut account, &rest, &Back::Rest, TERMS).expect("so much is left");
        assert_eq!(
            decision.came_back,
            CameBack { points: Points::new(3), recovered: Points::ZERO, amount: 200 }
        );
        assert_eq!((account.balance, decision.taken), (Points::new(5), Points::ZERO));
    }

    #[test]
    fn points_that_come_back_pay_a_debt_and_lapsed_ones_do_not() {
        let mut account = Account::new(member());
        account.debt = Points::new(10);
        let original = bought(1_000, 1_000, vec![lot(TODAY.number() - 1, 4), lot(20_200, 6)]);
        let decision = decide_return(&mut account, &original, &Back::Rest, TERMS).expect("it is due");
        let came_back = CameBack { points: Points::new(10), recovered: Points::new(6), amount: 1_000 };
        assert_eq!(decision.came_back, came_back);
        assert_eq!(
            (account.debt, account.balance, decision.taken),
            (Points::new(4), Points::new(4), Points::ZERO)
        );
        assert_eq!(account.available(TODAY), Ok(Points::ZERO));
    }

    proptest! {
        #[test]
        fn parts_of_what_points_paid_add_up_and_no_part_is_below_none(
            amount in 1_i64..100_000,
            share in 0_i64..=100,
            points in prop::collection::vec((0_i32..200, 1_i64..10_000), 1..4),
            cuts in prop::collection::vec(1_i64..50_000, 0..12),
        ) {
            let lots: Vec<Lot> = points.iter().map(|(day, points)| lot(20_000 + day, *points)).collect();
            let whole = Points::sum(lots.iter().map(|lot| lot.points))?;
            let mut original = bought(amount, amount * share / 100, lots);
            let (mut account, mut back, mut by_points) = (Account::new(member()), Points::ZERO, 0);
            let mut cuts = cuts.into_iter();
            while original.returned < amount {
                let left = amount - original.returned;
                let some = cuts.next().unwrap_or(left).min(left);
                let decision = decide_return(&mut account, &original, &Back::Amount(some), TERMS);
                let decision = decision.expect("so much is left");
                original.returned = decision.returned;
                let came = decision.came_back;
                prop_assert!(came.points >= Points::ZERO && (0..=some).contains(&came.amount), "{:?}", came);
                back = back.plus(came.points)?;
                by_points += came.amount;
            }
            prop_assert_eq!((back, by_points), (whole, amount * share / 100));
            prop_assert_eq!(account.balance, whole);
            let more = decide_return(&mut account, &original, &Back::Amount(1), TERMS);
            prop_assert_eq!(more, Err(Rejection::ReturnTooLarge { left: 0 }));
        }
    }
}
