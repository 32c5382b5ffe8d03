//! A gift: what a member gets without redeeming points for it (W3, W8).
//!
//! **A cause gives a member one gift.** Source, cause and member name it for ever: whoever tells the cause again, or later, gives nothing
//! more. A gift is promised where its cause is heard of, and given or ended a moment later by whoever can make codes.

/// Where a gift stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It is promised.
    Due,
    /// The member has it.
    Given,
    /// It came to nothing, or was taken back.
    Ended,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Due, Self::Given, Self::Ended];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Given => "given",
            Self::Ended => "ended",
        }
    }

    /// The state behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// Why a gift came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WhyEnded {
    /// There is no such reward, or it is over.
    NotOffered,
    /// As many as were set apart for this were given.
    BudgetSpent,
    /// None was left.
    OutOfStock,
    /// The purchase that brought it was returned.
    Returned,
    /// The seat that it is the ticket of was given back.
    SeatGivenBack,
    /// The member's data is erased.
    MemberErased,
}

impl WhyEnded {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::NotOffered,
        Self::BudgetSpent,
        Self::OutOfStock,
        Self::Returned,
        Self::SeatGivenBack,
        Self::MemberErased,
    ];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotOffered => "not_offered",
            Self::BudgetSpent => "budget_spent",
            Self::OutOfStock => "out_of_stock",
            Self::Returned => "returned",
            Self::SeatGivenBack => "seat_given_back",
            Self::MemberErased => "member_erased",
        }
    }
}
