//! What a member buys, by categories: how often and for how much, in thirty-day periods of about a year (W8).
//!
//! **What is older than [`PERIODS`] periods is forgotten, and no member has more than [`MOST_TASTES`] categories.** What counts is how
//! often, the newest period twelve times as much as the oldest one: recency and frequency, as in R. Hughes, *Strategic Database
//! Marketing* (1994), without money, so that one dear thing does not outweigh a habit.

use std::collections::BTreeMap;

use kernel::Timestamp;

use super::gift_rule::DAY_MS;

/// Periods that are remembered: 360 days.
pub const PERIODS: usize = 12;
/// What a purchase in the newest period counts.
const NEWEST: i64 = 12;
/// Categories that are remembered of one member.
pub const MOST_TASTES: usize = 40;
/// A period, in microseconds: 30 days.
const PERIOD: i64 = 30 * DAY_MS * 1_000;

/// What was bought of a category in one period: for how much, in minor units, and how often.
pub type Bucket = (i64, i64);

/// What a member bought of a category.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taste {
    /// The newest period in which they did.
    pub period: i64,
    /// That period and those before it, the newest first.
    pub buckets: Vec<Bucket>,
}

/// In which period an instant lies, counted from 1970.
#[must_use]
pub fn period_of(at: Timestamp) -> i64 {
    at.micros().div_euclid(PERIOD)
}

impl Taste {
    /// Adds a purchase of so much. One that is older than all that is remembered changes nothing.
    pub fn add(&mut self, period: i64, amount: i64) {
        if self.buckets.is_empty() {
            self.period = period;
        }
        let newer = usize::try_from(period - self.period).unwrap_or_default().min(PERIODS);
        self.buckets.splice(0..0, vec![(0, 0); newer]);
        self.period = self.period.max(period);
        let age = usize::try_from(self.period - period).unwrap_or(PERIODS);
        if age >= PERIODS {
            return;
        }
        if self.buckets.len() <= age {
            self.buckets.resize(age + 1, (0, 0));
        }
        let bucket = &mut self.buckets[age];
        *bucket = (bucket.0.saturating_add(amount.max(0)), bucket.1.saturating_add(1));
        self.buckets.truncate(PERIODS);
    }

    /// Takes back so much, from the newest period on: what is left of an amount keeps its share of the times, rounded up.
    pub fn take_back(&mut self, amount: i64) {
        let mut left = amount.max(0);
        for (held, times) in &mut self.buckets {
            let part = left.min(*held);
            if part > 0 {
                let kept = i128::from(*times) * i128::from(*held - part);
                let kept = (kept + i128::from(*held - 1)) / i128::from(*held);
                *times = i64::try_from(kept).unwrap_or(*times);
                *held -= part;
                left -= part;
            }
        }
    }

    /// Adds what somebody else bought who turned out to be the same.
    pub fn merge(&mut self, other: &Self) {
        let newest = self.period.max(other.period);
        let of = |taste: &Self, age: usize| {
            let age = i64::try_from(age).unwrap_or(i64::MAX);
            let own = usize::try_from(taste.period - (newest - age)).ok();
            own.and_then(|own| taste.buckets.get(own).copied()).unwrap_or_default()
        };
        if self.buckets.is_empty() {
            self.clone_from(other);
            return;
        }
        if other.buckets.is_empty() {
            return;
        }
        let both = (0..PERIODS).map(|age| {
            let (one, two) = (of(self, age), of(other, age));
            (one.0.saturating_add(two.0), one.1.saturating_add(two.1))
        });
        (self.buckets, self.period) = (both.collect(), newest);
    }

    /// How much it counts in a period: each time twelve in this one, eleven in the one before, and so on down to nothing.
    #[must_use]
    pub fn weight(&self, now: i64) -> i64 {
        let gone = now.saturating_sub(self.period).max(0);
        let ages = (0..).zip(&self.buckets);
        ages.fold(0, |sum: i64, (age, (_, times))| {
            let worth = NEWEST.saturating_sub(gone.saturating_add(age)).max(0);
            sum.saturating_add(times.saturating_mul(worth))
        })
    }
}

/// The categories that are too many, the least bought first; what counts nothing any more is too many always.
#[must_use]
pub fn too_many(tastes: &BTreeMap<String, Taste>, now: i64) -> Vec<String> {
    let mut all: Vec<(i64, &String)> = tastes.iter().map(|(name, taste)| (taste.weight(now), name)).collect();
    all.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(other.1)));
    let over = |(place, (weight, _)): &(usize, (i64, &String))| *weight == 0 || *place >= MOST_TASTES;
    all.into_iter().enumerate().filter(over).map(|(_, (_, name))| name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bought(purchases: &[(i64, i64)]) -> Taste {
        let mut taste = Taste::default();
        for (period, amount) in purchases {
            taste.add(*period, *amount);
        }
        taste
    }

    #[test]
    fn what_is_bought_now_counts_twelve_times_what_is_a_year_old() {
        assert_eq!(bought(&[(100, 50)]).weight(100), 12);
        assert_eq!(bought(&[(100, 50)]).weight(111), 1);
        assert_eq!(bought(&[(100, 50)]).weight(112), 0);
        let regular = bought(&[(100, 50), (101, 50), (101, 50), (99, 10), (80, 10)]);
        assert_eq!((regular.buckets.clone(), regular.period), (vec![(100, 2), (50, 1), (10, 1)], 101));
        assert_eq!(regular.weight(101), 24 + 11 + 10);
        assert_eq!(bought(&[(100, 5), (200, 5)]).buckets.len(), PERIODS);
    }

    #[test]
    fn what_comes_back_is_taken_from_the_newest_on() {
        let mut taste = bought(&[(100, 30), (101, 20), (101, 20)]);
        taste.take_back(10);
        assert_eq!(taste.buckets, [(30, 2), (30, 1)]);
        taste.take_back(20);
        assert_eq!(taste.buckets, [(10, 1), (30, 1)]);
        taste.take_back(1_000);
        assert_eq!((taste.buckets.clone(), taste.weight(101)), (vec![(0, 0), (0, 0)], 0));
    }

    #[test]
    fn the_least_bought_go_when_there_are_too_many() {
        let mut all: BTreeMap<String, Taste> =
            (0..MOST_TASTES).map(|number| (format!("c{number:02}"), bought(&[(100, 5), (100, 5)]))).collect();
        assert_eq!(too_many(&all, 100), [""; 0]);
        all.insert("old".to_owned(), bought(&[(50, 5)]));
        all.insert("rare".to_owned(), bought(&[(100, 5)]));
        assert_eq!(too_many(&all, 100), ["rare", "old"]);
    }

    proptest! {
        #[test]
        fn the_order_of_purchases_makes_no_difference_and_more_count_more(
            purchases in proptest::collection::vec((100_i64..112, 1_i64..1_000), 1..30), one in (100_i64..112, 1_i64..1_000),
        ) {
            let taste = bought(&purchases);
            let mut other = purchases.clone();
            other.reverse();
            prop_assert_eq!(taste.weight(111), bought(&other).weight(111));
            other.push(one);
            prop_assert!(bought(&other).weight(111) > taste.weight(111));
            let mut merged = taste.clone();
            merged.merge(&bought(&[one]));
            prop_assert_eq!(merged.weight(111), bought(&other).weight(111));
            let mut less = taste.clone();
            less.take_back(one.1);
            prop_assert!(less.weight(111) <= taste.weight(111));
        }
    }
}
