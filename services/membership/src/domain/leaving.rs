//! Leaving the club: at any time, in one step, for good (J4).
//!
//! **Whoever left is not known any more**: what was known of them is erased in the transaction in which they leave, the
//! key to it with it. The id alone stays, and leads to nobody.

use kernel::{MemberId, Timestamp};

use super::{consent::SaidAt, rejection::Rejection};

/// Why somebody was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeavingReason {
    /// They did it themself, signed in.
    Own,
    /// They asked the chain to.
    Asked,
    /// They died.
    Deceased,
    /// The law or a court wants it.
    Duty,
    /// A backup had brought them back.
    Restored,
}

impl LeavingReason {
    const ALL: [Self; 5] = [Self::Own, Self::Asked, Self::Deceased, Self::Duty, Self::Restored];

    /// The word in rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Asked => "asked",
            Self::Deceased => "deceased",
            Self::Duty => "duty",
            Self::Restored => "restored",
        }
    }

    /// The reason behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }

    /// Where the consents are taken back that end with it.
    #[must_use]
    pub const fn said_at(self) -> SaidAt {
        match self {
            Self::Own => SaidAt::App,
            Self::Asked | Self::Deceased | Self::Duty | Self::Restored => SaidAt::Office,
        }
    }
}

/// A service that does its part of an erasure, and says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgetter {
    /// Closes the account.
    Points,
    /// Calls vouchers back.
    Rewards,
}

/// Somebody who left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erasure {
    /// Who it was.
    pub member: MemberId,
    /// When.
    pub erased_at: Timestamp,
    /// Why.
    pub reason: LeavingReason,
    /// When `points` said that it has done its part.
    pub points_at: Option<Timestamp>,
    /// When `rewards` said so.
    pub rewards_at: Option<Timestamp>,
}

/// Who wants a member to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaver {
    /// The member themself.
    Member,
    /// The back office, which says why.
    Office(Option<LeavingReason>),
}

/// Why the member leaves.
///
/// # Errors
/// [`Rejection::ReasonMissing`].
pub fn reason(leaver: Leaver) -> Result<LeavingReason, Rejection> {
    match leaver {
        Leaver::Member => Ok(LeavingReason::Own),
        Leaver::Office(Some(
            reason @ (LeavingReason::Asked | LeavingReason::Deceased | LeavingReason::Duty),
        )) => Ok(reason),
        Leaver::Office(_) => Err(Rejection::ReasonMissing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_needs_no_reason_and_the_office_one_of_its_own() {
        assert_eq!(reason(Leaver::Member), Ok(LeavingReason::Own));
        let office = |why| reason(Leaver::Office(why));
        assert_eq!(office(Some(LeavingReason::Duty)), Ok(LeavingReason::Duty));
        for nothing in [None, Some(LeavingReason::Own), Some(LeavingReason::Restored)] {
            assert_eq!(office(nothing), Err(Rejection::ReasonMissing));
        }
    }

    #[test]
    fn a_reason_survives_its_row() {
        for reason in LeavingReason::ALL {
            assert_eq!(LeavingReason::from_word(reason.word()), Some(reason));
        }
        assert_eq!(LeavingReason::from_word("bored"), None);
    }
}
