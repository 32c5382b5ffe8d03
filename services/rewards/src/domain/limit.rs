//! How often one member may have a reward.

use kernel::Day;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long a limit counts before it begins anew, on the chain's wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = LimitPeriod)]
pub enum Period {
    /// A day.
    Day,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
    /// It never begins anew.
    Ever,
}

impl Period {
    /// The name of the period that a day lies in; equal names are one period.
    #[must_use]
    pub fn key(self, day: Day) -> String {
        match self {
            Self::Day => format!("d{}", day.number()),
            Self::Month => format!("m{}", day.month_start().number()),
            Self::Year => format!("y{}", day.year_start().number()),
            Self::Ever => "ever".to_owned(),
        }
    }
}

/// How often one member may have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RewardLimit)]
pub struct Limit {
    /// So often at most: 1 to 1,000,000.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub most: u32,
    /// In each such period.
    pub per: Period,
}
