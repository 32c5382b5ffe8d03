//! What is known of a member at the moment of a purchase, as far as the live programme's rules ask for it.

use std::collections::BTreeSet;

use contracts::membership::Occasion;
use kernel::{Day, SegmentCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a member did before, and where they belong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// When they joined, by the chain's wall clock; `None` when nobody said.
    pub joined: Option<Day>,
    /// How many purchases were recorded before.
    pub purchases: u64,
    /// The days on which purchases were recorded before, as far back as rules ask, each at least once.
    pub visited: Vec<Day>,
    /// Those of the segments that rules name in which they are.
    pub segments: Vec<SegmentCode>,
    /// How many members their household has; none without one.
    pub household: u32,
    /// The occasions that were told, each with the day on which it was.
    pub occasions: Vec<(Occasion, Day)>,
}

impl History {
    /// Adds a purchase that was decided.
    pub fn add(&mut self, today: Day) {
        self.purchases += 1;
        self.visited.push(today);
    }

    /// Takes over what others tell of the member; what they bought stays.
    pub fn learn(&mut self, told: Self) {
        let (purchases, visited) = (self.purchases, std::mem::take(&mut self.visited));
        *self = Self { purchases, visited, ..told };
    }
}

/// What must be known of members for a programme's rules.
#[expect(clippy::struct_excessive_bools, reason = "each says whether one kind of row is looked up")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskedOfMembers {
    /// When they joined.
    pub joined: bool,
    /// How many purchases they made.
    pub purchases: bool,
    /// On which days from this one on.
    pub visits_since: Option<Day>,
    /// Whether they are in these segments.
    pub segments: BTreeSet<SegmentCode>,
    /// How large their household is.
    pub household: bool,
    /// Which occasions were told of them.
    pub occasions: bool,
}

impl AskedOfMembers {
    /// Whether nothing is asked.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// What either asks.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.segments.extend(other.segments);
        Self {
            joined: self.joined || other.joined,
            purchases: self.purchases || other.purchases,
            visits_since: self.visits_since.into_iter().chain(other.visits_since).min(),
            segments: self.segments,
            household: self.household || other.household,
            occasions: self.occasions || other.occasions,
        }
    }

    /// What a replay of a chain's own purchases takes as it is now, since nobody knows how it was then.
    #[must_use]
    pub fn assumed_of_the_past(&self) -> Vec<Assumed> {
        said([
            (!self.segments.is_empty(), Assumed::SegmentsAsOfNow),
            (self.household, Assumed::HouseholdsAsOfNow),
        ])
    }

    /// What a replay of purchases in a file knows nothing of.
    #[must_use]
    pub fn unknown_in_files(&self) -> Vec<Assumed> {
        said([
            (self.joined, Assumed::JoinedUnknown),
            (!self.segments.is_empty(), Assumed::SegmentsUnknown),
            (self.household, Assumed::HouseholdsUnknown),
            (self.occasions, Assumed::OccasionsUnknown),
        ])
    }
}

fn said<const N: usize>(all: [(bool, Assumed); N]) -> Vec<Assumed> {
    all.into_iter().filter(|(asked, _)| *asked).map(|(_, assumed)| assumed).collect()
}

/// What a simulation could not know, where rules ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Assumed {
    /// Segments are taken as they are now.
    SegmentsAsOfNow,
    /// Households are taken as they are now.
    HouseholdsAsOfNow,
    /// Nobody is known to have joined.
    JoinedUnknown,
    /// Nobody is known to be in a segment.
    SegmentsUnknown,
    /// Nobody is known to have a household.
    HouseholdsUnknown,
    /// No occasion is known.
    OccasionsUnknown,
    /// Actions are known only from when a rule was about them.
    ActionsAsRecorded,
    /// No action is known.
    ActionsUnknown,
    /// What members spent, passed on or were given by hand is left out.
    NothingSpent,
    /// What was before the period counts for nothing.
    NothingBefore,
}

impl Assumed {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::SegmentsAsOfNow,
        Self::HouseholdsAsOfNow,
        Self::JoinedUnknown,
        Self::SegmentsUnknown,
        Self::HouseholdsUnknown,
        Self::OccasionsUnknown,
        Self::ActionsAsRecorded,
        Self::ActionsUnknown,
        Self::NothingSpent,
        Self::NothingBefore,
    ];

    /// The word in documents and in the ids of texts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SegmentsAsOfNow => "segments_as_of_now",
            Self::HouseholdsAsOfNow => "households_as_of_now",
            Self::JoinedUnknown => "joined_unknown",
            Self::SegmentsUnknown => "segments_unknown",
            Self::HouseholdsUnknown => "households_unknown",
            Self::OccasionsUnknown => "occasions_unknown",
            Self::ActionsAsRecorded => "actions_as_recorded",
            Self::ActionsUnknown => "actions_unknown",
            Self::NothingSpent => "nothing_spent",
            Self::NothingBefore => "nothing_before",
        }
    }
}
