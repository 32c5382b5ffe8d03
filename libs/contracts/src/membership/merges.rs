//! Two memberships of one person became one.

use kernel::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::MEMBER;
use crate::FactData;

const OTHER: MemberId = MemberId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0002));

/// Two memberships turned out to be one person's: one stays, and the other one is a name for it from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MembersMerged {
    /// Who stays.
    pub survivor: MemberId,
    /// Whose id leads to the survivor from now on.
    pub absorbed: MemberId,
    /// Until when nothing much may leave the account, since one of the phones was not at hand; absent where both were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guarded_until: Option<Timestamp>,
}

impl FactData for MembersMerged {
    const TYPE: &'static str = "vafa.membership.members_merged.v1";
    const ABOUT: &'static str = "Two memberships turned out to be one person's: everything of absorbed belongs to survivor, for good. Subject: the member id of who stays.";
    fn sample() -> Self {
        Self { survivor: MEMBER, absorbed: OTHER, guarded_until: None }
    }
}
