//! How a receiver does: one that fails again and again is left alone for a while, and then asked by one message.
//!
//! **A receiver that fails costs the others nothing but its turn, and what waits for it is one attempt a pause**, however
//! much that is.

use kernel::Timestamp;

/// Failures in a row after which a receiver is left alone.
pub const PATIENCE: u32 = 10;
/// The first pause, in milliseconds: a minute.
const FIRST_PAUSE: i64 = 60_000;
/// The longest pause, in milliseconds: half an hour.
const LONGEST_PAUSE: i64 = 30 * 60_000;
/// The longest wait that a receiver may ask for, in milliseconds: six hours.
const LONGEST_WAIT: i64 = 6 * 60 * 60_000;

/// How a receiver does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    /// Attempts in a row that failed.
    pub failures: u32,
    /// Since when they fail.
    pub failing_since: Option<Timestamp>,
    /// Until when it is left alone.
    pub paused_until: Option<Timestamp>,
}

impl Health {
    /// After an attempt that was taken.
    #[must_use]
    pub const fn well() -> Self {
        Self { failures: 0, failing_since: None, paused_until: None }
    }

    /// After one more attempt that failed; `wait_s` is what the receiver asked for, if it did.
    #[must_use]
    pub fn after_failure(self, wait_s: Option<u32>, now: Timestamp) -> Self {
        let failures = self.failures.saturating_add(1);
        let asked = wait_s.map(|seconds| (i64::from(seconds) * 1_000).min(LONGEST_WAIT));
        let pause = asked.max(pause_after(failures));
        Self {
            failures,
            failing_since: self.failing_since.or(Some(now)),
            paused_until: pause.map(|millis| now.plus_millis(millis)).max(self.paused_until),
        }
    }

    /// Whether it is left alone.
    #[must_use]
    pub fn is_paused(&self, now: Timestamp) -> bool {
        self.paused_until.is_some_and(|end| now < end)
    }

    /// Whether it failed so often that one message asks first.
    #[must_use]
    pub const fn is_doubtful(&self) -> bool {
        self.failures >= PATIENCE
    }
}

fn pause_after(failures: u32) -> Option<i64> {
    let beyond = failures.checked_sub(PATIENCE)?;
    Some(FIRST_PAUSE.saturating_mul(1 << beyond.min(10)).min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn a_receiver_that_fails_ten_times_is_left_alone_for_longer_and_longer() {
        let mut health = Health::default();
        for _ in 0..9 {
            health = health.after_failure(None, at(5));
            assert!(!health.is_paused(at(5)) && !health.is_doubtful());
        }
        for pause in [60, 120, 240, 480, 960, 1_800, 1_800] {
            health = health.after_failure(None, at(5));
            assert!(
                health.is_doubtful() && health.is_paused(at(4 + pause)) && !health.is_paused(at(5 + pause))
            );
            health.paused_until = None;
        }
        assert_eq!(health.failing_since, Some(at(5)));
        assert_eq!(Health::well(), Health::default());
    }

    #[test]
    fn a_receiver_is_left_alone_as_long_as_it_asks_but_not_for_ever() {
        let asked = |seconds| Health::default().after_failure(Some(seconds), at(0)).paused_until;
        assert_eq!(asked(90), Some(at(90)));
        assert_eq!(asked(1_000_000), Some(at(6 * 3_600)));
    }
}
