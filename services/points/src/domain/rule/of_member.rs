//! Conditions on what the member did before, and where they belong.

use std::collections::BTreeSet;

use contracts::membership::Occasion;
use kernel::{Day, SegmentCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Skip;
use crate::domain::{History, Purchase};

/// What the member did before, and where they belong; each that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfMember {
    /// Which of the member's purchases it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase: Option<Nth>,
    /// Which of the member's visits it is: a visit is a day with a purchase, and its first purchase makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<Visit>,
    /// How long ago the member joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<Joined>,
    /// Around the day on which the member joined, from the first year on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anniversary: Option<Around>,
    /// In one of these tiers of the programme's own ladder before the purchase, and in no other, up to 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub tiers: Vec<String>,
    /// In one of these segments, lists of members that the chain keeps, up to 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub segments: Vec<SegmentCode>,
    /// In a household.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household: Option<InHousehold>,
    /// From the day on which membership marks an occasion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occasion: Option<AfterOccasion>,
}

/// A household of so many members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InHousehold {
    /// At least so many, 1 to 100; one when left out, which is any household.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 100, default = 1)]
    pub at_least: u32,
}

const fn one() -> u32 {
    1
}

/// The day on which an occasion is marked, and days after it.
///
/// Nobody here knows the day itself, which for a birthday is the member's secret: the window begins when membership says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AfterOccasion {
    /// Which occasion.
    pub kind: Occasion,
    /// So many days after it, up to 60.
    #[serde(default)]
    #[schema(maximum = 60)]
    pub after_days: u8,
}

/// Which of a member's purchases, counted from 1; returned ones count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Nth {
    /// This one alone: 1 is the first.
    Exactly(u32),
    /// Each so manieth.
    Every(u32),
}

/// Which visit of a calendar month, or of so many days that end with this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// Counted from 1, up to 366.
    #[schema(minimum = 1, maximum = 366)]
    pub nth: u32,
    /// Of so many days, 1 to 366; left out, of the calendar month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 366)]
    pub days: Option<u16>,
}

/// How many days ago, by the chain's wall clock; the day of joining is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Joined {
    /// At least so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_days: Option<u16>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_days: Option<u16>,
}

/// Days around a day that comes once a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Around {
    /// So many days before it, up to 60.
    #[serde(default)]
    #[schema(maximum = 60)]
    pub before_days: u8,
    /// So many days after it, up to 60.
    #[serde(default)]
    #[schema(maximum = 60)]
    pub after_days: u8,
}

impl OfMember {
    /// Why the member does not meet the conditions; `None` when they do. `tier` is the code of theirs.
    pub(super) fn misses(&self, purchase: &Purchase, tier: Option<&str>) -> Option<Skip> {
        self.deeds_miss(purchase).or_else(|| self.belonging_misses(purchase, tier))
    }

    fn deeds_miss(&self, purchase: &Purchase) -> Option<Skip> {
        let (history, today) = (&purchase.history, purchase.today);
        if self.purchase.is_some_and(|nth| !nth.is(history.purchases + 1)) {
            return Some(Skip::OtherPurchase);
        }
        if self.visit.is_some_and(|visit| !visit.is(history, today)) {
            return Some(Skip::OtherVisit);
        }
        if self.joined.is_some_and(|joined| !joined.include(history.joined, today)) {
            return Some(Skip::OtherTimeOfMembership);
        }
        self.anniversary
            .is_some_and(|around| !around.includes_anniversary(history.joined, today))
            .then_some(Skip::NoAnniversary)
    }

    fn belonging_misses(&self, purchase: &Purchase, tier: Option<&str>) -> Option<Skip> {
        let (history, today) = (&purchase.history, purchase.today);
        if !self.tiers.is_empty() && !tier.is_some_and(|tier| self.tiers.iter().any(|code| code == tier)) {
            return Some(Skip::OtherTier);
        }
        let chosen = |segment: &SegmentCode| history.segments.contains(segment);
        if !self.segments.is_empty() && !self.segments.iter().any(chosen) {
            return Some(Skip::NotInSegment);
        }
        if self.household.is_some_and(|household| history.household < household.at_least.max(1)) {
            return Some(Skip::NoHousehold);
        }
        self.occasion.is_some_and(|after| !after.includes(history, today)).then_some(Skip::NoOccasion)
    }
}

impl AfterOccasion {
    fn includes(self, history: &History, today: Day) -> bool {
        let told = history.occasions.iter().filter(|(kind, _)| *kind == self.kind);
        told.map(|(_, day)| today.number() - day.number())
            .any(|after| (0..=i32::from(self.after_days)).contains(&after))
    }
}

impl Nth {
    fn is(self, number: u64) -> bool {
        match self {
            Self::Exactly(nth) => number == u64::from(nth),
            Self::Every(nth) => number.is_multiple_of(u64::from(nth.max(1))),
        }
    }
}

impl Visit {
    /// The first day that counts.
    #[must_use]
    pub fn begins(self, today: Day) -> Day {
        match self.days {
            Some(days) => Day::from_number(today.number() - i32::from(days) + 1),
            None => crate::domain::Every::Month.begun(today),
        }
    }

    fn is(self, history: &History, today: Day) -> bool {
        let begins = self.begins(today);
        let days: BTreeSet<Day> = history.visited.iter().copied().filter(|day| *day >= begins).collect();
        !days.contains(&today) && days.len() + 1 == usize::try_from(self.nth).unwrap_or(usize::MAX)
    }
}

impl Joined {
    fn include(self, joined: Option<Day>, today: Day) -> bool {
        let Some(joined) = joined else { return false };
        let days = today.number() - joined.number();
        self.from_days.is_none_or(|from| days >= i32::from(from))
            && self.until_days.is_none_or(|until| days <= i32::from(until))
    }
}

impl Around {
    fn includes_anniversary(self, joined: Option<Day>, today: Day) -> bool {
        let Some(joined) = joined else { return false };
        // The window may lie around the end of a year of membership: the one that ends, and the one that follows.
        let years = u32::try_from((today.number() - joined.number()) / 366).unwrap_or_default();
        (years..=years + 2).filter(|years| *years > 0).any(|years| {
            let after = today.number() - joined.plus_months(12 * years).number();
            (-i32::from(self.before_days)..=i32::from(self.after_days)).contains(&after)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn a_visit_is_a_day_however_often_one_buys() {
        let visited = ["2026-10-31", "2026-11-02", "2026-11-02", "2026-11-09"].map(day).to_vec();
        let history = History { visited, ..History::default() };
        let third = |days| Visit { nth: 3, days };
        assert!(third(None).is(&history, day("2026-11-20")), "the third day of November");
        assert!(!third(None).is(&history, day("2026-11-09")), "bought before on that day");
        assert!(third(Some(9)).is(&history, day("2026-11-10")));
        assert!(!third(Some(8)).is(&history, day("2026-11-10")), "the 2nd is the ninth day");
    }

    #[test]
    fn an_anniversary_comes_every_year_and_not_on_the_first_day() {
        let around = Around { before_days: 2, after_days: 3 };
        let joined = Some(day("2024-02-29"));
        for (today, holds) in [
            ("2024-02-29", false),
            ("2025-02-25", false),
            ("2025-02-26", true),
            ("2025-03-03", true),
            ("2025-03-04", false),
            ("2028-02-29", true),
            ("2044-02-27", true),
        ] {
            assert_eq!(around.includes_anniversary(joined, day(today)), holds, "{today}");
        }
        assert!(!around.includes_anniversary(None, day("2025-02-28")));
    }

    #[test]
    fn an_occasion_begins_with_the_day_on_which_it_was_told() {
        let occasions =
            vec![(Occasion::Birthday, day("2025-03-09")), (Occasion::Birthday, day("2026-03-10"))];
        let history = History { occasions, ..History::default() };
        let after = |kind, after_days| AfterOccasion { kind, after_days };
        for (today, days, holds) in [
            ("2026-03-09", 3, false),
            ("2026-03-10", 0, true),
            ("2026-03-11", 0, false),
            ("2026-03-13", 3, true),
            ("2026-03-14", 3, false),
            ("2025-03-10", 1, true),
        ] {
            assert_eq!(
                after(Occasion::Birthday, days).includes(&history, day(today)),
                holds,
                "{today} {days}"
            );
        }
        assert!(!after(Occasion::JoinAnniversary, 60).includes(&history, day("2026-03-10")));
    }

    #[test]
    fn a_purchase_is_counted_with_those_before_it() {
        assert!(Nth::Exactly(1).is(1) && !Nth::Exactly(1).is(2));
        assert!(Nth::Every(10).is(20) && !Nth::Every(10).is(21));
    }
}
