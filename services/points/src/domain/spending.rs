//! Points that pay for a part of the very purchase: at what price, how many at most, and what then is left to pay.
//!
//! **What points pay they pay exactly**: so many points are so much money, by the programme's word, and the rest of the amount
//! is paid otherwise. They leave the account before the purchase earns, earliest expiry first, as a journal of their own, so
//! that no purchase is paid with what it earns itself.

use std::{borrow::Cow, sync::Arc};

use kernel::{JournalId, Overflow, Points};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Account, Decision, Journal, JournalKind, Line, Moment, Programme, ProgrammeDocument, Purchase, Rejection,
    Settled, Shown, Tallies, Terms, as_of, decide, decide_capture, decide_redemption, is_of_redemption,
    may_spend, programme::Found,
};

/// At what price points pay for purchases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SpendingTerms {
    /// What a point pays, in minor units: 1 to 1,000,000,000.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub point_value: i64,
    /// The fewest points that pay for a purchase; left out, one.
    #[serde(default = "one")]
    #[schema(value_type = i64, minimum = 1, maximum = 1_000_000_000, default = 1)]
    pub minimum_points: Points,
    /// Points pay in multiples of so many; left out, one by one.
    #[serde(default = "one")]
    #[schema(value_type = i64, minimum = 1, maximum = 1_000_000_000, default = 1)]
    pub step: Points,
    /// How much of a purchase's amount points pay at most, in per cent of it, rounded down: 1 to 100; left out, all.
    #[serde(default = "all")]
    #[schema(minimum = 1, maximum = 100, default = 100)]
    pub most_percent_of_basket: u8,
    /// What of the purchase earns; left out, what is not paid with points.
    #[serde(default)]
    pub earns_on: EarnsOn,
}

/// What of a purchase earns that is paid with points in part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EarnsOn {
    /// What is not paid with points.
    #[default]
    Rest,
    /// All of it.
    Whole,
}

const fn one() -> Points {
    Points::new(1)
}

const fn all() -> u8 {
    100
}

/// The largest number that the terms name.
const MOST: i64 = 1_000_000_000;

/// How much of a purchase is to be paid with points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Spend {
    /// So many points.
    Points(Points),
    /// So much of the amount, in minor units.
    Amount(i64),
    /// What a hold set aside, all or so many points of it; the rest is free again.
    Hold {
        /// The journal that set them aside.
        id: JournalId,
        /// How many; all when left out.
        points: Option<Points>,
    },
}

/// What points paid of a purchase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaidByPoints {
    /// How many points.
    pub points: Points,
    /// How much of the amount they paid, in minor units.
    pub amount: i64,
}

/// Points that were decided to leave for a purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// What had happened by itself before, written first.
    pub settled: Vec<Settled>,
    /// The redemption, or the capture of the hold, written before the purchase.
    pub journal: Journal,
    /// Which of the two.
    pub kind: JournalKind,
    /// What it paid.
    pub paid: PaidByPoints,
}

impl SpendingTerms {
    pub(super) fn check(self, found: &mut Found) {
        let countable = |number: i64| (1..=MOST).contains(&number);
        found.check(countable(self.point_value), "/spending/point_value", "amount_out_of_range");
        found.check(
            countable(self.minimum_points.count()),
            "/spending/minimum_points",
            "points_out_of_range",
        );
        found.check(countable(self.step.count()), "/spending/step", "points_out_of_range");
        let share = (1..=100).contains(&self.most_percent_of_basket);
        found.check(share, "/spending/most_percent_of_basket", "one_to_hundred_percent");
    }

    /// What so many points pay, in minor units.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit.
    pub fn worth(self, points: Points) -> Result<i64, Overflow> {
        points.count().checked_mul(self.point_value).ok_or(Overflow)
    }

    /// The most points that pay for a purchase of so much, whoever has them.
    #[must_use]
    pub fn most(self, amount: i64) -> Points {
        let share = i128::from(amount.max(0)) * i128::from(self.most_percent_of_basket) / 100;
        let points = i64::try_from(share / i128::from(self.point_value.max(1))).unwrap_or(i64::MAX);
        self.in_steps(Points::new(points))
    }

    /// The most points that pay for a purchase of so much out of these; none where that is fewer than the fewest.
    #[must_use]
    pub fn most_out_of(self, available: Points, amount: i64) -> Points {
        let most = self.in_steps(available.min(self.most(amount)));
        if most < self.minimum_points { Points::ZERO } else { most }
    }

    /// The most that an account, with so many points of others, could pay of a purchase; nothing where it may spend nothing.
    ///
    /// # Errors
    /// [`Overflow`], which stored rows cannot cause.
    pub fn could_pay(
        self,
        account: &Account,
        of_household: Points,
        amount: i64,
        terms: Terms,
    ) -> Result<PaidByPoints, Overflow> {
        if may_spend(account).is_err() {
            return Ok(PaidByPoints::default());
        }
        let (now, _) = as_of(account, terms.at, terms.debt)?;
        let there = now.balance.plus(of_household)?;
        let there = account.guarded(terms.at.now).map_or(there, |guard| there.min(guard.left));
        let points = self.most_out_of(there, amount);
        Ok(PaidByPoints { points, amount: self.worth(points)? })
    }

    fn in_steps(self, points: Points) -> Points {
        let step = self.step.count().max(1);
        Points::new((points.count() - points.count() % step).max(0))
    }

    /// How many points are meant, and whether they may pay for a purchase of so much.
    fn points(self, spend: Spend, held: Points, amount: i64) -> Result<Points, Rejection> {
        let step = Rejection::SpendNotInSteps { step: self.step, worth: self.worth(self.step)? };
        let points = match spend {
            Spend::Points(points) | Spend::Hold { points: Some(points), .. } => points,
            Spend::Hold { points: None, .. } => held,
            Spend::Amount(amount) if amount % self.point_value == 0 => Points::new(amount / self.point_value),
            Spend::Amount(_) => return Err(step),
        };
        if points < self.minimum_points || !points.is_positive() {
            return Err(Rejection::SpendTooSmall { minimum: self.minimum_points });
        }
        if points.count() % self.step.count().max(1) != 0 {
            return Err(step);
        }
        let most = self.most(amount);
        if points > most {
            return Err(Rejection::SpendTooLarge { most });
        }
        Ok(points)
    }
}

/// Decides a purchase that is paid with points in part: the points leave, then what is paid otherwise earns.
///
/// # Errors
/// A [`Rejection`], the first that holds; account and tallies are unchanged then.
pub fn decide_with_points(
    account: &mut Account,
    programme: Option<&Programme>,
    purchase: &Purchase,
    (spend, shown): (Spend, Shown),
    tallies: &mut Tallies,
) -> Result<(Spent, Decision), Rejection> {
    let document = &programme.ok_or(Rejection::NoProgramme)?.document;
    if document.currency != purchase.currency {
        return Err(Rejection::OtherCurrency { expected: document.currency });
    }
    may_spend(account)?;
    let terms = document.spending.ok_or(Rejection::SpendingOff)?;
    let at = Moment { now: purchase.recorded_at, today: purchase.today };
    let points = terms.points(spend, held(account, spend, at)?, purchase.amount)?;
    let paid = PaidByPoints { points, amount: terms.worth(points)? };
    let mut after = account.clone();
    let of_account = Terms { at, debt: document.debt };
    let (decided, kind) = match spend {
        Spend::Hold { id, .. } => {
            (decide_capture(&mut after, id, Some(points), of_account)?, JournalKind::Capture)
        }
        Spend::Points(_) | Spend::Amount(_) => {
            let redeemed = decide_redemption(&mut after, points, of_account)?;
            document.proved(points, shown)?;
            (redeemed, JournalKind::Redemption)
        }
    };
    let earning = document.earning(purchase, paid.amount)?;
    let decision = decide(&mut after, programme, &earning, tallies)?;
    *account = after;
    Ok((Spent { settled: decided.settled, journal: decided.journal, kind, paid }, decision))
}

impl ProgrammeDocument {
    /// A purchase as rules see it when points paid so much of it.
    ///
    /// # Errors
    /// [`Overflow`] when more was paid than it cost.
    pub fn earning<'a>(&self, purchase: &'a Purchase, paid: i64) -> Result<Cow<'a, Purchase>, Overflow> {
        let whole = self.spending.is_some_and(|terms| terms.earns_on == EarnsOn::Whole);
        if paid == 0 || whole { Ok(Cow::Borrowed(purchase)) } else { rest(purchase, paid).map(Cow::Owned) }
    }
}

/// What a hold has that is to be captured; an error where there is none of this id any more.
fn held(account: &Account, spend: Spend, at: Moment) -> Result<Points, Rejection> {
    let Spend::Hold { id, .. } = spend else { return Ok(Points::ZERO) };
    let asides = account.hold(id);
    // What a reward is paid with pays for nothing else.
    if is_of_redemption(id) || asides.is_empty() || asides.iter().any(|aside| aside.place.is_due(at)) {
        return Err(Rejection::HoldOver);
    }
    Ok(Points::sum(asides.iter().map(|aside| aside.lot.points))?)
}

/// The purchase as if only what is not paid with points had been bought: of each line the same part, to the minor unit.
fn rest(purchase: &Purchase, paid: i64) -> Result<Purchase, Overflow> {
    let left = purchase.amount.checked_sub(paid).filter(|left| *left >= 0).ok_or(Overflow)?;
    let (mut sum, mut before) = (0_i128, 0_i64);
    let lines = purchase.lines.iter().map(|line| {
        // Running sums, rounded down, so that the parts add up to the rest.
        sum += i128::from(line.amount);
        let upto = sum * i128::from(left) / i128::from(purchase.amount.max(1));
        let upto = i64::try_from(upto).map_err(|_| Overflow)?;
        let amount = upto - before;
        before = upto;
        Ok(Line { amount, ..line.clone() })
    });
    let lines: Arc<[Line]> = lines.collect::<Result<_, Overflow>>()?;
    Ok(Purchase { amount: left, lines, ..purchase.clone() })
}

#[cfg(test)]
mod tests {
    use kernel::Day;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::domain::{
        AccountState, Movement, Template,
        properties::{Step, id, purchase},
    };

    const TODAY: Day = Day::from_number(20_000);

    fn terms() -> SpendingTerms {
        SpendingTerms {
            point_value: 100,
            minimum_points: Points::new(10),
            step: Points::new(5),
            most_percent_of_basket: 50,
            earns_on: EarnsOn::Rest,
        }
    }

    fn club(spending: Option<SpendingTerms>) -> Programme {
        let text = json!({"fa": "x", "ar": "x", "en": "x"});
        let document = json!({
            "name": text, "currency": "IRR", "expiry": {"months": 2}, "spending": spending,
            "rules": [{"code": "base", "name": text, "give": {"per_amount": {"amount": 100, "points": 1}}}],
        });
        Programme { version: 1, document: serde_json::from_value(document).expect("a programme") }
    }

    fn rich(lots: &[(i32, i64)]) -> Account {
        let mut account = Account::new(id());
        for (day, points) in lots {
            let funder = kernel::BranchCode::parse("vanak").expect("a code");
            let lot = crate::domain::Lot::new(Day::from_number(20_000 + day), funder, Points::new(*points));
            account.evolve(&Movement::of(Template::PurchaseEarned, id(), lot)).expect("it fits");
        }
        account
    }

    fn asked(amount: i64) -> Purchase {
        let step = Step { days: 0, branch: 0, amount, minute: 0, programme: 0, foreign: false };
        purchase(&step, 1, TODAY)
    }

    fn spend(account: &mut Account, amount: i64, spend: Spend) -> Result<(Spent, Decision), Rejection> {
        let (club, mut tallies) = (club(Some(terms())), Tallies::default());
        decide_with_points(account, Some(&club), &asked(amount), (spend, Shown::default()), &mut tallies)
    }

    #[test]
    fn the_first_thing_that_is_wrong_is_told() {
        let points = |count| Spend::Points(Points::new(count));
        let steps = Rejection::SpendNotInSteps { step: Points::new(5), worth: 500 };
        let table = [
            (points(9), Rejection::SpendTooSmall { minimum: Points::new(10) }),
            (points(0), Rejection::SpendTooSmall { minimum: Points::new(10) }),
            (points(-5), Rejection::SpendTooSmall { minimum: Points::new(10) }),
            (points(12), steps),
            (Spend::Amount(1_250), steps),
            (Spend::Amount(1_200), steps),
            (points(55), Rejection::SpendTooLarge { most: Points::new(50) }),
            (points(i64::MAX), steps),
            (points(45), Rejection::BalanceTooLow { missing: Points::new(5) }),
            (Spend::Hold { id: JournalId::from_uuid(uuid::Uuid::nil()), points: None }, Rejection::HoldOver),
        ];
        let mut account = rich(&[(30, 40)]);
        let before = account.clone();
        for (asked, why) in table {
            assert_eq!(spend(&mut account, 10_000, asked).map(drop), Err(why), "{asked:?}");
        }
        let none = club(None);
        let (bought, meant) = (asked(10_000), (points(10), Shown::default()));
        let off = decide_with_points(&mut account, Some(&none), &bought, meant, &mut Tallies::default());
        assert_eq!(off.map(drop), Err(Rejection::SpendingOff));
        assert_eq!(account, before, "a refusal changes nothing");
        account.state = AccountState::Frozen;
        assert_eq!(spend(&mut account, 10_000, points(10)).map(drop), Err(Rejection::AccountFrozen));
    }

    #[test]
    fn points_leave_earliest_expiry_first_and_only_the_rest_earns() {
        let mut account = rich(&[(90, 30), (10, 20)]);
        let (spent, decision) = spend(&mut account, 10_000, Spend::Amount(2_500)).expect("it is allowed");
        let moved: Vec<_> = spent.journal.movements.iter().map(|m| (m.template, m.points.count())).collect();
        assert_eq!(moved, [(Template::Redeemed, 20), (Template::Redeemed, 5)]);
        assert_eq!(spent.paid, PaidByPoints { points: Points::new(25), amount: 2_500 });
        assert_eq!((spent.journal.version, decision.purchase.version), (1, 2));
        let mut alone = rich(&[]);
        let same = decide(&mut alone, Some(&club(Some(terms()))), &asked(7_500), &mut Tallies::default());
        assert_eq!(decision.earned, same.expect("it earns").earned);
    }

    proptest! {
        #[test]
        fn what_is_told_to_be_possible_is_possible_and_one_step_more_is_not(
            available in 0_i64..5_000, amount in 0_i64..500_000, value in 1_i64..300, minimum in 1_i64..60, step in 1_i64..20, percent in 1_u8..=100,
        ) {
            let terms = SpendingTerms {
                point_value: value, minimum_points: Points::new(minimum), step: Points::new(step), most_percent_of_basket: percent,
                earns_on: EarnsOn::Rest,
            };
            let club = club(Some(terms));
            let may = |points: Points| {
                let mut account = rich(&[(30, available.max(1))]);
                decide_with_points(&mut account, Some(&club), &asked(amount), (Spend::Points(points), Shown::default()), &mut Tallies::default())
            };
            let most = terms.most_out_of(Points::new(available.max(1)), amount);
            if most.is_positive() {
                let (spent, _) = may(most).expect("it was told");
                prop_assert!(spent.paid.amount <= amount * i64::from(percent) / 100);
            }
            prop_assert!(may(most.plus(Points::new(step))?).is_err());
        }

        #[test]
        fn the_rest_of_the_lines_is_the_rest_of_the_amount(
            lines in prop::collection::vec(0_i64..100_000, 1..20), share in 0_i64..=100,
        ) {
            let amount = lines.iter().sum();
            let line = |amount: &i64| Line { sku: "a".to_owned(), category: None, quantity_milli: 1_000, amount: *amount };
            let whole = Purchase { lines: lines.iter().map(line).collect(), ..asked(amount) };
            let left = rest(&whole, amount * share / 100)?;
            prop_assert_eq!(left.lines.iter().map(|line| line.amount).sum::<i64>(), left.amount);
            prop_assert!(left.lines.iter().zip(&lines).all(|(left, line)| (0..=*line).contains(&left.amount)));
        }
    }
}
