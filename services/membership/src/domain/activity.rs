//! A member's activity, summed from the purchases that `points` tells: how many, the first, the last, and where.
//!
//! Facts about one member carry that member's sequence in `points`. They may come again (redelivery, a replay
//! after the inbox was pruned) and, when one failed and is retried, out of order. So an activity remembers how far
//! it has seen and which numbers below that are still missing: **each sequence number counts at most once.**
//! Numbers of facts that this service does not hear stay missing for a while and are then forgotten.

use kernel::{BranchCode, Timestamp};

/// How many runs of missing numbers are remembered, the latest ones; a run may be as long as a whole parcel that waits
/// for its retry.
pub const GAPS_KEPT: usize = 32;

/// One purchase, as far as activity is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// The member's sequence number in `points`, from 1.
    pub seq: u64,
    /// When the customer bought.
    pub at: Timestamp,
    /// Where.
    pub branch: BranchCode,
}

/// What is known about a member's purchases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// How many purchases.
    pub purchases: u64,
    /// When the earliest was made.
    pub first_at: Timestamp,
    /// When the latest was made.
    pub last_at: Timestamp,
    /// Where the latest was made.
    pub last_branch: BranchCode,
    /// What of the member's sequence has been counted.
    pub seen: Seen,
}

/// A run of numbers that were not counted, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The first of them.
    pub first: u64,
    /// The last of them.
    pub last: u64,
}

impl Gap {
    /// How many numbers it has.
    #[must_use]
    pub const fn count(self) -> u64 {
        self.last - self.first + 1
    }
}

/// Which numbers of a sequence were counted: all up to `through`, but for `gaps` (ascending, apart).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The highest number counted.
    pub through: u64,
    /// Numbers below it that were not.
    pub gaps: Vec<Gap>,
}

impl Seen {
    /// Counts a number; `false` when it was counted before (or is too old to tell).
    fn count(&mut self, seq: u64) -> bool {
        if seq <= self.through {
            return self.fill(seq);
        }
        if seq > self.through + 1 {
            self.gaps.push(Gap { first: self.through + 1, last: seq - 1 });
            let surplus = self.gaps.len().saturating_sub(GAPS_KEPT);
            self.gaps.drain(..surplus);
        }
        self.through = seq;
        true
    }

    /// Takes a number out of its gap; `false` when it is in none.
    fn fill(&mut self, seq: u64) -> bool {
        let Some(place) = self.gaps.iter().position(|gap| (gap.first..=gap.last).contains(&seq)) else {
            return false;
        };
        let gap = self.gaps[place];
        let before = (gap.first < seq).then(|| Gap { first: gap.first, last: seq - 1 });
        let behind = (seq < gap.last).then(|| Gap { first: seq + 1, last: gap.last });
        self.gaps.splice(place..=place, before.into_iter().chain(behind));
        true
    }
}

impl Activity {
    /// What two members did who are one person; each goes on being counted by itself, since each has a sequence of its own.
    #[must_use]
    pub fn both(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let (Some(one), Some(other)) = (one.clone(), other.clone()) else { return one.or(other) };
        let (first_at, purchases) =
            (one.first_at.min(other.first_at), one.purchases.saturating_add(other.purchases));
        let latest = if other.last_at > one.last_at { other } else { one };
        Some(Self { purchases, first_at, ..latest })
    }

    /// Adds a purchase to what is known; `false` when it changes nothing because it was counted before.
    pub fn note(known: &mut Option<Self>, purchase: &Purchase) -> bool {
        let Some(activity) = known else {
            let mut seen = Seen::default();
            seen.count(purchase.seq);
            *known = Some(Self {
                purchases: 1,
                first_at: purchase.at,
                last_at: purchase.at,
                last_branch: purchase.branch.clone(),
                seen,
            });
            return true;
        };
        if !activity.seen.count(purchase.seq) {
            return false;
        }
        activity.purchases += 1;
        activity.first_at = activity.first_at.min(purchase.at);
        if purchase.at >= activity.last_at {
            activity.last_at = purchase.at;
            activity.last_branch = purchase.branch.clone();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn purchase(seq: u64) -> Purchase {
        let at = Timestamp::from_micros(i64::try_from(seq * 1_000 % 7_919).expect("small"));
        Purchase { seq, at, branch: BranchCode::parse(&format!("b{}", seq % 5)).expect("a code") }
    }

    fn heard(numbers: impl IntoIterator<Item = u64>) -> Option<Activity> {
        let mut activity = None;
        for seq in numbers {
            Activity::note(&mut activity, &purchase(seq));
        }
        activity
    }

    #[test]
    fn the_same_purchase_again_changes_nothing() {
        let once = heard([1, 2, 3]);
        assert_eq!(heard([1, 2, 3, 1, 2, 3]), once);
        assert_eq!(once.map(|a| (a.purchases, a.seen.through)), Some((3, 3)));
    }

    #[test]
    fn a_late_purchase_is_counted_once() {
        let activity = heard([1, 4, 2, 2]).expect("heard some");
        assert_eq!((activity.purchases, activity.seen.gaps), (3, vec![Gap { first: 3, last: 3 }]));
    }

    #[test]
    fn numbers_that_are_never_heard_are_forgotten_in_the_end() {
        let activity = heard((1..500).map(|n| n * 2)).expect("heard some");
        assert_eq!((activity.purchases, activity.seen.gaps.len()), (499, GAPS_KEPT));
    }

    #[test]
    fn a_huge_jump_costs_no_memory() {
        let activity = heard([1, 1 << 40]).expect("heard some");
        assert_eq!(activity.seen.gaps.len(), 1);
    }

    #[test]
    fn a_whole_parcel_that_waited_for_its_retry_is_still_counted() {
        let later = (1..=10).chain(1_000..=2_000).chain(11..1_000);
        let activity = heard(later).expect("heard some");
        assert_eq!((activity.purchases, activity.seen), (2_000, Seen { through: 2_000, gaps: Vec::new() }));
    }

    proptest! {
        #[test]
        fn redelivery_and_small_disorder_change_nothing(
            order in Just((1_u64..30).collect::<Vec<_>>()).prop_shuffle(),
            again in prop::collection::vec(1_u64..30, 0..40),
        ) {
            let straight = heard(1..30).expect("heard some");
            let shuffled = heard(order.into_iter().chain(again)).expect("heard some");
            prop_assert_eq!(
                (shuffled.purchases, shuffled.first_at, shuffled.last_at, &shuffled.seen),
                (straight.purchases, straight.first_at, straight.last_at, &straight.seen)
            );
        }
    }
}
