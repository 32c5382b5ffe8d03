//! When a provider that does not do its work is left alone, and when it is tried again.
//!
//! **A provider that failed so often in a row is asked for nothing until it has rested, and then for one message.** If that goes well it is
//! as before; otherwise it rests twice as long.

use kernel::Timestamp;

/// So many failures in a row, and it rests.
pub const PATIENCE: u32 = 5;
/// How long it rests at first, in milliseconds.
pub const REST_MS: i64 = 10_000;
/// The longest rest.
pub const LONGEST_REST_MS: i64 = 300_000;
/// How long the one message may be under way before another one is tried.
const PROBE_MS: i64 = 60_000;

/// How a provider is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It works; it failed so often since it last did.
    Working { misses: u32 },
    /// It rests.
    Resting { until: Timestamp, rest_ms: i64 },
    /// It is tried with one message, since then.
    Tried { since: Timestamp, rest_ms: i64 },
}

/// What is known of how a provider is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker(State);

impl Default for Breaker {
    fn default() -> Self {
        Self(State::Working { misses: 0 })
    }
}

impl Breaker {
    /// When it may be asked for something; a moment that is not after `now` means at once.
    #[must_use]
    pub const fn admits_from(&self, now: Timestamp) -> Timestamp {
        match self.0 {
            State::Working { .. } => now,
            State::Resting { until, .. } => until,
            State::Tried { since, .. } => since.plus_millis(PROBE_MS),
        }
    }

    /// Something is asked of it.
    pub const fn begin(&mut self, now: Timestamp) {
        if let State::Resting { rest_ms, .. } | State::Tried { rest_ms, .. } = self.0 {
            self.0 = State::Tried { since: now, rest_ms };
        }
    }

    /// It did its work, whatever it said.
    pub const fn good(&mut self) {
        self.0 = State::Working { misses: 0 };
    }

    /// It failed, or did not answer.
    pub fn bad(&mut self, now: Timestamp) {
        self.0 = match self.0 {
            State::Working { misses } if misses + 1 < PATIENCE => State::Working { misses: misses + 1 },
            State::Working { .. } => State::Resting { until: now.plus_millis(REST_MS), rest_ms: REST_MS },
            // What was under way when it began to rest says nothing new.
            resting @ State::Resting { .. } => resting,
            State::Tried { rest_ms, .. } => {
                let rest_ms = rest_ms.saturating_mul(2).min(LONGEST_REST_MS);
                State::Resting { until: now.plus_millis(rest_ms), rest_ms }
            }
        };
    }

    /// Whether it is left alone, or only tried.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !matches!(self.0, State::Working { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_millis(ms)
    }

    #[test]
    fn a_provider_that_failed_often_in_a_row_rests_and_is_tried_with_one_message() {
        let mut breaker = Breaker::default();
        for _ in 1..PATIENCE {
            breaker.bad(at(0));
        }
        breaker.good();
        for _ in 1..PATIENCE {
            breaker.bad(at(0));
            assert!(!breaker.is_open() && breaker.admits_from(at(0)) == at(0));
        }
        breaker.bad(at(0));
        assert!(breaker.is_open());
        assert_eq!(breaker.admits_from(at(1)), at(REST_MS));
        // Others that were under way change nothing.
        breaker.bad(at(5));
        assert_eq!(breaker.admits_from(at(6)), at(REST_MS));
        breaker.begin(at(REST_MS));
        assert!(breaker.admits_from(at(REST_MS)) > at(REST_MS));
        breaker.good();
        assert_eq!((breaker.is_open(), breaker.admits_from(at(7))), (false, at(7)));
    }

    #[test]
    fn it_rests_twice_as_long_each_time_and_never_longer_than_the_longest() {
        let mut breaker = Breaker::default();
        (0..PATIENCE).for_each(|_| breaker.bad(at(0)));
        let mut now = at(REST_MS);
        for rest in [20_000, 40_000, 80_000, 160_000, 300_000, 300_000] {
            breaker.begin(now);
            breaker.bad(now);
            assert_eq!(breaker.admits_from(now).millis_since(now), rest);
            now = now.plus_millis(rest);
        }
        // A try of which nothing is heard is followed by another one.
        breaker.begin(now);
        assert_eq!(breaker.admits_from(now).millis_since(now), PROBE_MS);
    }
}
