//! What points says to redemptions of rewards, besides what it says of every hold.

use kernel::{MemberId, Points, RedemptionId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::MEMBER;
use crate::FactData;

/// Why points cannot be had for a redemption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyRefused {
    /// There are fewer points than the reward costs.
    BalanceTooLow,
    /// The account is frozen.
    AccountFrozen,
    /// The account is closed.
    AccountClosed,
    /// The account is guarded, and lets no more points go for now.
    AccountGuarded,
    /// The request was heard after its time was over.
    TooLate,
    /// What had been set aside is free again, or was never set aside.
    HoldOver,
    /// The programme wants a confirmed phone, and the member has not confirmed theirs.
    PhoneUnconfirmed,
    /// The programme wants a fresh code for so many points, and none vouches for the member there.
    CodeNeeded,
}

/// Points cannot be had for a redemption: none were set aside, or what was set aside cannot be redeemed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RedemptionRefused {
    /// Which redemption.
    pub redemption_id: RedemptionId,
    /// Whose points.
    pub member_id: MemberId,
    /// Why.
    pub reason: WhyRefused,
    /// How many points there were too few, where that is why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Points>,
}

/// A redemption was cancelled, and what it had cost is back: the very lots that it took, with their last days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RedemptionRefunded {
    /// Which redemption.
    pub redemption_id: RedemptionId,
    /// Whose points.
    pub member_id: MemberId,
    /// By how many the balance grew: a debt is paid first, and what has lapsed meanwhile lapses again.
    pub points: Points,
}

/// A redemption was cancelled, and what it had cost cannot come back: the account is closed, or nothing was captured for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RefundRefused {
    /// Which redemption.
    pub redemption_id: RedemptionId,
    /// Whose points.
    pub member_id: MemberId,
    /// Why.
    pub reason: WhyRefused,
}

impl FactData for RedemptionRefused {
    const TYPE: &'static str = "vafa.points.redemption_refused.v1";
    const ABOUT: &'static str =
        "Points cannot be had for a redemption of a reward. Subject: the redemption's id.";
    fn sample() -> Self {
        Self {
            redemption_id: RedemptionId::from_uuid(Uuid::from_u128(
                0x0192_f3a1_7c00_7000_8000_0000_0000_000a,
            )),
            member_id: MEMBER,
            reason: WhyRefused::BalanceTooLow,
            missing: Some(Points::new(40)),
        }
    }
}

impl FactData for RedemptionRefunded {
    const TYPE: &'static str = "vafa.points.redemption_refunded.v1";
    const ABOUT: &'static str =
        "What a cancelled redemption of a reward had cost is back. Subject: the redemption's id.";
    fn sample() -> Self {
        let RedemptionRefused { redemption_id, member_id, .. } = RedemptionRefused::sample();
        Self { redemption_id, member_id, points: Points::new(150) }
    }
}

impl FactData for RefundRefused {
    const TYPE: &'static str = "vafa.points.refund_refused.v1";
    const ABOUT: &'static str =
        "What a cancelled redemption of a reward had cost cannot come back. Subject: the redemption's id.";
    fn sample() -> Self {
        let RedemptionRefused { redemption_id, member_id, .. } = RedemptionRefused::sample();
        Self { redemption_id, member_id, reason: WhyRefused::AccountClosed }
    }
}
