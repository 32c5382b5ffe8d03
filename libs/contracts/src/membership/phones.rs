//! What is known of a member's phone, without the phone.

use kernel::{MemberId, Timestamp};
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

/// How a member's phone came to be another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PhoneChangedBy {
    /// The member had both phones at hand.
    Member,
    /// Two people of the back office saw to it, since the former phone is gone.
    Office,
    /// Whoever has the former phone called a change back.
    Recall,
}

/// Another phone leads to a member, and the former one leads to them no longer. Which ones is told beside it, by keyed hashes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PhoneChanged {
    /// Who.
    pub member_id: MemberId,
    /// How it came about.
    pub by: PhoneChangedBy,
    /// Until when nothing much may leave the account, since somebody else may have taken it over; absent where both phones
    /// were at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guarded_until: Option<Timestamp>,
}

impl FactData for PhoneChanged {
    const TYPE: &'static str = "vafa.membership.phone_changed.v1";
    const ABOUT: &'static str = "Another phone leads to a member now. Until guarded_until they may pass no points on and spend few. Subject: the member id.";
    fn sample() -> Self {
        let guarded_until = Some(Timestamp::from_micros(1_764_000_000_000_000));
        Self { member_id: MEMBER, by: PhoneChangedBy::Office, guarded_until }
    }
}
