//! Facts about members who pay for a plan.

use kernel::{Day, MemberId, PlanCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::MEMBER;
use crate::FactData;

/// Where a member's plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanStanding {
    /// It is paid for.
    Active,
    /// It is paid for, and the next period can be paid by now.
    RenewalDue,
    /// The last period is over and the next one was not paid: the benefits go on for some days.
    Grace,
    /// It ended, as it was not renewed.
    Lapsed,
    /// It ended, as the member had cancelled it.
    Cancelled,
}

impl PlanStanding {
    /// Whether the member has what the plan gives.
    #[must_use]
    pub const fn has_benefits(self) -> bool {
        matches!(self, Self::Active | Self::RenewalDue | Self::Grace)
    }
}

/// A member's plan stands elsewhere than before, or lasts longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanStandingChanged {
    /// Whose.
    pub member_id: MemberId,
    /// Which plan.
    pub plan: PlanCode,
    /// Where it stands now.
    pub standing: PlanStanding,
    /// The last day that is paid for, on the chain's wall clock.
    pub through: Day,
}

impl FactData for PlanStandingChanged {
    const TYPE: &'static str = "vafa.membership.plan_standing_changed.v1";
    const ABOUT: &'static str = "A member's paid plan began, was renewed, is due, is in its days of grace, or ended. Subject: the member id, `/plan`.";
    fn sample() -> Self {
        Self {
            member_id: MEMBER,
            plan: PlanCode::parse("plus").expect("a code"),
            standing: PlanStanding::Active,
            through: Day::from_number(20_700),
        }
    }
}
