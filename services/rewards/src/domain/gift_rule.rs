//! A rule by which members are given something: on which occasion, what, and how many at most (W8).
//!
//! What is told is judged by the time at which it was told, so that it makes no difference when or how often it is heard. An occasion of
//! the year is marked once in [`YEAR_MS`], whatever becomes of the date on which it is.

use contracts::{membership::Occasion as Marked, rewards::WhyGiven};
use kernel::{BranchCode, RewardCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Two gifts for the same day of the year are this far apart at least: 300 days, in milliseconds.
pub const YEAR_MS: i64 = 300 * DAY_MS;
/// A day, in milliseconds.
pub const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// The most gifts of one rule.
const MOST: i64 = 1_000_000_000;
/// The longest odds, and the longest row of purchases.
const MOST_PURCHASES: u32 = 1_000_000;
/// Branches that one rule names.
const MOST_BRANCHES: usize = 200;
/// The longest time without a purchase.
const MOST_DAYS: u16 = 3_650;

/// On which occasion a member is given something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "on", deny_unknown_fields)]
#[schema(as = GiftOccasion)]
pub enum Occasion {
    /// Their birthday.
    Birthday {},
    /// The day on which they joined, each year.
    JoinAnniversary {},
    /// They join.
    Joined {},
    /// They buy something.
    Purchase {
        /// Only with every so-manyth of their purchases: 1 for each.
        #[serde(default = "one")]
        every: u32,
        /// Only by luck, once in so many such purchases: 1 for each.
        #[serde(default = "one")]
        one_in: u32,
        /// Only with a purchase of so much, in minor units.
        #[serde(default)]
        minimum_amount: i64,
        /// Only at these branches; everywhere when it is empty.
        #[serde(default)]
        branches: Vec<BranchCode>,
    },
    /// They have not bought anything for a while, and had before.
    WinBack {
        /// For so many days.
        days: u16,
    },
}

const fn one() -> u32 {
    1
}

/// A rule as marketing wrote it down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GiftRuleTerms)]
pub struct GiftRule {
    /// On which occasion. It stays what it is.
    pub occasion: Occasion,
    /// What is given: a reward, whether the catalogue offers it for points or not.
    #[schema(value_type = String, example = "coffee")]
    pub reward: RewardCode,
    /// So many are given at most, all in all: 1 to 1,000,000,000.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub budget: i64,
    /// From then on. It stays what it is.
    pub live_from: Timestamp,
    /// Until then; without an end when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live_until: Option<Timestamp>,
}

/// A purchase, as far as rules ask.
#[derive(Clone, Copy, Debug)]
pub struct Bought<'a> {
    /// The how-manyth of the member's, from 1.
    pub number: i64,
    /// For how much, in minor units.
    pub amount: i64,
    /// Where.
    pub branch: &'a BranchCode,
}

impl GiftRule {
    /// The first mistake in it, by its place; nothing for a good one.
    #[must_use]
    pub fn mistake(&self) -> Option<&'static str> {
        let purchases = 1..=MOST_PURCHASES;
        let of_occasion = match &self.occasion {
            Occasion::Purchase { every, .. } if !purchases.contains(every) => Some("/occasion/every"),
            Occasion::Purchase { one_in, .. } if !purchases.contains(one_in) => Some("/occasion/one_in"),
            Occasion::Purchase { minimum_amount, .. } if *minimum_amount < 0 => {
                Some("/occasion/minimum_amount")
            }
            Occasion::Purchase { branches, .. } if branches.len() > MOST_BRANCHES => {
                Some("/occasion/branches")
            }
            Occasion::WinBack { days } if !(1..=MOST_DAYS).contains(days) => Some("/occasion/days"),
            _ => None,
        };
        let of_budget = (!(1..=MOST).contains(&self.budget)).then_some("/budget");
        let of_time = self.live_until.filter(|until| *until <= self.live_from).map(|_| "/live_until");
        of_occasion.or(of_budget).or(of_time)
    }

    /// Whether the other one is about the same occasion from the same time on.
    #[must_use]
    pub fn is_about_as(&self, other: &Self) -> bool {
        self.occasion == other.occasion && self.live_from == other.live_from
    }

    /// Whether it holds at an instant.
    #[must_use]
    pub fn holds_at(&self, at: Timestamp) -> bool {
        self.live_from <= at && self.live_until.is_none_or(|until| at < until)
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.live_until.is_some_and(|until| until <= now)
    }

    /// Whether it is about this day of the year.
    #[must_use]
    pub const fn is_about(&self, marked: Marked) -> bool {
        matches!(
            (&self.occasion, marked),
            (Occasion::Birthday {}, Marked::Birthday)
                | (Occasion::JoinAnniversary {}, Marked::JoinAnniversary)
        )
    }

    /// Whether a purchase brings a gift by it. `luck` is the number that was drawn for the purchase.
    #[must_use]
    pub fn is_met(&self, bought: Bought<'_>, luck: u64) -> bool {
        let Occasion::Purchase { every, one_in, minimum_amount, branches } = &self.occasion else {
            return false;
        };
        bought.amount >= *minimum_amount
            && (branches.is_empty() || branches.contains(bought.branch))
            && bought.number % i64::from(*every) == 0
            && luck.is_multiple_of(u64::from(*one_in))
    }

    /// Between which times a last purchase lies whose member is away for long enough by now, while the rule held: later than the first
    /// one or then, and not later than the second one.
    #[must_use]
    pub fn lapsed(&self, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let Occasion::WinBack { days } = self.occasion else { return None };
        let away = -i64::from(days) * DAY_MS;
        let to = self.live_until.map_or(now, |until| until.min(now));
        Some((self.live_from.plus_millis(away), to.plus_millis(away)))
    }

    /// What is said of a gift by it.
    #[must_use]
    pub const fn why(&self) -> WhyGiven {
        match self.occasion {
            Occasion::Birthday {} => WhyGiven::Birthday,
            Occasion::JoinAnniversary {} => WhyGiven::JoinAnniversary,
            Occasion::Joined {} => WhyGiven::Joined,
            Occasion::Purchase { .. } => WhyGiven::Surprise,
            Occasion::WinBack { .. } => WhyGiven::WinBack,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_micros(day * DAY_MS * 1_000)
    }

    fn rule(occasion: Occasion) -> GiftRule {
        let reward = RewardCode::parse("coffee").expect("a code");
        GiftRule { occasion, reward, budget: 5, live_from: at(100), live_until: Some(at(200)) }
    }

    fn branch(code: &str) -> BranchCode {
        BranchCode::parse(code).expect("a code")
    }

    #[test]
    fn a_purchase_meets_a_rule_by_its_number_amount_branch_and_luck() {
        let occasion =
            Occasion::Purchase { every: 3, one_in: 4, minimum_amount: 50, branches: vec![branch("vanak")] };
        let rule = rule(occasion);
        let (here, there) = (branch("vanak"), branch("zand"));
        let met = |number, amount, branch, luck| rule.is_met(Bought { number, amount, branch }, luck);
        assert!(met(3, 50, &here, 8) && met(6, 51, &here, 0));
        assert!(
            !met(4, 50, &here, 8) && !met(3, 49, &here, 8) && !met(3, 50, &there, 8) && !met(3, 50, &here, 9)
        );
        assert!(
            !super::tests::rule(Occasion::Joined {})
                .is_met(Bought { number: 1, amount: 1, branch: &here }, 0)
        );
    }

    #[test]
    fn who_was_away_before_the_rule_or_after_it_is_not_won_back() {
        let rule = rule(Occasion::WinBack { days: 30 });
        assert_eq!(rule.lapsed(at(150)), Some((at(70), at(120))));
        assert_eq!(rule.lapsed(at(900)), Some((at(70), at(170))));
        assert_eq!(super::tests::rule(Occasion::Birthday {}).lapsed(at(150)), None);
    }

    #[test]
    fn a_rule_holds_from_its_beginning_until_its_end() {
        let rule = rule(Occasion::Birthday {});
        assert!(
            !rule.holds_at(at(99))
                && rule.holds_at(at(100))
                && rule.holds_at(at(199))
                && !rule.holds_at(at(200))
        );
        assert!(rule.is_about(Marked::Birthday) && !rule.is_about(Marked::JoinAnniversary));
    }
}
