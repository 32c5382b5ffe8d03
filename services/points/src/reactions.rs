//! Facts of `membership`, turned into the projections that the hot path reads, one file a fact; and those of `rewards`, which hold,
//! capture and release points.

mod action_done;
mod branch_opened;
mod card_handed_over;
mod household_changed;
mod identifier_linked;
mod member_erased;
mod member_joined;
mod members_merged;
mod occasion_reached;
mod phone_changed;
mod phone_confirmed;
mod plan_standing_changed;
mod redemptions_told;
mod region_opened;
mod seat_attended;

use std::sync::Arc;

use async_trait::async_trait;
use bus::{Reaction, ReactionError};
use contracts::{
    Fact, FactData,
    membership::{
        BranchOpened, HouseholdChanged, IdentifierLinked, MemberErased, MemberJoined, MembersMerged,
        OccasionReached, PhoneChanged, PhoneConfirmed, PlanStandingChanged, RegionOpened, SOURCE,
    },
};
use store::Tx;

use crate::commands::record_purchases::Recorder;

pub use action_done::{CONSUMER as ACTIONS_CONSUMER, HearActions};
pub use card_handed_over::{CONSUMER as CARDS_CONSUMER, FollowCards};
pub use redemptions_told::{CONSUMER as REWARDS_CONSUMER, FollowRedemptions};
pub use seat_attended::{CONSUMER as ATTENDANCE_CONSUMER, HearAttendance};

/// The name under which points hears membership.
pub const CONSUMER: &str = "points-membership";

/// Keeps what points knows of members, identifiers and places.
#[derive(Clone)]
pub struct FollowMembership {
    recorder: Arc<Recorder>,
}

impl FollowMembership {
    /// Closes the accounts of erased members with this recorder.
    #[must_use]
    pub fn new(recorder: Arc<Recorder>) -> Self {
        Self { recorder }
    }
}

#[async_trait]
impl Reaction for FollowMembership {
    fn consumer(&self) -> &'static str {
        CONSUMER
    }

    fn stream(&self) -> &'static str {
        SOURCE
    }

    fn hears(&self) -> &'static [&'static str] {
        &[
            RegionOpened::TYPE,
            BranchOpened::TYPE,
            MemberJoined::TYPE,
            IdentifierLinked::TYPE,
            OccasionReached::TYPE,
            HouseholdChanged::TYPE,
            PhoneChanged::TYPE,
            PhoneConfirmed::TYPE,
            PlanStandingChanged::TYPE,
            MembersMerged::TYPE,
            MemberErased::TYPE,
        ]
    }

    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        let of = |kind: &'static str| facts.iter().filter(move |fact| fact.kind == kind);
        region_opened::apply(tx, of(RegionOpened::TYPE)).await?;
        branch_opened::apply(tx, of(BranchOpened::TYPE)).await?;
        member_joined::apply(tx, of(MemberJoined::TYPE)).await?;
        identifier_linked::apply(tx, of(IdentifierLinked::TYPE)).await?;
        occasion_reached::apply(tx, of(OccasionReached::TYPE)).await?;
        household_changed::apply(tx, of(HouseholdChanged::TYPE)).await?;
        phone_changed::apply(&self.recorder, tx, of(PhoneChanged::TYPE)).await?;
        phone_confirmed::apply(tx, of(PhoneConfirmed::TYPE)).await?;
        plan_standing_changed::apply(tx, of(PlanStandingChanged::TYPE)).await?;
        members_merged::apply(&self.recorder, tx, of(MembersMerged::TYPE)).await?;
        // Last: what was told of them before is not to come back.
        member_erased::apply(&self.recorder, tx, of(MemberErased::TYPE)).await
    }
}
