//! Facts about what members are given without redeeming points for it.

use kernel::{GiftId, MemberId, RewardCode, VoucherId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{MEMBER, VOUCHER, reward};
use crate::FactData;

/// Why a member is given something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyGiven {
    /// It is their birthday.
    Birthday,
    /// They joined on this day, years ago.
    JoinAnniversary,
    /// They joined.
    Joined,
    /// A purchase met a rule of the programme, and its answer said so.
    Purchase,
    /// They were lucky with a purchase, or it was one of so many.
    Surprise,
    /// They have not bought anything for a while.
    WinBack,
    /// They won it.
    Prize,
    /// They took up an offer that was made to them.
    Offer,
    /// They booked a seat that is free for them.
    Seat,
    /// They reached the goal of a challenge.
    Challenge,
    /// They came in among the first of a contest.
    Contest,
}

/// A member was given something, and redeemed no points for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GiftGiven {
    /// The gift.
    pub gift_id: GiftId,
    /// Who.
    pub member_id: MemberId,
    /// What.
    pub reward: RewardCode,
    /// Why.
    pub why: WhyGiven,
    /// Its voucher; absent for a reward that is given without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voucher_id: Option<VoucherId>,
}

impl FactData for GiftGiven {
    const TYPE: &'static str = "vafa.rewards.gift_given.v1";
    const ABOUT: &'static str =
        "A member was given something, and redeemed no points for it. Subject: the gift's id.";
    fn sample() -> Self {
        let gift_id = GiftId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_000d));
        let why = WhyGiven::JoinAnniversary;
        Self { gift_id, member_id: MEMBER, reward: reward(), why, voucher_id: Some(VOUCHER) }
    }
}
