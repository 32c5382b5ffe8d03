//! What points are worth: the cost of a point by funder, and the share that is never redeemed (P14).
//!
//! Amounts are in minor units of the chain's currency and all arithmetic is in whole numbers. **The value of points is
//! rounded to the nearest unit, halves up; expected breakage is rounded down**, both per funder; totals are the sums of
//! what was rounded, so a report adds up as it stands.

use std::collections::BTreeSet;

use kernel::{BranchCode, Overflow, Points};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What so many points cost whoever pays for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// So many minor units, 0 to 1,000,000,000,000.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub amount: i64,
    /// For so many points, 1 to 1,000,000.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub points: i64,
}

/// What points of one funder cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FunderCost {
    /// Who pays for them.
    #[schema(value_type = String, example = "tehran-vanak")]
    pub funder: BranchCode,
    /// What they cost.
    pub cost: Cost,
}

/// What points are worth from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// What points cost, where a funder has no cost of its own.
    pub cost: Cost,
    /// Funders whose points cost something else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub funders: Vec<FunderCost>,
    /// How much of what is owed is expected never to be redeemed, in hundredths of a per cent: 0 to 10,000.
    #[schema(minimum = 0, maximum = 10_000)]
    pub breakage_basis_points: u16,
}

const MOST_AMOUNT: i64 = 1_000_000_000_000;
const MOST_POINTS: i64 = 1_000_000;
const WHOLE: u16 = 10_000;

/// What is owed, in money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Value {
    /// If all of it were redeemed, in minor units.
    pub value: i64,
    /// Expected never to be redeemed.
    pub breakage: i64,
    /// Expected to be redeemed: value less breakage.
    pub expected: i64,
}

impl Value {
    /// The sum.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit.
    pub fn plus(self, other: Self) -> Result<Self, Overflow> {
        let sum = |a: i64, b: i64| a.checked_add(b).ok_or(Overflow);
        Ok(Self {
            value: sum(self.value, other.value)?,
            breakage: sum(self.breakage, other.breakage)?,
            expected: sum(self.expected, other.expected)?,
        })
    }
}

impl Rates {
    /// The first mistake: a JSON pointer to it; `None` when there is none.
    #[must_use]
    pub fn mistake(&self, branches: &BTreeSet<BranchCode>) -> Option<String> {
        let wrong = |cost: Cost, at: &str| {
            let amount = (!(0..=MOST_AMOUNT).contains(&cost.amount)).then(|| format!("{at}/amount"));
            amount.or_else(|| (!(1..=MOST_POINTS).contains(&cost.points)).then(|| format!("{at}/points")))
        };
        if self.breakage_basis_points > WHOLE {
            return Some("/breakage_basis_points".to_owned());
        }
        let mut named = BTreeSet::new();
        let of_funder = |(i, given): (usize, &'_ FunderCost)| {
            let new = branches.contains(&given.funder) && named.insert(given.funder.clone());
            let stranger = (!new).then(|| format!("/funders/{i}/funder"));
            stranger.or_else(|| wrong(given.cost, &format!("/funders/{i}/cost")))
        };
        wrong(self.cost, "/cost").or_else(|| self.funders.iter().enumerate().find_map(of_funder))
    }

    /// What points of a funder cost.
    #[must_use]
    pub fn cost_of(&self, funder: &BranchCode) -> Cost {
        self.funders.iter().find(|given| given.funder == *funder).map_or(self.cost, |given| given.cost)
    }

    /// What points of a funder that are owed are worth.
    ///
    /// # Errors
    /// [`Overflow`] when an amount does not fit.
    pub fn value_of(&self, funder: &BranchCode, points: Points) -> Result<Value, Overflow> {
        let value = self.cost_of(funder).of(points)?;
        let share = i128::from(value) * i128::from(self.breakage_basis_points);
        let breakage = i64::try_from(share.div_euclid(i128::from(WHOLE))).map_err(|_| Overflow)?;
        Ok(Value { value, breakage, expected: value.checked_sub(breakage).ok_or(Overflow)? })
    }
}

impl Cost {
    /// What so many points cost, rounded to the nearest unit, halves up.
    ///
    /// # Errors
    /// [`Overflow`] when the amount does not fit.
    pub fn of(self, points: Points) -> Result<i64, Overflow> {
        let unit = i128::from(self.points.max(1));
        let product = i128::from(points.count()) * i128::from(self.amount);
        i64::try_from((product * 2 + unit).div_euclid(unit * 2)).map_err(|_| Overflow)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn branch(name: &str) -> BranchCode {
        BranchCode::parse(name).expect("a code")
    }

    fn rates(amount: i64, points: i64, breakage_basis_points: u16) -> Rates {
        Rates { cost: Cost { amount, points }, funders: Vec::new(), breakage_basis_points }
    }

    #[test]
    fn values_are_rounded_as_stated() {
        let table = [(1, 2, 0, 5, (3, 0)), (1, 2, 0, 4, (2, 0)), (50, 1, 1_500, 33, (1_650, 247))];
        for (amount, points, breakage, owed, expected) in table {
            let value =
                rates(amount, points, breakage).value_of(&branch("b"), Points::new(owed)).expect("it fits");
            assert_eq!((value.value, value.breakage), expected, "{owed} points at {amount} for {points}");
        }
        assert_eq!(rates(i64::MAX, 1, 0).value_of(&branch("b"), Points::new(2)), Err(Overflow));
    }

    #[test]
    fn the_first_mistake_is_pointed_at() {
        let known = BTreeSet::from([branch("vanak")]);
        let with = |funder: &str, points: i64| Rates {
            funders: vec![FunderCost { funder: branch(funder), cost: Cost { amount: 1, points } }],
            ..rates(1, 1, 0)
        };
        let table = [
            (rates(1, 1, 10_000), None),
            (rates(-1, 1, 0), Some("/cost/amount")),
            (rates(1, 0, 0), Some("/cost/points")),
            (rates(1, 1, 10_001), Some("/breakage_basis_points")),
            (with("atlantis", 1), Some("/funders/0/funder")),
            (with("vanak", 0), Some("/funders/0/cost/points")),
            (with("vanak", 5), None),
        ];
        for (rates, pointer) in table {
            assert_eq!(rates.mistake(&known).as_deref(), pointer, "{rates:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_expected_and_breakage_are_the_value(
            amount in 0_i64..1_000_000, points in 1_i64..1_000_000, breakage in 0_u16..=10_000, owed in 0_i64..1_000_000_000_000,
        ) {
            let value = rates(amount, points, breakage).value_of(&branch("b"), Points::new(owed))?;
            prop_assert_eq!(value.breakage + value.expected, value.value);
            prop_assert!(value.breakage >= 0 && value.expected >= 0);
            let exact = i128::from(owed) * i128::from(amount) * 2;
            let off = exact - i128::from(value.value) * i128::from(points) * 2;
            prop_assert!(off.abs() <= i128::from(points), "within half a unit");
        }
    }
}
