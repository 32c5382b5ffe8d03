//! Why the business says no.

use kernel::{Currency, Overflow, Points, Timestamp};

/// Why a decision is refused, in order of precedence: the first that holds is told.
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
    /// More is to be returned by lines than is left of the purchase, or nothing.
    ReturnLinesTooLarge {
        /// What is left of it, in minor units.
        left: i64,
    },
    /// A line that is to be returned is not on the receipt.
    ReturnLineUnknown {
        /// Which of the lines that were named, from 0.
        at: usize,
    },
    /// Several lines of the receipt could be meant.
    ReturnLineAmbiguous {
        /// Which of the lines that were named, from 0.
        at: usize,
    },
    /// More of a line is to be returned than is left of it, or nothing.
    ReturnLineTooLarge {
        /// Which of the lines that were named, from 0.
        at: usize,
        /// What is left of the line's amount, in minor units.
        amount_left: i64,
        /// What is left of its quantity, in thousandths.
        quantity_left: i64,
    },
    /// The account is frozen: nothing is spent or passed on.
    AccountFrozen,
    /// The account is closed.
    AccountClosed,
    /// The account is guarded, and lets no more points go than these.
    Guarded {
        /// How many may still be spent.
        left: Points,
        /// Until when.
        until: Timestamp,
    },
    /// The account is in that state already.
    StateUnchanged,
    /// The live programme has no price at which points pay for purchases.
    SpendingOff,
    /// Fewer points are to pay for a purchase than the programme lets.
    SpendTooSmall {
        /// The fewest.
        minimum: Points,
    },
    /// Points are to pay that are no whole number of the programme's steps.
    SpendNotInSteps {
        /// How many points a step has.
        step: Points,
        /// What a step pays, in minor units.
        worth: i64,
    },
    /// Points are to pay more of a purchase than the programme lets.
    SpendTooLarge {
        /// The most points that pay for this purchase.
        most: Points,
    },
    /// Whoever spends has not shown yet that the phone is theirs.
    PhoneUnconfirmed,
    /// Spending so many points takes a fresh code.
    CodeNeeded {
        /// More than these.
        above: Points,
    },
    /// There are fewer points than are to be spent.
    BalanceTooLow {
        /// How many more it would take.
        missing: Points,
    },
    /// The hold was captured or released before, or has lapsed.
    HoldOver,
    /// More is to be captured than is held, or nothing.
    CaptureTooLarge {
        /// What is held.
        held: Points,
    },
    /// A sum of points does not fit; no real purchase comes near it.
    TooManyPoints,
}

impl Rejection {
    /// Whether it stands no longer once a member has shown more of themselves.
    #[must_use]
    pub const fn is_about_proof(self) -> bool {
        matches!(self, Self::PhoneUnconfirmed | Self::CodeNeeded { .. })
    }
}

impl From<Overflow> for Rejection {
    fn from(_: Overflow) -> Self {
        Self::TooManyPoints
    }
}
