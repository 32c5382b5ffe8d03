//! What rewards tells before the time of vouchers is over.

use kernel::{MemberId, RewardCode, Timestamp, VoucherId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{MEMBER, VOUCHER, reward};
use crate::FactData;

/// A voucher of which something is left will be over in so many days: told once for each step that the chain has set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoucherExpiring {
    /// The voucher.
    pub voucher_id: VoucherId,
    /// Whose.
    pub member_id: MemberId,
    /// For which reward.
    pub reward: RewardCode,
    /// Until when it can be used.
    pub valid_until: Timestamp,
    /// The step: so many days before that at most.
    pub days: u16,
    /// How much is left of it.
    pub left: i64,
}

impl FactData for VoucherExpiring {
    const TYPE: &'static str = "vafa.rewards.voucher_expiring.v1";
    const ABOUT: &'static str = "A voucher's time is over soon. Subject: the voucher's id.";
    fn sample() -> Self {
        Self {
            voucher_id: VOUCHER,
            member_id: MEMBER,
            reward: reward(),
            valid_until: Timestamp::from_micros(1_797_592_000_000_000),
            days: 7,
            left: 1,
        }
    }
}
