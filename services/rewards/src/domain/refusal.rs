//! What cannot be done with rewards and vouchers.

use kernel::Timestamp;

use super::{redemption, voucher::State};

/// Why not, in order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The reward is not offered now, or not to this member, or not there.
    NotOffered,
    /// The reward has stock at branches, so one must be named.
    BranchMissing,
    /// The member has it as often as the chain lets in this time.
    LimitReached {
        /// How often.
        most: u32,
    },
    /// None is left.
    OutOfStock,
    /// The voucher cannot be used: not yet, not any more, or never again.
    NotUsable(State),
    /// The voucher is for other branches.
    Elsewhere,
    /// There is less on the voucher, or nothing was asked for.
    AmountInvalid {
        /// How much is left and free.
        left: i64,
    },
    /// The member has a seat at the event, or waits for one.
    SeatHad,
    /// It is too late to give the seat back.
    SeatFixed,
    /// More seats are taken than the event would have.
    SeatsTooFew {
        /// So many.
        taken: i64,
    },
    /// The event is over, or called off.
    EventOver,
    /// A rule for gifts stays about its occasion, from the time on that it was first written down with.
    RuleFixed,
    /// More were given than the budget would have.
    BudgetTooSmall {
        /// So many.
        given: i64,
    },
    /// An offer that was published stays what it is, but for its texts, its end and its budget.
    OfferFixed,
    /// The offer is withdrawn, or its time is over or has not come.
    OfferOver,
    /// Nobody has to activate the offer.
    OfferTapless,
    /// Nothing is left of the offer's budget.
    OfferUsedUp,
    /// There would be more members on the offer's list.
    ListTooLong {
        /// So many may be.
        most: i64,
    },
    /// A challenge that was published stays what it is, but for its texts and how many are given.
    ChallengeFixed,
    /// The challenge is withdrawn, or closed, or its days are past.
    ChallengeOver,
    /// The redemption is not done, or not any more.
    NotCancellable(redemption::State),
    /// The member may not give it back: never, or not any more.
    CancellationOver {
        /// Until when they might.
        until: Option<Timestamp>,
    },
    /// The use was taken back, or its reservation is over.
    UseOver,
    /// The draw takes no tickets now.
    DrawNotOpen,
    /// More is reserved and given out than the stock would be.
    StockTooSmall {
        /// So many.
        taken: i64,
    },
}
