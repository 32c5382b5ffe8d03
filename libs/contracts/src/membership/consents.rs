//! What members consent to, without what they were shown.

use kernel::{MemberId, PurposeCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::MEMBER;
use crate::FactData;

/// Through what a member said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsentChannel {
    /// The member themself, signed in.
    App,
    /// At a till.
    Till,
    /// The back office, for the member.
    Office,
}

/// A member consents to a purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsentGiven {
    /// Who.
    pub member_id: MemberId,
    /// To what.
    pub purpose: PurposeCode,
    /// Through what they said so.
    pub channel: ConsentChannel,
}

/// A member consents to a purpose no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsentWithdrawn {
    /// Who.
    pub member_id: MemberId,
    /// To what no more.
    pub purpose: PurposeCode,
    /// Through what they said so.
    pub channel: ConsentChannel,
}

fn purpose() -> PurposeCode {
    PurposeCode::parse("offers-by-sms").expect("a code")
}

impl FactData for ConsentGiven {
    const TYPE: &'static str = "vafa.membership.consent_given.v1";
    const ABOUT: &'static str =
        "A member consents to a purpose, or to another version of its text. Subject: the member id.";
    fn sample() -> Self {
        Self { member_id: MEMBER, purpose: purpose(), channel: ConsentChannel::Till }
    }
}

impl FactData for ConsentWithdrawn {
    const TYPE: &'static str = "vafa.membership.consent_withdrawn.v1";
    const ABOUT: &'static str = "A member consents to a purpose no more. Subject: the member id.";
    fn sample() -> Self {
        Self { member_id: MEMBER, purpose: purpose(), channel: ConsentChannel::App }
    }
}
