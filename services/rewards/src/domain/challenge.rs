//! A challenge or a contest: what is counted of members' purchases, in which days, how far they have to come or who came farthest (W6).
//!
//! **Progress is a sum over a set**: each purchase and each return is one mark under its own id, so that neither order nor repetition
//! makes a difference. What came back counts no more; a purchase of which too little is left does not count at all.

use std::collections::BTreeMap;

use contracts::points::CategoryAmount;
use kernel::{BranchCode, Day, JournalId, RewardCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::reward::{LONGEST_TEXT, MOST, Words, is_text};

/// The most days of a period.
const MOST_DAYS: i32 = 366;
/// The most of any count.
const MOST_COUNT: i64 = 1_000_000_000;
/// Prizes of one contest.
const MOST_PRIZES: usize = 100;
/// The longest time for late purchases: 14 days, in hours.
const LONGEST_GRACE: u16 = 336;
const HOUR_MS: i64 = 60 * 60 * 1_000;

/// What of members' purchases is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ChallengeMeasure)]
pub enum What {
    /// Visits: purchases, but one a day and branch at most.
    Visits,
    /// Purchases.
    Purchases,
    /// Different branches at which they bought something.
    Branches,
    /// What they paid, in minor units.
    Amount,
}

const fn one() -> i64 {
    1
}

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChallengeCounts)]
pub struct Counts {
    /// Visits, purchases, branches or an amount.
    pub of: What,
    /// Of each purchase the goods of this category alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Only purchases for so much at least, in minor units, after what came back: 1 or more.
    #[serde(default = "one")]
    #[schema(minimum = 1)]
    pub minimum_amount: i64,
}

/// What is given for reaching the goal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChallengeReward)]
pub struct GoalReward {
    /// A reward, whether the catalogue offers it for points or not.
    #[schema(value_type = String, example = "coffee")]
    pub reward: RewardCode,
    /// So many are given at most: 1 to 1,000,000,000. Who reaches the goal later has reached it, and is given nothing.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub budget: i64,
}

/// What members are to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
#[schema(as = ChallengeAim)]
pub enum Aim {
    /// A challenge: come so far, each for themself.
    Goal {
        /// So far: 1 or more.
        goal: i64,
        /// What is given for it; nothing but the fact when it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reward: Option<GoalReward>,
    },
    /// A contest: come farther than others.
    Contest {
        /// What the first one wins, the second one, and so on: 1 to 100 rewards.
        #[schema(value_type = Vec<String>, example = json!(["hamper", "cake"]))]
        prizes: Vec<RewardCode>,
    },
}

const fn two_days() -> u16 {
    48
}

/// A challenge or a contest as marketing wrote it down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChallengeTerms)]
pub struct ChallengeTerms {
    /// What it is called, in at least one language.
    pub title: Words,
    /// What is to be said of it.
    #[serde(default)]
    pub about: Words,
    /// The first day on which purchases count, on the chain's wall clock.
    pub first_day: Day,
    /// The last one; 366 days in all at most.
    pub last_day: Day,
    /// Purchases and returns of these days are heard of for so many hours more, 0 to 336; then it is closed, and a contest is decided.
    #[serde(default = "two_days")]
    #[schema(maximum = 336)]
    pub grace_hours: u16,
    /// What is counted.
    pub counts: Counts,
    /// What members are to do.
    pub aim: Aim,
}

impl Counts {
    /// What of a purchase counts, in minor units: all of it, or what was paid for the category.
    #[must_use]
    pub fn measure(&self, amount: i64, categories: &[CategoryAmount]) -> i64 {
        let Some(wanted) = &self.category else { return amount };
        let own = categories.iter().filter(|one| one.category == *wanted);
        own.fold(0, |sum: i64, one| sum.saturating_add(one.amount))
    }
}

impl ChallengeTerms {
    /// The first mistake in it, by its place; nothing for a good one.
    #[must_use]
    pub fn mistake(&self) -> Option<String> {
        if self.title.all().next().is_none() {
            return Some("/title".to_owned());
        }
        for (at, words) in [("title", &self.title), ("about", &self.about)] {
            if let Some((tag, _)) = words.all().find(|(_, text)| !is_text(text, LONGEST_TEXT)) {
                return Some(format!("/{at}/{tag}"));
            }
        }
        let (goal, budget, prizes) = match &self.aim {
            Aim::Goal { goal, reward } => (*goal, reward.as_ref().map_or(1, |it| it.budget), 1),
            Aim::Contest { prizes } => (1, 1, prizes.len()),
        };
        let category = self.counts.category.as_ref();
        let found = [
            ("/last_day", (1..=MOST_DAYS).contains(&self.days())),
            ("/grace_hours", self.grace_hours <= LONGEST_GRACE),
            ("/counts/category", category.is_none_or(|text| is_text(text, 64))),
            ("/counts/minimum_amount", (1..=MOST).contains(&self.counts.minimum_amount)),
            ("/aim/goal", (1..=MOST).contains(&goal)),
            ("/aim/reward/budget", (1..=MOST_COUNT).contains(&budget)),
            ("/aim/prizes", (1..=MOST_PRIZES).contains(&prizes)),
        ]
        .into_iter()
        .find_map(|(at, fits)| (!fits).then_some(at));
        found.map(str::to_owned)
    }

    /// How many days it has; none or fewer where it ends before it begins.
    #[must_use]
    pub fn days(&self) -> i32 {
        self.last_day.number().saturating_sub(self.first_day.number()).saturating_add(1)
    }

    /// Until when purchases of its days are heard of, where those end at an instant.
    #[must_use]
    pub fn closes_at(&self, ends_at: Timestamp) -> Timestamp {
        ends_at.plus_millis(i64::from(self.grace_hours) * HOUR_MS)
    }

    /// Whether the other one is the same, but for its texts and how many are given.
    #[must_use]
    pub fn is_about_as(&self, other: &Self) -> bool {
        let aims = match (&self.aim, &other.aim) {
            (Aim::Goal { goal, reward }, Aim::Goal { goal: other, reward: theirs }) => {
                let what = |reward: &Option<GoalReward>| reward.as_ref().map(|it| it.reward.clone());
                goal == other && what(reward) == what(theirs)
            }
            (one, other) => one == other,
        };
        let days = |terms: &Self| (terms.first_day, terms.last_day, terms.grace_hours);
        aims && days(self) == days(other) && self.counts == other.counts
    }

    /// Every reward that it gives.
    #[must_use]
    pub fn rewards(&self) -> Vec<&RewardCode> {
        match &self.aim {
            Aim::Goal { reward, .. } => reward.iter().map(|it| &it.reward).collect(),
            Aim::Contest { prizes } => prizes.iter().collect(),
        }
    }

    /// How many it gives at most; nothing where it gives nothing.
    #[must_use]
    pub fn budget(&self) -> Option<i64> {
        match &self.aim {
            Aim::Goal { reward, .. } => reward.as_ref().map(|it| it.budget),
            Aim::Contest { prizes } => i64::try_from(prizes.len()).ok(),
        }
    }

    /// How far members have to come; nothing in a contest.
    #[must_use]
    pub const fn goal(&self) -> Option<i64> {
        match &self.aim {
            Aim::Goal { goal, .. } => Some(*goal),
            Aim::Contest { .. } => None,
        }
    }
}

/// On which of the days an instant lies, from 0; days are given by their beginnings, and one more for their end.
#[must_use]
pub fn day_of(days: &[Timestamp], at: Timestamp) -> Option<i64> {
    let begun = days.partition_point(|begins| *begins <= at);
    let inside = begun > 0 && begun < days.len();
    inside.then(|| i64::try_from(begun).ok()).flatten()
}

/// A purchase, or what came back of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The purchase's id, or the return's.
    pub id: JournalId,
    /// The purchase's id.
    pub purchase: JournalId,
    /// On which day.
    pub day: i64,
    /// Where.
    pub branch: BranchCode,
    /// For how much, in minor units: less than nothing for what came back.
    pub measure: i64,
    /// When.
    pub at: Timestamp,
}

/// How far a member has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// So far.
    pub counted: i64,
    /// With a purchase of this time; nothing while nothing counts.
    pub since: Option<Timestamp>,
}

/// How far a member has come by these marks, each of which stands there once.
#[must_use]
pub fn progress(counts: &Counts, marks: &[Mark]) -> Progress {
    let mut purchases: BTreeMap<JournalId, (Option<&Mark>, i64)> = BTreeMap::new();
    for mark in marks {
        let known = purchases.entry(mark.purchase).or_default();
        known.1 = known.1.saturating_add(mark.measure);
        if mark.id == mark.purchase {
            known.0 = Some(mark);
        }
    }
    // What counts, by what may count once: the purchase, the day and branch, or the branch.
    let mut counting: BTreeMap<(Option<JournalId>, i64, &str), (Timestamp, i64)> = BTreeMap::new();
    for (purchase, (sold, left)) in purchases {
        let Some(mark) = sold.filter(|_| left >= counts.minimum_amount) else { continue };
        let key = match counts.of {
            What::Purchases | What::Amount => (Some(purchase), 0, ""),
            What::Visits => (None, mark.day, mark.branch.as_str()),
            What::Branches => (None, 0, mark.branch.as_str()),
        };
        let first = counting.entry(key).or_insert((mark.at, left));
        first.0 = first.0.min(mark.at);
    }
    let worth = |left: i64| if counts.of == What::Amount { left } else { 1 };
    Progress {
        counted: counting.values().fold(0, |sum: i64, (_, left)| sum.saturating_add(worth(*left))),
        since: counting.values().map(|(at, _)| *at).max(),
    }
}

#[cfg(test)]
mod tests;
