//! Facts about members who bring friends.

use kernel::{BranchCode, MemberId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{MEMBER, branch};
use crate::FactData;

/// Somebody who joined a moment ago gave a member's referral code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReferralMade {
    /// Whose code it was.
    pub referrer: MemberId,
    /// Who joined.
    pub friend: MemberId,
}

/// A friend made the purchase that counts: both sides have earned what the chain promises for it.
///
/// Told once for a friend, whatever they buy afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReferralQualified {
    /// Whose code it was.
    pub referrer: MemberId,
    /// Who joined by it.
    pub friend: MemberId,
    /// The branch of the purchase.
    pub branch: BranchCode,
}

/// The purchase that counted was returned, or too much of it: the referral did not count in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReferralUndone {
    /// Whose code it was.
    pub referrer: MemberId,
    /// Who joined by it.
    pub friend: MemberId,
}

const FRIEND: MemberId = MemberId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0009));

impl FactData for ReferralMade {
    const TYPE: &'static str = "vafa.membership.referral_made.v1";
    const ABOUT: &'static str = "Somebody who joined a moment ago gave a member's referral code. Subject: the friend's member id, `/referral`.";
    fn sample() -> Self {
        Self { referrer: MEMBER, friend: FRIEND }
    }
}

impl FactData for ReferralQualified {
    const TYPE: &'static str = "vafa.membership.referral_qualified.v1";
    const ABOUT: &'static str = "A referred friend made the purchase that counts; told once for a friend. Subject: the friend's member id, `/referral`.";
    fn sample() -> Self {
        Self { referrer: MEMBER, friend: FRIEND, branch: branch() }
    }
}

impl FactData for ReferralUndone {
    const TYPE: &'static str = "vafa.membership.referral_undone.v1";
    const ABOUT: &'static str = "The purchase that made a referral count was returned, or too much of it. Subject: the friend's member id, `/referral`.";
    fn sample() -> Self {
        Self { referrer: MEMBER, friend: FRIEND }
    }
}
