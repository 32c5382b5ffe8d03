//! A lot: points with one expiry and one funder.

use kernel::{BranchCode, Day, Points};

/// The last day of points that do not lapse.
pub const NEVER: Day = Day::from_number(i32::MAX);

/// Points of one member that lapse together and that one branch pays for (P2, P14).
///
/// Lots are aggregated: a member has at most one per expiry day and funder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// The last day on which they can be spent; [`NEVER`] when they do not lapse.
    pub expires_on: Day,
    /// The branch that issued them and pays for them.
    pub funder: BranchCode,
    /// How many are left, more than none.
    pub points: Points,
}

impl Lot {
    /// Whether its last day is over.
    #[must_use]
    pub fn lapsed(&self, today: Day) -> bool {
        self.expires_on < today
    }
}
