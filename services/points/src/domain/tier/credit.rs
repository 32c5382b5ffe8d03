//! What purchases count for on the ladder.

use kernel::Points;
use serde::{Deserialize, Serialize};

use super::Measure;

/// What purchases count for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// Points that rules gave.
    #[serde(rename = "p", default)]
    pub points: i64,
    /// Money paid, in minor units.
    #[serde(rename = "s", default)]
    pub spend: i64,
    /// Purchases.
    #[serde(rename = "v", default)]
    pub visits: i64,
}

impl Credit {
    /// The credit of one purchase.
    #[must_use]
    pub const fn of_purchase(points: Points, spend: i64) -> Self {
        Self { points: points.count(), spend, visits: 1 }
    }

    /// The credit of one action.
    #[must_use]
    pub const fn of_action(points: Points) -> Self {
        Self { points: points.count(), spend: 0, visits: 0 }
    }

    pub(super) fn of(self, measure: Measure) -> i64 {
        match measure {
            Measure::Points => self.points,
            Measure::Spend => self.spend,
            Measure::Visits => self.visits,
        }
    }

    /// The sum. Credit is a measure and no money: what is beyond counting stays there, above every level.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            points: self.points.saturating_add(other.points),
            spend: self.spend.saturating_add(other.spend),
            visits: self.visits.saturating_add(other.visits),
        }
    }

    /// The difference.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self {
            points: self.points.saturating_sub(other.points),
            spend: self.spend.saturating_sub(other.spend),
            visits: self.visits.saturating_sub(other.visits),
        }
    }
}
