//! Facts that `rewards` tells: what was asked for, what came of it, and what became of vouchers. None has a voucher's code.

use kernel::{
    BranchCode, GiftId, MemberId, Points, RedemptionId, RewardCode, Timestamp, VoucherId, VoucherUseId,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::FactData;

mod bearer_codes;
mod cancellations;
mod challenges;
mod draws;
mod erasures;
mod events;
mod gifts;
mod reminders;

pub use bearer_codes::{BearerCodeUseCancelled, BearerCodeUsed};
pub use cancellations::{RedemptionCancelled, WhoCancelled};
pub use challenges::{ChallengeReached, ContestDecided, ContestWon};
pub use draws::{DrawSettled, DrawWon};
pub use erasures::MemberForgotten;
pub use events::{SeatAttended, SeatBooked, SeatEnded, SeatMissed, WhySeatEnded};
pub use gifts::{GiftGiven, WhyGiven};
pub use reminders::VoucherExpiring;

/// The service that owns these facts, and the name of its stream.
pub const SOURCE: &str = "rewards";

const MEMBER: MemberId = MemberId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0001));
const REDEMPTION: RedemptionId =
    RedemptionId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_000a));
const VOUCHER: VoucherId = VoucherId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_000b));
const USE: VoucherUseId = VoucherUseId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_000c));

fn reward() -> RewardCode {
    RewardCode::parse("coffee").expect("a code")
}

fn branch() -> BranchCode {
    BranchCode::parse("tehran-vanak").expect("a code")
}

/// A member wants a reward, and one of it is reserved: points sets aside what it costs, under the redemption's id, or refuses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RedemptionRequested {
    /// The redemption; the hold has the same id.
    pub redemption_id: RedemptionId,
    /// Who.
    pub member_id: MemberId,
    /// What for.
    pub reward: RewardCode,
    /// What it costs.
    pub points: Points,
    /// Who hears of it later sets nothing aside.
    pub until: Timestamp,
    /// How long points are set aside, in seconds.
    pub hold_s: u32,
    /// At which branch, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<BranchCode>,
    /// What the member showed of themselves where they asked; absent in facts from before it was asked: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<MemberShown>,
}

/// What a member showed of themselves when they asked for a reward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberShown {
    /// Whether they showed once, by a one-time code, that the phone is theirs.
    pub phone_confirmed: bool,
    /// Whether a fresh code vouches for them there.
    pub vouched: bool,
}

/// What was asked for is ready: points redeems what it set aside, or says that it cannot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RedemptionFulfilled {
    /// The redemption.
    pub redemption_id: RedemptionId,
    /// Whose.
    pub member_id: MemberId,
}

/// A redemption is done: its points are redeemed, and the member has the reward.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RedemptionCompleted {
    /// The redemption.
    pub redemption_id: RedemptionId,
    /// Whose.
    pub member_id: MemberId,
    /// What for.
    pub reward: RewardCode,
    /// What it cost.
    pub points: Points,
    /// The voucher; absent for a reward that is given without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voucher_id: Option<VoucherId>,
    /// At which branch, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<BranchCode>,
}

/// Why a redemption came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyReleased {
    /// There were fewer points than the reward costs.
    BalanceTooLow,
    /// The account is frozen.
    AccountFrozen,
    /// The account is closed.
    AccountClosed,
    /// The account is guarded, and lets no more points go for now.
    AccountGuarded,
    /// Points did not answer in time.
    TimedOut,
    /// What had been set aside was free again before it could be redeemed.
    HoldOver,
    /// The member has not confirmed their phone, which the programme wants.
    PhoneUnconfirmed,
    /// No fresh code vouches for the member, which the programme wants for so many points.
    CodeNeeded,
    /// The member's data is erased.
    MemberErased,
    /// Whoever was to deliver it will not.
    NotDelivered,
}

/// A redemption came to nothing: what was reserved is back, and points that are set aside for it are to be free again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RedemptionReleased {
    /// The redemption.
    pub redemption_id: RedemptionId,
    /// Whose.
    pub member_id: MemberId,
    /// What for.
    pub reward: RewardCode,
    /// What it would have cost.
    pub points: Points,
    /// Why.
    pub reason: WhyReleased,
}

/// A member has a voucher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoucherIssued {
    /// The voucher.
    pub voucher_id: VoucherId,
    /// Whose.
    pub member_id: MemberId,
    /// For which reward.
    pub reward: RewardCode,
    /// The redemption that brought it; absent for a gift.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redemption_id: Option<RedemptionId>,
    /// The gift that it is; absent where points were redeemed for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gift_id: Option<GiftId>,
    /// Until when it can be used.
    pub valid_until: Timestamp,
}

/// A voucher was used at a till, perhaps in part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoucherRedeemed {
    /// The voucher.
    pub voucher_id: VoucherId,
    /// Whose.
    pub member_id: MemberId,
    /// For which reward.
    pub reward: RewardCode,
    /// This use of it.
    pub use_id: VoucherUseId,
    /// Where.
    pub branch: BranchCode,
    /// How much of it: minor units of purchase credit, 1 of anything else.
    pub amount: i64,
    /// How much is left.
    pub left: i64,
}

/// A use of a voucher was taken back, and the voucher is worth as much more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoucherUseCancelled {
    /// The voucher.
    pub voucher_id: VoucherId,
    /// Whose.
    pub member_id: MemberId,
    /// For which reward.
    pub reward: RewardCode,
    /// The use that was taken back.
    pub use_id: VoucherUseId,
    /// How much of it.
    pub amount: i64,
    /// How much is left.
    pub left: i64,
}

/// A voucher was cancelled: it cannot be used any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoucherCancelled {
    /// The voucher.
    pub voucher_id: VoucherId,
    /// Whose.
    pub member_id: MemberId,
    /// For which reward.
    pub reward: RewardCode,
    /// How much was left of it.
    pub left: i64,
}

/// A voucher's time is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoucherExpired {
    /// The voucher.
    pub voucher_id: VoucherId,
    /// Whose.
    pub member_id: MemberId,
    /// For which reward.
    pub reward: RewardCode,
    /// How much was left of it.
    pub left: i64,
}

impl FactData for RedemptionRequested {
    const TYPE: &'static str = "vafa.rewards.redemption_requested.v1";
    const ABOUT: &'static str =
        "A member wants a reward, and one of it is reserved. Subject: the redemption's id.";
    fn sample() -> Self {
        Self {
            redemption_id: REDEMPTION,
            member_id: MEMBER,
            reward: reward(),
            points: Points::new(150),
            until: Timestamp::from_micros(1_795_000_030_000_000),
            hold_s: 900,
            branch: Some(branch()),
            shown: Some(MemberShown { phone_confirmed: true, vouched: false }),
        }
    }
}

impl FactData for RedemptionFulfilled {
    const TYPE: &'static str = "vafa.rewards.redemption_fulfilled.v1";
    const ABOUT: &'static str = "What was asked for is ready. Subject: the redemption's id.";
    fn sample() -> Self {
        Self { redemption_id: REDEMPTION, member_id: MEMBER }
    }
}

impl FactData for RedemptionCompleted {
    const TYPE: &'static str = "vafa.rewards.redemption_completed.v1";
    const ABOUT: &'static str = "A redemption of a reward is done. Subject: the redemption's id.";
    fn sample() -> Self {
        Self {
            redemption_id: REDEMPTION,
            member_id: MEMBER,
            reward: reward(),
            points: Points::new(150),
            voucher_id: Some(VOUCHER),
            branch: Some(branch()),
        }
    }
}

impl FactData for RedemptionReleased {
    const TYPE: &'static str = "vafa.rewards.redemption_released.v1";
    const ABOUT: &'static str = "A redemption of a reward came to nothing. Subject: the redemption's id.";
    fn sample() -> Self {
        Self {
            redemption_id: REDEMPTION,
            member_id: MEMBER,
            reward: reward(),
            points: Points::new(150),
            reason: WhyReleased::BalanceTooLow,
        }
    }
}

impl FactData for VoucherIssued {
    const TYPE: &'static str = "vafa.rewards.voucher_issued.v1";
    const ABOUT: &'static str = "A member has a voucher. Subject: the voucher's id.";
    fn sample() -> Self {
        Self {
            voucher_id: VOUCHER,
            member_id: MEMBER,
            reward: reward(),
            redemption_id: Some(REDEMPTION),
            gift_id: None,
            valid_until: Timestamp::from_micros(1_797_592_000_000_000),
        }
    }
}

impl FactData for VoucherRedeemed {
    const TYPE: &'static str = "vafa.rewards.voucher_redeemed.v1";
    const ABOUT: &'static str = "A voucher was used at a till, perhaps in part. Subject: the voucher's id.";
    fn sample() -> Self {
        Self {
            voucher_id: VOUCHER,
            member_id: MEMBER,
            reward: reward(),
            use_id: USE,
            branch: branch(),
            amount: 1,
            left: 0,
        }
    }
}

impl FactData for VoucherUseCancelled {
    const TYPE: &'static str = "vafa.rewards.voucher_use_cancelled.v1";
    const ABOUT: &'static str = "A use of a voucher was taken back. Subject: the voucher's id.";
    fn sample() -> Self {
        Self { voucher_id: VOUCHER, member_id: MEMBER, reward: reward(), use_id: USE, amount: 1, left: 1 }
    }
}

impl FactData for VoucherCancelled {
    const TYPE: &'static str = "vafa.rewards.voucher_cancelled.v1";
    const ABOUT: &'static str =
        "A voucher was cancelled: it cannot be used any more. Subject: the voucher's id.";
    fn sample() -> Self {
        Self { voucher_id: VOUCHER, member_id: MEMBER, reward: reward(), left: 1 }
    }
}

impl FactData for VoucherExpired {
    const TYPE: &'static str = "vafa.rewards.voucher_expired.v1";
    const ABOUT: &'static str = "A voucher's time is over. Subject: the voucher's id.";
    fn sample() -> Self {
        Self { voucher_id: VOUCHER, member_id: MEMBER, reward: reward(), left: 1 }
    }
}
