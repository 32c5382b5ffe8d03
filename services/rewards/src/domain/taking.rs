//! Where a personal offer stands, and what a member took up of it.

/// What was done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is being written.
    Draft,
    /// It was published.
    Live,
    /// The chain withdrew it.
    Ended,
}

impl Stage {
    /// The word in rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Live => "live",
            Self::Ended => "ended",
        }
    }

    /// The stage behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Draft, Self::Live, Self::Ended].into_iter().find(|stage| stage.word() == word)
    }
}

/// Where what a member took up stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakingState {
    /// It is activated, and waits for the purchase.
    Active,
    /// It is given.
    Given,
    /// Its time was over before the purchase.
    Lapsed,
    /// Nothing came of it: none was left, or the purchase came back.
    Ended,
}

impl TakingState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Active, Self::Given, Self::Lapsed, Self::Ended];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Given => "given",
            Self::Lapsed => "lapsed",
            Self::Ended => "ended",
        }
    }

    /// The state behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether it is counted off the budget.
    #[must_use]
    pub const fn counts(self) -> bool {
        matches!(self, Self::Active | Self::Given)
    }
}
