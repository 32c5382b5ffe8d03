//! Why the business says no to a purchase.

use kernel::{Currency, Overflow};

/// Why a purchase is refused, in order of precedence: the first that holds is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// No programme is live, so nobody can say what the purchase earns.
    NoProgramme,
    /// The purchase is in another currency than the programme's.
    OtherCurrency {
        /// The programme's currency.
        expected: Currency,
    },
    /// More is to be returned than is left of the purchase, or nothing.
    ReturnTooLarge {
        /// What is left of it, in minor units.
        left: i64,
    },
    /// A sum of points does not fit; no real purchase comes near it.
    TooManyPoints,
}

impl From<Overflow> for Rejection {
    fn from(_: Overflow) -> Self {
        Self::TooManyPoints
    }
}
