//! Facts about days that come once a year in a member's life.

use kernel::MemberId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::MEMBER;
use crate::FactData;

/// A day that comes once a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// The member's birthday.
    Birthday,
    /// The day on which they joined.
    JoinAnniversary,
}

/// An occasion of a member is marked on the day on which the fact is told.
///
/// It carries no date, and above all none of birth: who hears it knows that membership marks the occasion now, and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OccasionReached {
    /// Whose.
    pub member_id: MemberId,
    /// Which.
    pub occasion: Occasion,
}

impl FactData for OccasionReached {
    const TYPE: &'static str = "vafa.membership.occasion_reached.v1";
    const ABOUT: &'static str = "An occasion of a member, such as the birthday, is marked on the day on which the fact is told. It carries no date. Subject: the member id, `/occasions`.";
    fn sample() -> Self {
        Self { member_id: MEMBER, occasion: Occasion::Birthday }
    }
}
