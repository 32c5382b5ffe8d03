//! A batch of codes without members: made in a job, given out once as a file, used by whoever has one.
//!
//! **A code is used once, as a whole**: until the batch's time is over, where its reward is for, unless the batch is revoked.

use kernel::{BranchCode, Timestamp};

use super::{refusal::Refusal, voucher};

/// The most codes of one batch.
pub const MOST: i32 = 100_000;
/// The longest time for which codes are good, in days.
pub const LONGEST_DAYS: i64 = 3_650;

/// Where a batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Some of its codes are still to be made.
    Making,
    /// All are made.
    Made,
    /// None can be used any more.
    Revoked,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Making, Self::Made, Self::Revoked];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Making => "making",
            Self::Made => "made",
            Self::Revoked => "revoked",
        }
    }

    /// The state behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// Whether a code can be used there and then.
///
/// # Errors
/// [`Refusal::NotUsable`], [`Refusal::Elsewhere`].
pub fn may_use(
    (state, valid_until): (State, Timestamp),
    branches: &[BranchCode],
    (used, branch): (bool, &BranchCode),
    now: Timestamp,
) -> Result<(), Refusal> {
    if state == State::Revoked {
        return Err(Refusal::NotUsable(voucher::State::Cancelled));
    }
    if used {
        return Err(Refusal::NotUsable(voucher::State::Used));
    }
    if valid_until <= now {
        return Err(Refusal::NotUsable(voucher::State::Expired));
    }
    if !branches.is_empty() && !branches.contains(branch) {
        return Err(Refusal::Elsewhere);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    #[test]
    fn a_code_is_used_once_in_time_and_where_its_reward_is_for() {
        let (vanak, zand) =
            (BranchCode::parse("vanak").expect("a code"), BranchCode::parse("zand").expect("a code"));
        let only = [vanak.clone()];
        let asks = |state, used, branch, now| may_use((state, at(10)), &only, (used, branch), at(now));
        assert_eq!(asks(State::Made, false, &vanak, 9), Ok(()));
        assert_eq!(asks(State::Making, false, &vanak, 9), Ok(()));
        assert_eq!(asks(State::Made, false, &zand, 9), Err(Refusal::Elsewhere));
        assert_eq!(asks(State::Made, true, &vanak, 9), Err(Refusal::NotUsable(voucher::State::Used)));
        assert_eq!(asks(State::Made, false, &vanak, 10), Err(Refusal::NotUsable(voucher::State::Expired)));
        assert_eq!(
            asks(State::Revoked, false, &vanak, 9),
            Err(Refusal::NotUsable(voucher::State::Cancelled))
        );
        assert_eq!(may_use((State::Made, at(10)), &[], (false, &zand), at(9)), Ok(()));
    }

    #[test]
    fn a_state_survives_its_row() {
        for state in State::ALL {
            assert_eq!(State::from_word(state.word()), Some(state));
        }
        assert_eq!(State::from_word("half"), None);
    }
}
