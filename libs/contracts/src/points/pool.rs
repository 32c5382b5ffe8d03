//! Facts about points that a household spends together.

use kernel::{JournalId, MemberId, Points};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{JOURNAL, MEMBER};
use crate::FactData;

const OTHER: MemberId = MemberId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0002));
const ABOUT: JournalId = JournalId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0006));

/// What one member of a household gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DrawnFrom {
    /// Whose points.
    pub member_id: MemberId,
    /// How many.
    pub points: Points,
}

/// Points left a member's account, because another member of the household spends them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PoolGiven {
    /// Whose points.
    pub member_id: MemberId,
    /// The journal by which they left.
    pub journal_id: JournalId,
    /// Who spends them.
    pub drawn_by: MemberId,
    /// How many.
    pub points: Points,
    /// The hold, the redemption or the purchase that they pay for.
    pub about: JournalId,
    /// Which of them: `hold`, `redemption` or `purchase`.
    pub spent_on: String,
    /// The balance afterwards.
    pub balance: Points,
    /// The account's version afterwards.
    pub account_version: u64,
}

impl FactData for PoolGiven {
    const TYPE: &'static str = "vafa.points.pool_given.v1";
    const ABOUT: &'static str = "Points left a member's account, because another member of the household spends them. Subject: the member id of who gave.";
    fn sample() -> Self {
        Self {
            member_id: OTHER,
            journal_id: JOURNAL,
            drawn_by: MEMBER,
            points: Points::new(40),
            about: ABOUT,
            spent_on: "redemption".to_owned(),
            balance: Points::new(60),
            account_version: 4,
        }
    }
}

/// Points of others in the household came to a member, who spends them at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PoolDrawn {
    /// Who spends them.
    pub member_id: MemberId,
    /// The journal by which they came.
    pub journal_id: JournalId,
    /// How many.
    pub points: Points,
    /// Whose they were.
    pub from: Vec<DrawnFrom>,
    /// The hold, the redemption or the purchase that they pay for.
    pub about: JournalId,
    /// Which of them: `hold`, `redemption` or `purchase`.
    pub spent_on: String,
    /// The balance afterwards, before they are spent.
    pub balance: Points,
    /// The account's version afterwards.
    pub account_version: u64,
}

impl FactData for PoolDrawn {
    const TYPE: &'static str = "vafa.points.pool_drawn.v1";
    const ABOUT: &'static str = "Points of others in the household came to a member, who spends them at once. Subject: the member id of who spends them.";
    fn sample() -> Self {
        Self {
            member_id: MEMBER,
            journal_id: JOURNAL,
            points: Points::new(40),
            from: vec![DrawnFrom { member_id: OTHER, points: Points::new(40) }],
            about: ABOUT,
            spent_on: "redemption".to_owned(),
            balance: Points::new(100),
            account_version: 9,
        }
    }
}
