//! That rewards has done its part of an erasure.

use kernel::MemberId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::MEMBER;
use crate::FactData;

/// What an erased member had is called back, and nothing of rewards leads to them any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = MemberForgottenByRewards)]
pub struct MemberForgotten {
    /// Who it was.
    pub member_id: MemberId,
}

impl FactData for MemberForgotten {
    const TYPE: &'static str = "vafa.rewards.member_forgotten.v1";
    const ABOUT: &'static str = "The vouchers of an erased member are called back, and nothing of rewards leads to them any more. Told once. Subject: the member id, with /erasure behind.";
    fn sample() -> Self {
        Self { member_id: MEMBER }
    }
}
