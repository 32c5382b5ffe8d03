//! Attempts to sign in as somebody of the staff: each failure makes the next one wait longer.
//!
//! **Counted by the user name that was typed, whether anybody has it or not**, so that the delay does not tell who works here.

use kernel::{Digest16, Timestamp};

use super::rejection::Rejection;

const SECOND: i64 = 1_000_000;
/// Failures that cost no waiting: people mistype.
const FREE: u32 = 3;
/// The longest that anybody waits.
const LONGEST: i64 = 15 * 60 * SECOND;

/// What is known of the attempts under one user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// The keyed hash of the user name.
    pub subject: Digest16,
    /// Failures since the last success.
    pub failed: u32,
    /// Until when nobody is heard.
    pub blocked_until: Timestamp,
}

impl Attempts {
    /// No failures yet.
    #[must_use]
    pub const fn none(subject: Digest16) -> Self {
        Self { subject, failed: 0, blocked_until: Timestamp::from_micros(0) }
    }

    /// Lets an attempt be heard, or says how long to wait.
    ///
    /// # Errors
    /// [`Rejection::SignInDelayed`].
    pub fn hear(&self, now: Timestamp) -> Result<(), Rejection> {
        let left = self.blocked_until.micros().saturating_sub(now.micros());
        if left <= 0 {
            return Ok(());
        }
        let seconds = u64::try_from((left + SECOND - 1) / SECOND).unwrap_or_default();
        Err(Rejection::SignInDelayed { seconds })
    }

    /// One more failure: after three of them the next one waits a second, then two, then four, up to a quarter of an hour.
    #[must_use]
    pub fn failed(self, now: Timestamp) -> Self {
        let failed = self.failed.saturating_add(1);
        let doubled = failed.checked_sub(FREE).map_or(0, |more| SECOND << more.min(20));
        let wait = doubled.min(LONGEST);
        Self { failed, blocked_until: Timestamp::from_micros(now.micros().saturating_add(wait)), ..self }
    }

    /// After a success.
    #[must_use]
    pub const fn cleared(self) -> Self {
        Self::none(self.subject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_makes_the_next_wait_longer_and_a_success_clears_it() {
        let now = Timestamp::from_micros(5 * SECOND);
        let mut attempts = Attempts::none(Digest16([1; 16]));
        let mut waits = Vec::new();
        for _ in 0..16 {
            attempts = attempts.failed(now);
            waits.push(match attempts.hear(now) {
                Ok(()) => 0,
                Err(Rejection::SignInDelayed { seconds }) => seconds,
                Err(other) => panic!("{other}"),
            });
        }
        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]);
        let later = Timestamp::from_micros(now.micros() + 900 * SECOND);
        assert_eq!(attempts.hear(later), Ok(()));
        assert_eq!(attempts.cleared(), Attempts::none(Digest16([1; 16])));
    }
}
