//! When it is told that a voucher's time is over soon.
//!
//! **Of each voucher each step is told once at most**: what lies behind is never looked at again. Where several steps have passed
//! unseen, the nearest to the end is told alone, and none that lay before the member had the voucher.

use kernel::Timestamp;

/// The most steps.
pub const MOST_STEPS: usize = 8;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Steps as a setting has them: days before the end, separated by commas, `none` for none.
///
/// # Errors
/// What is wrong with them.
pub fn parse_steps(text: &str) -> Result<Vec<u16>, &'static str> {
    if text.trim() == "none" {
        return Ok(Vec::new());
    }
    let steps: Option<Vec<u16>> = text.split(',').map(|step| step.trim().parse().ok()).collect();
    let mut steps = steps.ok_or("days separated by commas, or none")?;
    steps.sort_unstable();
    steps.dedup();
    if steps.len() > MOST_STEPS || !steps.iter().all(|days| (1..=365).contains(days)) {
        return Err("up to eight steps, each of 1 to 365 days");
    }
    Ok(steps)
}

/// What is to be told of a voucher now, and when to look at it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The step that is told: so many days before the end.
    pub tell: Option<u16>,
    /// When to look again; nothing for never.
    pub again: Option<Timestamp>,
}

/// When to look at a voucher first that a member gets now; nothing for never.
#[must_use]
pub fn first(steps: &[u16], valid_until: Timestamp, now: Timestamp) -> Option<Timestamp> {
    due(steps, (now, now), valid_until, now).again
}

/// Decides it, for a voucher that was looked at last at `looked`.
#[must_use]
pub fn due(
    steps: &[u16],
    (issued, looked): (Timestamp, Timestamp),
    valid_until: Timestamp,
    now: Timestamp,
) -> Due {
    let at = |days: u16| valid_until.plus_millis(-i64::from(days) * DAY_MS);
    let fresh =
        |days: &u16| at(*days) <= now && at(*days) >= issued && at(*days) > looked && now < valid_until;
    Due {
        tell: steps.iter().copied().filter(fresh).min(),
        again: steps.iter().map(|days| at(*days)).filter(|at| *at > now).min(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_micros(hour * 3_600_000_000)
    }

    #[test]
    fn steps_are_days_separated_by_commas() {
        assert_eq!(parse_steps("7, 1,7"), Ok(vec![1, 7]));
        assert_eq!(parse_steps("none"), Ok(Vec::new()));
        for wrong in ["", "7;1", "0", "366", "-1", "1,2,3,4,5,6,7,8,9"] {
            assert!(parse_steps(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn each_step_is_told_once_whenever_somebody_looks(
            steps in prop::collection::btree_set(1_u16..20, 0..4),
            life in 1_i64..600,
            pauses in prop::collection::vec(1_i64..200, 1..40),
        ) {
            let steps: Vec<u16> = steps.into_iter().collect();
            let (issued, end) = (at(1_000), at(1_000 + life));
            let (mut now, mut looked, mut told) = (issued, at(0), Vec::new());
            for pause in pauses {
                let found = due(&steps, (issued, looked), end, now);
                told.extend(found.tell);
                looked = now;
                let Some(again) = found.again else { break };
                prop_assert!(again > now);
                now = Timestamp::from_micros(now.micros() + pause * 3_600_000_000).max(again);
            }
            // Nearer and nearer, so none twice, and none from before there was a voucher.
            prop_assert!(told.windows(2).all(|pair| pair[0] > pair[1]), "{:?}", told);
            prop_assert!(told.iter().all(|days| i64::from(*days) * 24 <= life));
        }
    }
}
