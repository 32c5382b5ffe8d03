//! A member's activity, summed from the purchases that `points` tells: how many, the first, the last, and where.
//!
//! Facts about one member carry that member's sequence in `points`. They may come again (redelivery, a replay
//! after the inbox was pruned) and, when one failed and is retried, out of order. So an activity remembers how far
//! it has seen and which numbers below that are still missing: **each sequence number counts at most once.**
//! Numbers of facts that this service does not hear stay missing for a while and are then forgotten.

use kernel::{BranchCode, Timestamp};

/// How many missing sequence numbers are remembered: a fact that comes later than this many others is not counted.
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

/// Which numbers of a sequence were counted: all up to `through`, but for `gaps` (ascending).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The highest number counted.
    pub through: u64,
    /// Numbers below it that were not.
    pub gaps: Vec<u64>,
}

impl Seen {
    /// Counts a number; `false` when it was counted before (or is too old to tell).
    fn count(&mut self, seq: u64) -> bool {
        if seq <= self.through {
            let missing = self.gaps.binary_search(&seq);
            return missing.map(|place| self.gaps.remove(place)).is_ok();
        }
        let kept = u64::try_from(GAPS_KEPT).expect("a small constant");
        let oldest = seq.saturating_sub(kept).max(self.through + 1);
        self.gaps.extend(oldest..seq);
        let surplus = self.gaps.len().saturating_sub(GAPS_KEPT);
        self.gaps.drain(..surplus);
        self.through = seq;
        true
    }
}

impl Activity {
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
        assert_eq!((activity.purchases, activity.seen.gaps), (3, vec![3]));
    }

    #[test]
    fn numbers_that_are_never_heard_are_forgotten_in_the_end() {
        let activity = heard((1..500).map(|n| n * 2)).expect("heard some");
        assert_eq!((activity.purchases, activity.seen.gaps.len()), (499, GAPS_KEPT));
    }

    #[test]
    fn a_huge_jump_costs_no_memory() {
        let activity = heard([1, 1 << 40]).expect("heard some");
        assert_eq!(activity.seen.gaps.len(), GAPS_KEPT);
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
