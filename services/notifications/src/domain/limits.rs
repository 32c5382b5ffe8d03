//! How fast a provider is used, and for how much money a day.

use std::collections::VecDeque;

use kernel::Timestamp;

use super::trigger::Lane;

/// The span that a rate is meant for, in microseconds.
const SECOND: i64 = 1_000_000;

/// How many of so many places in a second a lane may use: what is left is for what is more urgent.
#[must_use]
pub const fn share(per_second: u32, lane: Lane) -> u32 {
    let left = match lane {
        Lane::Code => 0,
        Lane::Told => per_second.div_ceil(10),
        Lane::Campaign => per_second.saturating_mul(3).div_ceil(10),
    };
    let share = per_second.saturating_sub(left);
    // A provider of one message a second is for everybody.
    if share == 0 { 1 } else { share }
}

/// Whether something that costs so much still fits into what a provider may cost a day.
///
/// The cap is in minor units, what was spent and what it costs in thousandths of them; no cap admits everything.
#[must_use]
pub const fn is_within(cap: Option<i64>, spent: i64, cost: i64) -> bool {
    let Some(cap) = cap else { return true };
    spent.saturating_add(cost) <= cap.saturating_mul(1_000)
}

/// What was sent within the last second: **in no span of a second are there more than the provider allows**.
#[derive(Debug, Clone)]
pub struct Pace {
    per_second: u32,
    sent: VecDeque<Timestamp>,
}

impl Pace {
    /// A provider that takes so many a second.
    #[must_use]
    pub const fn new(per_second: u32) -> Self {
        Self { per_second, sent: VecDeque::new() }
    }

    /// When there is room for this lane; a moment that is not after `now` means at once.
    #[must_use]
    pub fn room_from(&self, lane: Lane, now: Timestamp) -> Timestamp {
        let begin = now.micros().saturating_sub(SECOND);
        let counts = |at: &&Timestamp| at.micros() > begin && **at <= now;
        let sent: Vec<Timestamp> = self.sent.iter().filter(counts).copied().collect();
        let share = usize::try_from(share(self.per_second, lane)).unwrap_or(usize::MAX);
        let in_the_way = sent.len().checked_sub(share).and_then(|more| sent.get(more));
        in_the_way.map_or(now, |at| Timestamp::from_micros(at.micros().saturating_add(SECOND)))
    }

    /// Something is sent.
    pub fn sent(&mut self, now: Timestamp) {
        let begin = now.micros().saturating_sub(SECOND);
        // A clock that was set back leaves nothing behind that counts for long.
        self.sent.retain(|at| at.micros() > begin && *at <= now);
        self.sent.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_less_urgent_leaves_room() {
        let shares = |rate| Lane::ALL.map(|lane| share(rate, lane));
        assert_eq!(shares(100), [100, 90, 70]);
        assert_eq!(shares(5), [5, 4, 3]);
        assert_eq!((shares(1), shares(2)), ([1, 1, 1], [2, 1, 1]));
    }

    #[test]
    fn a_day_costs_no_more_than_its_cap() {
        for (cap, spent, cost, fits) in [
            (Some(10), 9_000, 1_000, true),
            (Some(10), 9_001, 1_000, false),
            (Some(0), 0, 0, true),
            (Some(i64::MAX), i64::MAX, i64::MAX, true),
            (None, i64::MAX, i64::MAX, true),
        ] {
            assert_eq!(is_within(cap, spent, cost), fits, "{cap:?} {spent} {cost}");
        }
    }

    proptest! {
        #[test]
        fn in_no_second_are_there_more_than_allowed(
            rate in 1_u32..20,
            steps in proptest::collection::vec((0_i64..400_000, 0_usize..3), 1..120),
        ) {
            let (mut pace, mut now, mut sent) = (Pace::new(rate), 0_i64, Vec::new());
            for (step, lane) in steps {
                now += step;
                let (at, lane) = (Timestamp::from_micros(now), Lane::ALL[lane]);
                let within = sent.iter().filter(|earlier| now - **earlier < SECOND).count();
                let share = usize::try_from(share(rate, lane)).expect("a small number");
                let room = pace.room_from(lane, at);
                prop_assert_eq!(room <= at, within < share);
                if room <= at {
                    pace.sent(at);
                    sent.push(now);
                } else {
                    // It has room when it says so, and not a moment earlier.
                    prop_assert!(pace.room_from(lane, room) <= room);
                    let before = Timestamp::from_micros(room.micros() - 1);
                    prop_assert!(pace.room_from(lane, before) > before);
                }
            }
        }
    }
}
