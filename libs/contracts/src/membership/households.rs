//! Who belongs together.

use kernel::{HouseholdId, MemberId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::MEMBER;
use crate::FactData;

/// What a member is in their household.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HouseholdRole {
    /// Speaks for it.
    Head,
    /// Belongs to it.
    #[default]
    Member,
    /// Belongs to it, and neither speaks for it nor comes to.
    Child,
}

/// A member came into a household, left it, or has another role in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HouseholdChanged {
    /// Who.
    pub member_id: MemberId,
    /// The household that they belong to from now on; absent for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household: Option<HouseholdId>,
    /// What they are in it; absent for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<HouseholdRole>,
}

impl FactData for HouseholdChanged {
    const TYPE: &'static str = "vafa.membership.household_changed.v1";
    const ABOUT: &'static str =
        "A member came into a household, left it, or has another role in it. Subject: the member id.";
    fn sample() -> Self {
        let household = HouseholdId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0004));
        Self { member_id: MEMBER, household: Some(household), role: Some(HouseholdRole::Head) }
    }
}
