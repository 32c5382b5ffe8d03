//! Who left, and whose data is to be erased everywhere.

use kernel::{BranchCode, MemberId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{MEMBER, branch};
use crate::FactData;

/// A member left the club.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberLeft {
    /// Who.
    pub member_id: MemberId,
}

/// What was known of a person is erased; the id alone is left, and leads to nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberErased {
    /// Whose data it was.
    pub member_id: MemberId,
    /// The branch that stands for debts which are left, where one is known: where they had joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<BranchCode>,
}

impl FactData for MemberLeft {
    const TYPE: &'static str = "vafa.membership.member_left.v1";
    const ABOUT: &'static str = "A member left the club. Subject: the member id.";
    fn sample() -> Self {
        Self { member_id: MEMBER }
    }
}

impl FactData for MemberErased {
    const TYPE: &'static str = "vafa.membership.member_erased.v1";
    const ABOUT: &'static str = "What was known of a member is erased, and everybody erases what they know. Told again after a restore. Subject: the member id.";
    fn sample() -> Self {
        Self { member_id: MEMBER, branch: Some(branch()) }
    }
}
