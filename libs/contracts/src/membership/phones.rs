//! What is known of a member's phone, without the phone.

use kernel::MemberId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::MEMBER;
use crate::FactData;

/// A member has shown, by a one-time code, that the phone by which they are known is theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PhoneConfirmed {
    /// Who.
    pub member_id: MemberId,
}

impl FactData for PhoneConfirmed {
    const TYPE: &'static str = "vafa.membership.phone_confirmed.v1";
    const ABOUT: &'static str = "A member has shown by a one-time code that their phone is theirs. Told once. Subject: the member id.";
    fn sample() -> Self {
        Self { member_id: MEMBER }
    }
}
