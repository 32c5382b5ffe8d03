//! What rewards cost whom, and when that is so.
//!
//! **What one costs is what the version of its terms says under which it was given**: terms never change, a change is another version.
//! A cost is incurred when somebody has to pay for it: for discounts, goods and credit at the use, since whatever is never used costs
//! nothing; for codes of partners, seats, tickets, top-ups and what is arranged when they are given, since nothing that members do or
//! leave undone changes the bill. What comes back (a use that a till takes back, a seat, a ticket) is a correction of the day on which it does, and the
//! day of the cost stays as it was. **So the corrected cost of two times is that of both together, whatever happened when.**

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
};

pub use super::measure::Measure;
use super::reward::{RewardKind, Terms};

/// A number that does not fit: sums of money are whole numbers of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl Display for TooLarge {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("a sum of money is too large")
    }
}

impl std::error::Error for TooLarge {}

/// How much there was of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums(BTreeMap<Measure, i64>);

impl Sums {
    /// How much of one.
    #[must_use]
    pub fn of(&self, measure: Measure) -> i64 {
        self.0.get(&measure).copied().unwrap_or_default()
    }

    /// More of one.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn add(&mut self, measure: Measure, amount: i64) -> Result<(), TooLarge> {
        let sum = self.0.entry(measure).or_default();
        *sum = sum.checked_add(amount).ok_or(TooLarge)?;
        Ok(())
    }

    /// All of another.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn take(&mut self, other: &Self) -> Result<(), TooLarge> {
        other.0.iter().try_for_each(|(measure, amount)| self.add(*measure, *amount))
    }

    /// All that is not nothing.
    pub fn all(&self) -> impl Iterator<Item = (Measure, i64)> + '_ {
        self.0.iter().filter(|(_, amount)| **amount != 0).map(|(measure, amount)| (*measure, *amount))
    }

    /// What was incurred, less what came back.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn cost(&self) -> Result<i64, TooLarge> {
        self.of(Measure::Charge).checked_sub(self.of(Measure::Correction)).ok_or(TooLarge)
    }
}

/// What a version of a reward costs, and who pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// Its kind's word.
    pub kind: String,
    /// Who pays; nobody where it is the chain.
    pub sponsor: Option<String>,
    /// What one costs, in minor units.
    pub cost: i64,
    /// What is written on one, in minor units; none where no amount is.
    pub face: i64,
    /// What one is worth: minor units of credit, 1 of anything else.
    pub worth: i64,
}

impl Price {
    /// What terms say.
    #[must_use]
    pub fn of(terms: &Terms) -> Self {
        let face = match terms.kind {
            RewardKind::DiscountAmount { amount, .. }
            | RewardKind::Credit { amount }
            | RewardKind::Donation { amount, .. }
            | RewardKind::TopUp { amount } => amount,
            _ => 0,
        };
        Self {
            kind: terms.kind.word().to_owned(),
            sponsor: terms.sponsor.clone(),
            cost: terms.cost,
            face,
            worth: terms.kind.worth().unwrap_or(1),
        }
    }

    /// What so much of it costs, rounded to the nearest minor unit, halves up.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn cost_of(&self, worth: i64) -> Result<i64, TooLarge> {
        share(self.cost, worth, self.worth)
    }

    /// Adds what a day's happenings cost to them.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn charge(&self, day: &mut Sums) -> Result<(), TooLarge> {
        let (charged, corrected) = match self.kind.as_str() {
            "partner_coupon" => (day.of(Measure::Issued), 0),
            "event_seat" => (day.of(Measure::Issued), day.of(Measure::Voided)),
            "draw_ticket" => (handed(day)?, day.of(Measure::Cancelled)),
            "donation" | "top_up" | "arranged" => (handed(day)?, 0),
            _ => (day.of(Measure::UsedWorth), day.of(Measure::ReturnedWorth)),
        };
        day.add(Measure::Charged, charged)?;
        day.add(Measure::Charge, self.cost_of(charged)?)?;
        day.add(Measure::Corrected, corrected)?;
        day.add(Measure::Correction, self.cost_of(corrected)?)
    }

    /// Whether what is outstanding of it will cost something only when it is used.
    #[must_use]
    pub fn costs_when_used(&self) -> bool {
        !matches!(
            self.kind.as_str(),
            "partner_coupon" | "event_seat" | "draw_ticket" | "donation" | "top_up" | "arranged"
        )
    }
}

fn handed(day: &Sums) -> Result<i64, TooLarge> {
    day.of(Measure::Completed).checked_add(day.of(Measure::Given)).ok_or(TooLarge)
}

/// `amount × part / whole`, rounded to the nearest whole number, halves up; everything where there is no whole.
///
/// # Errors
/// [`TooLarge`].
pub fn share(amount: i64, part: i64, whole: i64) -> Result<i64, TooLarge> {
    if whole <= 0 {
        return Ok(amount);
    }
    let (product, whole) = (i128::from(amount) * i128::from(part), i128::from(whole));
    i64::try_from((2 * product + whole).div_euclid(2 * whole)).map_err(|_| TooLarge)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn price(kind: &str, cost: i64, worth: i64) -> Price {
        Price { kind: kind.to_owned(), sponsor: None, cost, face: 0, worth }
    }

    fn day(of: &[(Measure, i64)]) -> Sums {
        let mut sums = Sums::default();
        for (measure, amount) in of {
            sums.add(*measure, *amount).expect("small numbers");
        }
        sums
    }

    #[test]
    fn each_kind_costs_when_somebody_has_to_pay_for_it() {
        use Measure::{Cancelled, Completed, Given, Issued, ReturnedWorth, UsedWorth, Voided};
        let all = [
            (Issued, 10),
            (UsedWorth, 4),
            (ReturnedWorth, 1),
            (Voided, 2),
            (Completed, 7),
            (Given, 1),
            (Cancelled, 3),
        ];
        for (kind, cost) in [
            ("discount_amount", (400, 100)),
            ("discount_percent", (400, 100)),
            ("free_item", (400, 100)),
            ("gift", (400, 100)),
            ("early_access", (400, 100)),
            ("credit", (400, 100)),
            ("partner_coupon", (1_000, 0)),
            ("event_seat", (1_000, 200)),
            ("draw_ticket", (800, 300)),
            ("donation", (800, 0)),
            ("top_up", (800, 0)),
            ("arranged", (800, 0)),
        ] {
            assert!(RewardKind::WORDS.contains(&kind));
            let mut sums = day(&all);
            let price = price(kind, 100, 1);
            price.charge(&mut sums).expect("small numbers");
            assert_eq!((sums.of(Measure::Charge), sums.of(Measure::Correction)), cost, "{kind}");
            assert_eq!(price.costs_when_used(), cost.0 == 400, "{kind}");
        }
    }

    #[test]
    fn a_part_of_a_credit_costs_its_part() {
        let half = price("credit", 33, 100);
        assert_eq!((half.cost_of(50), half.cost_of(100), half.cost_of(0)), (Ok(17), Ok(33), Ok(0)));
        assert_eq!(share(10, -1, 4), Ok(-2), "-2.5 is nearer to nothing, halves up");
        assert_eq!(share(i64::MAX, i64::MAX, 1), Err(TooLarge));
    }

    proptest! {
        /// Whatever happened on which day, days added up in any groups cost the same.
        #[test]
        fn the_cost_of_two_times_is_that_of_both_together(
            days in prop::collection::vec((0_i64..1_000, 0_i64..1_000, 0_i64..1_000), 1..40),
            cost in 0_i64..1_000_000, worth in 1_i64..10_000, cut in 0_usize..40,
        ) {
            let price = price("credit", cost, worth);
            let mut charged = Vec::new();
            for (used, returned, issued) in days {
                let mut sums = day(&[(Measure::UsedWorth, used), (Measure::ReturnedWorth, returned), (Measure::Issued, issued)]);
                price.charge(&mut sums).expect("small numbers");
                charged.push(sums);
            }
            let add = |days: &[Sums]| {
                let mut all = Sums::default();
                for one in days {
                    all.take(one).expect("small numbers");
                }
                all
            };
            let cut = cut.min(charged.len());
            let (first, second, whole) = (add(&charged[..cut]), add(&charged[cut..]), add(&charged));
            prop_assert_eq!(first.cost().unwrap() + second.cost().unwrap(), whole.cost().unwrap());
            for measure in Measure::ALL {
                prop_assert_eq!(first.of(measure) + second.of(measure), whole.of(measure));
            }
        }
    }
}
