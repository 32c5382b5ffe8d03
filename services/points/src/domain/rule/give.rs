//! What a rule gives.

use kernel::{Overflow, Points};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{DrawTickets, InstantReward, Items};
use crate::domain::{Line, Purchase};

/// What a rule gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Give {
    /// So many points for each so much paid.
    PerAmount(PerAmount),
    /// The same number of points for each purchase.
    Fixed {
        /// How many, 1 to 1,000,000,000.
        points: Points,
    },
    /// So many points for each unit of an article.
    PerItem(PerItem),
    /// More points the more was paid, in steps.
    Steps(Steps),
    /// A multiple of what other rules gave.
    Multiplier(Multiplier),
    /// A reward of the catalogue, in the same answer to the till; no points.
    InstantReward(InstantReward),
    /// Tickets of a draw; no points.
    DrawTickets(DrawTickets),
}

/// Which part of a purchase counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Over {
    /// All of it.
    #[default]
    Basket,
    /// The lines that match the rule's `items`.
    Items,
}

/// Points in proportion to the amount paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PerAmount {
    /// For each so many minor units of currency, 1 or more.
    #[schema(minimum = 1)]
    pub amount: i64,
    /// So many points, 1 to 1,000,000,000.
    pub points: Points,
    /// What happens to a fraction of a point.
    #[serde(default)]
    pub rounding: Rounding,
    /// Which part of the purchase counts.
    #[serde(default, skip_serializing_if = "Over::is_basket")]
    pub over: Over,
}

/// Points in proportion to how many units were bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PerItem {
    /// So many points for each unit, 1 to 1,000,000,000.
    pub points: Points,
    /// What happens to a fraction of a point: 0.750 kg are three quarters of a unit.
    #[serde(default)]
    pub rounding: Rounding,
    /// Which lines count.
    #[serde(default, skip_serializing_if = "Over::is_basket")]
    pub over: Over,
}

/// Points by bands of the amount paid: the highest band that was reached gives its points, and no other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// 1 to 20 bands, from the lowest amount to the highest.
    #[schema(min_items = 1, max_items = 20)]
    pub bands: Vec<Band>,
    /// Which part of the purchase counts.
    #[serde(default, skip_serializing_if = "Over::is_basket")]
    pub over: Over,
}

/// A band of amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// From so much paid on, in minor units.
    #[schema(minimum = 1)]
    pub from: i64,
    /// So many points, 1 to 1,000,000,000.
    pub points: Points,
}

/// Points in proportion to what other rules gave. It comes after all rules that are no multipliers, so multipliers never
/// multiply each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Multiplier {
    /// What their points become with it, in per cent: 200 doubles them, so it gives as many again. 101 to 10,000.
    #[schema(minimum = 101, maximum = 10_000)]
    pub percent: u32,
    /// The codes of the rules whose points count; left out, all that are no multipliers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
    /// What happens to a fraction of a point.
    #[serde(default)]
    pub rounding: Rounding,
}

/// What happens to a fraction of a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Rounding {
    /// It is dropped.
    #[default]
    Down,
    /// It counts as a point from one half on.
    Nearest,
    /// It counts as a point.
    Up,
}

impl Give {
    /// The points for a purchase, before any group or multiplier has its say; a multiplier gives none by itself.
    pub(super) fn points(&self, purchase: &Purchase, items: Option<&Items>) -> Result<Points, Overflow> {
        match self {
            Self::Fixed { points } => Ok(*points),
            Self::PerAmount(per) => per.points(per.over.amount(purchase, items)),
            Self::PerItem(per) => per.points(per.over.quantity_milli(purchase, items)),
            Self::Steps(steps) => Ok(steps.points(steps.over.amount(purchase, items))),
            Self::Multiplier(_) | Self::InstantReward(_) | Self::DrawTickets(_) => Ok(Points::ZERO),
        }
    }

    /// Whether it multiplies what other rules gave.
    #[must_use]
    pub const fn is_multiplier(&self) -> bool {
        matches!(self, Self::Multiplier(_))
    }

    /// Which part of the purchase counts for it.
    #[must_use]
    pub const fn over(&self) -> Over {
        match self {
            Self::PerAmount(per) => per.over,
            Self::PerItem(per) => per.over,
            Self::Steps(steps) => steps.over,
            _ => Over::Basket,
        }
    }
}

impl Over {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    fn is_basket(&self) -> bool {
        *self == Self::Basket
    }

    fn lines<'a>(self, purchase: &'a Purchase, items: Option<&'a Items>) -> impl Iterator<Item = &'a Line> {
        let counts = move |line: &&Line| match self {
            Self::Basket => true,
            Self::Items => items.is_some_and(|items| items.include(line)),
        };
        purchase.lines.iter().filter(counts)
    }

    /// A purchase without lines has an amount all the same.
    fn amount(self, purchase: &Purchase, items: Option<&Items>) -> i128 {
        match self {
            Self::Basket => purchase.amount.into(),
            Self::Items => self.lines(purchase, items).map(|line| i128::from(line.amount)).sum(),
        }
    }

    fn quantity_milli(self, purchase: &Purchase, items: Option<&Items>) -> i128 {
        self.lines(purchase, items).map(|line| i128::from(line.quantity_milli)).sum()
    }
}

impl PerAmount {
    pub(super) fn points(self, amount: i128) -> Result<Points, Overflow> {
        self.rounding.whole(amount * i128::from(self.points.count()), self.amount.max(1).into())
    }
}

impl PerItem {
    fn points(self, quantity_milli: i128) -> Result<Points, Overflow> {
        self.rounding.whole(quantity_milli * i128::from(self.points.count()), 1_000)
    }
}

impl Steps {
    fn points(&self, amount: i128) -> Points {
        let reached = self.bands.iter().filter(|band| i128::from(band.from) <= amount);
        reached.max_by_key(|band| band.from).map_or(Points::ZERO, |band| band.points)
    }
}

impl Multiplier {
    /// What it adds to points that other rules gave.
    pub(super) fn points(&self, given: Points) -> Result<Points, Overflow> {
        let more = i128::from(self.percent.saturating_sub(100));
        self.rounding.whole(i128::from(given.count()) * more, 100)
    }
}

impl Rounding {
    pub(in crate::domain) fn whole(self, product: i128, unit: i128) -> Result<Points, Overflow> {
        let whole = match self {
            Self::Down => product / unit,
            Self::Nearest => (product * 2 + unit) / (unit * 2),
            Self::Up => (product + unit - 1) / unit,
        };
        i64::try_from(whole).map(Points::new).map_err(|_| Overflow)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn per(amount: i64, points: i64, rounding: Rounding) -> PerAmount {
        PerAmount { amount, points: Points::new(points), rounding, over: Over::Basket }
    }

    #[test]
    fn a_fraction_of_a_point_goes_where_the_rounding_says() {
        let table = [
            (Rounding::Down, 149, 1),
            (Rounding::Nearest, 149, 1),
            (Rounding::Nearest, 150, 2),
            (Rounding::Up, 101, 2),
            (Rounding::Up, 100, 1),
            (Rounding::Up, 0, 0),
        ];
        for (rounding, amount, points) in table {
            let given = per(100, 1, rounding).points(amount);
            assert_eq!(given, Ok(Points::new(points)), "{rounding:?} {amount}");
        }
    }

    #[test]
    fn a_multiplier_adds_what_is_missing_to_the_multiple() {
        let table = [(200, 7, Rounding::Down, 7), (150, 7, Rounding::Down, 3), (150, 7, Rounding::Up, 4)];
        for (percent, given, rounding, more) in table {
            let multiplier = Multiplier { percent, of: Vec::new(), rounding };
            assert_eq!(multiplier.points(Points::new(given)), Ok(Points::new(more)), "{percent} {given}");
        }
    }

    #[test]
    fn the_highest_band_that_was_reached_gives_its_points() {
        let band = |from, points| Band { from, points: Points::new(points) };
        let steps = Steps { bands: vec![band(100, 5), band(500, 40)], over: Over::Basket };
        for (amount, points) in [(99, 0), (100, 5), (499, 5), (500, 40), (9_000, 40)] {
            assert_eq!(steps.points(amount), Points::new(points), "{amount}");
        }
    }

    #[test]
    fn part_of_a_unit_is_part_of_its_points() {
        let per = |rounding| PerItem { points: Points::new(3), rounding, over: Over::Basket };
        assert_eq!(per(Rounding::Down).points(2_750), Ok(Points::new(8)));
        assert_eq!(per(Rounding::Up).points(2_750), Ok(Points::new(9)));
    }

    proptest! {
        #[test]
        fn rounding_never_strays_by_a_whole_point(amount in 0_i64..1_000_000_000_000, unit in 1_i64..10_000_000, points in 1_i64..1000) {
            let give = |rounding| per(unit, points, rounding).points(amount.into()).map(Points::count);
            let (down, near, up) = (give(Rounding::Down)?, give(Rounding::Nearest)?, give(Rounding::Up)?);
            prop_assert!(down <= near && near <= up && up - down <= 1);
        }

        #[test]
        fn more_paid_never_earns_less(a in 0_i64..1_000_000_000, more in 0_i64..1_000_000_000, unit in 1_i64..1_000_000) {
            let give = |amount: i64| per(unit, 3, Rounding::Nearest).points(amount.into());
            prop_assert!(give(a)? <= give(a + more)?);
        }

        #[test]
        fn an_amount_that_does_not_fit_is_an_error_not_a_wrapped_number(points in 2_i64..1000) {
            prop_assert_eq!(per(1, points, Rounding::Down).points(i64::MAX.into()), Err(Overflow));
        }
    }
}
