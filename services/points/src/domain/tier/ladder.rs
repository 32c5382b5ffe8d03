//! The ladder as the programme document writes it.

use std::collections::BTreeSet;

use kernel::{Day, Overflow, Points};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{EarnsOn, LocalText, programme::Found, rule::is_code};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Points that purchases earned, without what a tier's multiplier added.
    Points,
    /// Money paid, in minor units.
    Spend,
    /// Purchases.
    Visits,
}

/// Over which time it is counted; months are whole months of the civil calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum QualifyingPeriod {
    /// From January to December.
    Year,
    /// From January and from July on.
    HalfYear,
    /// Three months, from January on.
    Quarter,
    /// One month.
    Month,
    /// Twelve months, the first of which is that of the member's first credit.
    Anniversary,
    /// This month and those before it.
    RollingMonths {
        /// How many together, 2 to 36.
        #[schema(minimum = 2, maximum = 36)]
        months: u32,
    },
}

/// What follows on a level that is no longer assured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Downgrade {
    /// The level that the member's credit reaches by then.
    #[default]
    ToEarned,
    /// The level below, until the end of the period that runs then and the grace; or what the credit reaches, if that is more.
    OneLevel,
    /// The same level for ever.
    Never,
}

/// What a return does to a level that the returned purchase had helped to reach in the period that still runs. Credit is
/// taken back in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnReturn {
    /// It is lost, unless it is reached without.
    #[default]
    Falls,
    /// It stays, as if the period had ended before.
    Stays,
}

/// An entitlement of a level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Benefit {
    /// Names it for ever: 1 to 40 characters of `a-z`, `0-9`, `-`, `_`.
    pub code: String,
    /// What members read.
    pub name: LocalText,
}

/// A level of the ladder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Names it for ever: 1 to 40 characters of `a-z`, `0-9`, `-`, `_`.
    pub code: String,
    /// What members read.
    pub name: LocalText,
    /// The least that must be counted in a period; more than that of the level before.
    #[schema(minimum = 0)]
    pub from: i64,
    /// What purchase rules give is multiplied by this, in per cent: 100 to 1,000. What it adds is rounded down.
    #[serde(default = "plain")]
    #[schema(minimum = 100, maximum = 1_000, default = 100)]
    pub multiplier_percent: u32,
    /// What else it brings, up to 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub benefits: Vec<Benefit>,
}

const fn plain() -> u32 {
    100
}

/// The ladder of tiers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ladder {
    /// What is counted.
    pub measure: Measure,
    /// Over which time.
    pub period: QualifyingPeriod,
    /// The levels, lowest first, 1 to 10; whoever reaches none has no tier.
    pub levels: Vec<Level>,
    /// What follows on a level that is no longer assured.
    #[serde(default)]
    pub downgrade: Downgrade,
    /// How many months a level is assured beyond the period that it was reached in, 0 to 36.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 36)]
    pub grace_months: u32,
    /// What a return does to a level.
    #[serde(default)]
    pub on_return: OnReturn,
    /// What counts, where money is counted, of a purchase that is paid with points in part; left out, what is not paid with points.
    #[serde(default, skip_serializing_if = "is_rest")]
    pub counts_on: EarnsOn,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_rest(counts_on: &EarnsOn) -> bool {
    *counts_on == EarnsOn::Rest
}

const MOST_LEVELS: usize = 10;
const MOST_BENEFITS: usize = 20;
const MOST_MONTHS: u32 = 36;
const MOST_CREDIT: i64 = 1_000_000_000_000_000;

/// Months and their days, as a period counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    /// The first month.
    pub first: i32,
    /// The last month.
    pub last: i32,
}

impl Unit {
    /// The last day.
    pub fn ends_on(self) -> Day {
        last_day(self.last)
    }
}

/// The last day of a month.
pub(super) fn last_day(month: i32) -> Day {
    Day::from_number(Day::first_of_month(month + 1).number() - 1)
}

impl Ladder {
    /// Notes every mistake in the ladder.
    pub(in crate::domain) fn check(&self, found: &mut Found) {
        found.check((1..=MOST_LEVELS).contains(&self.levels.len()), "/tiers/levels", "one_to_ten_levels");
        found.check(self.grace_months <= MOST_MONTHS, "/tiers/grace_months", "up_to_36_months");
        if let QualifyingPeriod::RollingMonths { months } = self.period {
            let at = "/tiers/period/rolling_months/months";
            found.check((2..=MOST_MONTHS).contains(&months), at, "two_to_36_months");
        }
        let mut codes = BTreeSet::new();
        let mut below = None;
        for (i, level) in self.levels.iter().enumerate() {
            let at = format!("/tiers/levels/{i}");
            found.check(is_code(&level.code), &format!("{at}/code"), "not_a_level_code");
            found.check(codes.insert(&level.code), &format!("{at}/code"), "code_twice");
            found.local_text(&level.name, &format!("{at}/name"));
            let in_range = (0..=MOST_CREDIT).contains(&level.from);
            found.check(in_range, &format!("{at}/from"), "amount_out_of_range");
            found.check(
                below.is_none_or(|below| level.from > below),
                &format!("{at}/from"),
                "not_above_the_level_before",
            );
            below = Some(level.from);
            let percent = (100..=1_000).contains(&level.multiplier_percent);
            found.check(percent, &format!("{at}/multiplier_percent"), "hundred_to_thousand_percent");
            let few = level.benefits.len() <= MOST_BENEFITS;
            found.check(few, &format!("{at}/benefits"), "up_to_20_benefits");
            for (j, benefit) in level.benefits.iter().enumerate() {
                let at = format!("{at}/benefits/{j}");
                found.check(is_code(&benefit.code), &format!("{at}/code"), "not_a_benefit_code");
                found.local_text(&benefit.name, &format!("{at}/name"));
            }
        }
    }

    /// Where a level stands, from 0; `None` for a code that the ladder does not have.
    #[must_use]
    pub fn place(&self, code: &str) -> Option<usize> {
        self.levels.iter().position(|level| level.code == code)
    }

    /// The level that so much reaches.
    #[must_use]
    pub fn reached(&self, credit: i64) -> Option<usize> {
        self.levels.iter().rposition(|level| level.from <= credit)
    }

    /// What a level adds to points that rules gave, rounded down.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit.
    pub fn bonus(&self, level: usize, points: Points) -> Result<Points, Overflow> {
        let more = self.levels.get(level).map_or(0, |level| level.multiplier_percent.saturating_sub(100));
        let bonus = i128::from(points.count()) * i128::from(more) / 100;
        i64::try_from(bonus).map(Points::new).map_err(|_| Overflow)
    }

    /// The unit of time after which it is looked what was reached, that a month lies in: the period itself, or the month
    /// for one that rolls. `since` is the month of the member's first credit.
    pub(super) fn unit(&self, month: i32, since: i32) -> Unit {
        let (length, from) = match self.period {
            QualifyingPeriod::Year => (12, 0),
            QualifyingPeriod::HalfYear => (6, 0),
            QualifyingPeriod::Quarter => (3, 0),
            QualifyingPeriod::Month | QualifyingPeriod::RollingMonths { .. } => (1, 0),
            QualifyingPeriod::Anniversary => (12, since),
        };
        let first = month - (month - from).rem_euclid(length);
        Unit { first, last: first + length - 1 }
    }

    /// The first month whose credit counts in a month.
    pub(super) fn counts_from(&self, month: i32, since: i32) -> i32 {
        match self.period {
            QualifyingPeriod::RollingMonths { months } => month + 1 - i32::try_from(months).unwrap_or(1),
            _ => self.unit(month, since).first,
        }
    }
}
