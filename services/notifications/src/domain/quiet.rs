//! Hours in which members are left alone.

use kernel::{LocalMoment, Timestamp};

/// Minutes of a day.
const DAY: u16 = 24 * 60;
/// Microseconds of a minute.
const MINUTE: i64 = 60 * 1_000_000;

/// Hours of each day, on the member's wall clock, in which nothing comes that can wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    /// The first quiet minute of the day, 0 to 1439.
    pub from: u16,
    /// The first minute that is not quiet any more, 0 to 1439; before `from` where the night is between them. The same as `from`:
    /// none is quiet.
    pub until: u16,
}

impl QuietHours {
    /// How many minutes of quiet are left at a minute of the day; 0 where it is not quiet.
    #[must_use]
    pub const fn left(self, minute: u16) -> u16 {
        let long = (self.until + DAY - self.from) % DAY;
        let passed = (minute + DAY - self.from) % DAY;
        long.saturating_sub(passed)
    }

    /// The earliest moment from `now` on at which something may come that can wait; `local` is the same moment on the member's clock.
    ///
    /// A clock that is put forward or back meanwhile makes it earlier or later by as much.
    #[must_use]
    pub fn earliest(self, now: Timestamp, local: LocalMoment) -> Timestamp {
        match self.left(local.minute) {
            0 => now,
            left => {
                // From the beginning of the minute, so that all who wait for the same end come at the same time.
                let begun = now.micros().div_euclid(MINUTE) * MINUTE;
                Timestamp::from_micros(begun + i64::from(left) * MINUTE)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NIGHT: QuietHours = QuietHours { from: 22 * 60, until: 8 * 60 };

    #[test]
    fn a_night_goes_over_midnight() {
        let left = [(21, 59, 0), (22, 0, 600), (23, 30, 510), (0, 0, 480), (7, 59, 1), (8, 0, 0), (12, 0, 0)];
        for (hour, minute, expected) in left {
            assert_eq!(NIGHT.left(hour * 60 + minute), expected, "{hour}:{minute:02}");
        }
        let rest = QuietHours { from: 13 * 60, until: 16 * 60 };
        assert_eq!((rest.left(12 * 60), rest.left(13 * 60), rest.left(16 * 60)), (0, 180, 0));
        let none = QuietHours { from: 60, until: 60 };
        assert!((0..DAY).all(|minute| none.left(minute) == 0));
    }

    proptest! {
        #[test]
        fn whoever_waits_for_the_end_of_quiet_comes_at_its_first_minute(from in 0..DAY, until in 0..DAY, minute in 0..DAY) {
            let hours = QuietHours { from, until };
            let left = hours.left(minute);
            prop_assert!(left < DAY);
            let then = (minute + left) % DAY;
            prop_assert_eq!(hours.left(then), 0);
            prop_assert!(left == 0 || then == until);
        }
    }
}
