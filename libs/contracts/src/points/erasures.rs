//! That points has done its part of an erasure.

use kernel::MemberId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::MEMBER;
use crate::FactData;

/// The account of an erased member is closed, and nothing leads to it any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberForgotten {
    /// Who it was.
    pub member_id: MemberId,
}

impl FactData for MemberForgotten {
    const TYPE: &'static str = "vafa.points.member_forgotten.v1";
    const ABOUT: &'static str = "The account of an erased member is closed, its points have lapsed, and nothing leads to it any more. Told once. Subject: the member id, with /erasure behind.";
    fn sample() -> Self {
        Self { member_id: MEMBER }
    }
}
