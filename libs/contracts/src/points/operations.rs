//! Facts about what happens to points besides earning: held, freed, redeemed, corrected by hand.

use kernel::{BranchCode, JournalId, MemberId, Points, RedemptionId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{JOURNAL, MEMBER};
use crate::FactData;

const OPERATION: JournalId = JournalId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0005));

/// Points were set aside for a redemption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PointsHeld {
    /// Whose points.
    pub member_id: MemberId,
    /// The journal that set them aside; the hold's id on the API.
    pub journal_id: JournalId,
    /// How many.
    pub points: Points,
    /// From this instant on they are free again by themselves.
    pub until: Timestamp,
    /// The balance afterwards.
    pub balance: Points,
    /// The account's version afterwards.
    pub account_version: u64,
}

/// Points that were set aside are free again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PointsReleased {
    /// Whose points.
    pub member_id: MemberId,
    /// The journal that recorded it.
    pub journal_id: JournalId,
    /// The hold that set them aside.
    pub hold_id: JournalId,
    /// How many.
    pub points: Points,
    /// Whether the hold's time was over, and nobody released it.
    pub lapsed: bool,
    /// The balance afterwards.
    pub balance: Points,
    /// The account's version afterwards.
    pub account_version: u64,
}

/// Points that were set aside were redeemed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PointsCaptured {
    /// Whose points.
    pub member_id: MemberId,
    /// The journal that recorded it.
    pub journal_id: JournalId,
    /// The hold that set them aside.
    pub hold_id: JournalId,
    /// How many were redeemed.
    pub points: Points,
    /// How many of the hold were not needed and are free again.
    pub released: Points,
    /// The balance afterwards.
    pub balance: Points,
    /// The account's version afterwards.
    pub account_version: u64,
}

/// Points were redeemed at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PointsRedeemed {
    /// Whose points.
    pub member_id: MemberId,
    /// The journal that recorded it; the redemption's id on the API.
    pub journal_id: JournalId,
    /// How many.
    pub points: Points,
    /// Where, when it was in a branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<BranchCode>,
    /// The redemption of a reward that they pay, where they pay one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redemption_id: Option<RedemptionId>,
    /// The balance afterwards.
    pub balance: Points,
    /// The account's version afterwards.
    pub account_version: u64,
}

/// A redemption was undone, and its points came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RedemptionReversed {
    /// Whose points.
    pub member_id: MemberId,
    /// The journal that recorded it.
    pub journal_id: JournalId,
    /// The journal that had redeemed them.
    pub redemption_id: JournalId,
    /// How many.
    pub points: Points,
    /// The balance afterwards.
    pub balance: Points,
    /// The account's version afterwards.
    pub account_version: u64,
}

/// Pending points can be spent now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PointsActivated {
    /// Whose points.
    pub member_id: MemberId,
    /// The journal that recorded it.
    pub journal_id: JournalId,
    /// How many, less what paid a debt at once.
    pub points: Points,
    /// The balance afterwards.
    pub balance: Points,
    /// The account's version afterwards.
    pub account_version: u64,
}

/// Points were given or taken by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PointsAdjusted {
    /// Whose points.
    pub member_id: MemberId,
    /// The journal that recorded it; the adjustment's id on the API.
    pub journal_id: JournalId,
    /// How many came, less what paid a debt at once; negative when they went.
    pub points: Points,
    /// The balance afterwards.
    pub balance: Points,
    /// The account's version afterwards.
    pub account_version: u64,
}

/// An account was frozen, opened again, or closed for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountStateChanged {
    /// Whose account.
    pub member_id: MemberId,
    /// The journal that recorded it.
    pub journal_id: JournalId,
    /// `open`, `frozen` or `closed` from now on.
    pub state: String,
    /// The balance afterwards.
    pub balance: Points,
    /// The account's version afterwards.
    pub account_version: u64,
}

impl FactData for PointsHeld {
    const TYPE: &'static str = "vafa.points.points_held.v1";
    const ABOUT: &'static str = "Points were set aside for a redemption. Subject: the member id.";
    fn sample() -> Self {
        Self {
            member_id: MEMBER,
            journal_id: JOURNAL,
            points: Points::new(300),
            until: Timestamp::from_micros(1_795_000_900_000_000),
            balance: Points::new(535),
            account_version: 10,
        }
    }
}

impl FactData for PointsReleased {
    const TYPE: &'static str = "vafa.points.points_released.v1";
    const ABOUT: &'static str = "Points that were set aside are free again. Subject: the member id.";
    fn sample() -> Self {
        Self {
            member_id: MEMBER,
            journal_id: OPERATION,
            hold_id: JOURNAL,
            points: Points::new(300),
            lapsed: true,
            balance: Points::new(835),
            account_version: 11,
        }
    }
}

impl FactData for PointsCaptured {
    const TYPE: &'static str = "vafa.points.points_captured.v1";
    const ABOUT: &'static str = "Points that were set aside were redeemed. Subject: the member id.";
    fn sample() -> Self {
        Self {
            member_id: MEMBER,
            journal_id: OPERATION,
            hold_id: JOURNAL,
            points: Points::new(250),
            released: Points::new(50),
            balance: Points::new(585),
            account_version: 11,
        }
    }
}

impl FactData for PointsRedeemed {
    const TYPE: &'static str = "vafa.points.points_redeemed.v1";
    const ABOUT: &'static str = "Points were redeemed at once. Subject: the member id.";
    fn sample() -> Self {
        Self {
            member_id: MEMBER,
            journal_id: JOURNAL,
            points: Points::new(100),
            branch: Some(BranchCode::parse("tehran-vanak").expect("a code")),
            redemption_id: None,
            balance: Points::new(485),
            account_version: 12,
        }
    }
}

impl FactData for RedemptionReversed {
    const TYPE: &'static str = "vafa.points.redemption_reversed.v1";
    const ABOUT: &'static str = "A redemption was undone, and its points came back. Subject: the member id.";
    fn sample() -> Self {
        Self {
            member_id: MEMBER,
            journal_id: OPERATION,
            redemption_id: JOURNAL,
            points: Points::new(100),
            balance: Points::new(585),
            account_version: 13,
        }
    }
}

impl FactData for PointsActivated {
    const TYPE: &'static str = "vafa.points.points_activated.v1";
    const ABOUT: &'static str = "Pending points can be spent now. Subject: the member id.";
    fn sample() -> Self {
        Self {
            member_id: MEMBER,
            journal_id: OPERATION,
            points: Points::new(125),
            balance: Points::new(710),
            account_version: 14,
        }
    }
}

impl FactData for PointsAdjusted {
    const TYPE: &'static str = "vafa.points.points_adjusted.v1";
    const ABOUT: &'static str = "Points were given or taken by hand. Subject: the member id.";
    fn sample() -> Self {
        Self {
            member_id: MEMBER,
            journal_id: JOURNAL,
            points: Points::new(-10),
            balance: Points::new(700),
            account_version: 15,
        }
    }
}

impl FactData for AccountStateChanged {
    const TYPE: &'static str = "vafa.points.account_state_changed.v1";
    const ABOUT: &'static str =
        "An account was frozen, opened again, or closed for good. Subject: the member id.";
    fn sample() -> Self {
        Self {
            member_id: MEMBER,
            journal_id: JOURNAL,
            state: "frozen".to_owned(),
            balance: Points::new(700),
            account_version: 16,
        }
    }
}
