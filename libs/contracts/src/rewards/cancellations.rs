//! What rewards tells when a redemption that was done is cancelled.

use kernel::{MemberId, Points, RedemptionId, RewardCode, VoucherId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{MEMBER, REDEMPTION, VOUCHER, reward};
use crate::FactData;

/// Who cancelled it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhoCancelled {
    /// The member, as the reward's terms let them.
    Member,
    /// Somebody of the chain, with a reason that stays with rewards.
    Chain,
}

/// A redemption that was done is cancelled, its voucher first: points gives back what it cost, to the lots it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RedemptionCancelled {
    /// The redemption.
    pub redemption_id: RedemptionId,
    /// Whose.
    pub member_id: MemberId,
    /// What for.
    pub reward: RewardCode,
    /// What it cost.
    pub points: Points,
    /// The voucher, which can be used no more; absent for a reward that is given without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voucher_id: Option<VoucherId>,
    /// Who cancelled it.
    pub by: WhoCancelled,
}

impl FactData for RedemptionCancelled {
    const TYPE: &'static str = "vafa.rewards.redemption_cancelled.v1";
    const ABOUT: &'static str = "A redemption of a reward was cancelled, and its points are to come back. Subject: the redemption's id.";
    fn sample() -> Self {
        Self {
            redemption_id: REDEMPTION,
            member_id: MEMBER,
            reward: reward(),
            points: Points::new(150),
            voucher_id: Some(VOUCHER),
            by: WhoCancelled::Member,
        }
    }
}
