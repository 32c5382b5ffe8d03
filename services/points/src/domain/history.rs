//! What a member did before, as far as the live programme's rules ask for it.

use kernel::Day;

/// A member's history at the moment of a purchase.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// When they joined, by the chain's wall clock; `None` when nobody said.
    pub joined: Option<Day>,
    /// How many purchases were recorded before.
    pub purchases: u64,
    /// The days on which purchases were recorded before, as far back as rules ask, each at least once.
    pub visited: Vec<Day>,
}

impl History {
    /// Adds a purchase that was decided.
    pub fn add(&mut self, today: Day) {
        self.purchases += 1;
        self.visited.push(today);
    }
}

/// What must be known of members for a programme's rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AskedOfMembers {
    /// When they joined.
    pub joined: bool,
    /// How many purchases they made.
    pub purchases: bool,
    /// On which days from this one on.
    pub visits_since: Option<Day>,
}

impl AskedOfMembers {
    /// Whether nothing is asked.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}
