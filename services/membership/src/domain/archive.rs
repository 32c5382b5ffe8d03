//! Archives of everything that is kept of a member: who may have how many.
//!
//! **No more archives of a member are handed out within a day than there may be**, whoever asks: each one reads all of the
//! member's history, and lies about somewhere afterwards.

use kernel::{MemberId, StaffId, Timestamp};
use thiserror::Error;

use super::{code_window::DAY, rejection::Rejection};

/// Who has an archive made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maker {
    /// The member.
    Member,
    /// Somebody of the staff, for a member who asked.
    Staff(StaffId),
    /// The chain's operator.
    Operator,
}

impl Maker {
    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Staff(_) => "staff",
            Self::Operator => "operator",
        }
    }

    /// Who is meant by a row's word and person.
    #[must_use]
    pub fn from_row(word: &str, staff: Option<StaffId>) -> Option<Self> {
        match (word, staff) {
            ("member", None) => Some(Self::Member),
            ("staff", Some(staff)) => Some(Self::Staff(staff)),
            ("operator", None) => Some(Self::Operator),
            _ => None,
        }
    }
}

/// An archive that was handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Archive {
    /// Of whom.
    pub member: MemberId,
    /// When.
    pub made_at: Timestamp,
    /// To whom.
    pub maker: Maker,
}

/// Why no archive is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ArchiveRefusal {
    /// There were as many within a day as there may be.
    #[error("there were {limit} archives within a day; the next one in {seconds} s")]
    TooMany {
        /// How many there may be.
        limit: u64,
        /// When to ask again.
        seconds: u64,
    },
}

impl From<ArchiveRefusal> for Rejection {
    fn from(refusal: ArchiveRefusal) -> Self {
        Self::Archive(refusal)
    }
}

/// From when on archives count at `now`.
#[must_use]
pub const fn counted_since(now: Timestamp) -> Timestamp {
    Timestamp::from_micros(now.micros() - DAY)
}

/// Whether one more may be handed out at `now` after those that count, earliest first.
///
/// # Errors
/// [`ArchiveRefusal::TooMany`].
pub fn decide_archive(made: &[Timestamp], limit: u64, now: Timestamp) -> Result<(), ArchiveRefusal> {
    let allowed = usize::try_from(limit).unwrap_or(usize::MAX);
    let Some(over) = made.len().checked_sub(allowed) else { return Ok(()) };
    let oldest = made.get(over).copied().unwrap_or(now);
    let left = oldest.micros().saturating_add(DAY).saturating_sub(now.micros());
    Err(ArchiveRefusal::TooMany { limit, seconds: u64::try_from(left / 1_000_000 + 1).unwrap_or(1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_micros(hour * DAY / 24)
    }

    #[test]
    fn one_more_is_handed_out_when_the_oldest_does_not_count_any_more() {
        assert_eq!(decide_archive(&[], 2, at(30)), Ok(()));
        assert_eq!(decide_archive(&[at(10)], 2, at(30)), Ok(()));
        let refused = |seconds| Err(ArchiveRefusal::TooMany { limit: 2, seconds });
        assert_eq!(decide_archive(&[at(10), at(20)], 2, at(30)), refused(4 * 3_600 + 1));
        assert_eq!(decide_archive(&[at(10), at(12), at(20)], 2, at(30)), refused(6 * 3_600 + 1));
        assert_eq!(counted_since(at(30)), at(6));
    }

    #[test]
    fn who_had_it_survives_its_row() {
        let staff = StaffId::from_uuid(uuid::Uuid::from_u128(7));
        for (maker, person) in
            [(Maker::Member, None), (Maker::Staff(staff), Some(staff)), (Maker::Operator, None)]
        {
            assert_eq!(Maker::from_row(maker.word(), person), Some(maker));
        }
        assert_eq!(Maker::from_row("staff", None), None);
    }
}
