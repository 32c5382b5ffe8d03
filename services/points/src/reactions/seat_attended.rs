//! A member came to an event of the chain, or reached the goal of a challenge: actions that rules may be about, once for each event
//! and each challenge.

use std::sync::Arc;

use async_trait::async_trait;
use bus::{Reaction, ReactionError};
use contracts::{
    Fact, FactData,
    rewards::{ChallengeReached, SOURCE, SeatAttended},
};
use store::Tx;

use super::action_done::HearActions;
use crate::commands::record_purchases::Recorder;

/// The name under which points hears who came to events and reached challenges.
pub const CONSUMER: &str = "points-attendance";

/// Gives points for coming, and for reaching a goal.
#[derive(Clone)]
pub struct HearAttendance {
    actions: HearActions,
}

impl HearAttendance {
    /// Records it with this recorder.
    #[must_use]
    pub fn new(recorder: Arc<Recorder>) -> Self {
        Self { actions: HearActions::new(recorder) }
    }
}

#[async_trait]
impl Reaction for HearAttendance {
    fn consumer(&self) -> &'static str {
        CONSUMER
    }

    fn stream(&self) -> &'static str {
        SOURCE
    }

    fn hears(&self) -> &'static [&'static str] {
        &[SeatAttended::TYPE, ChallengeReached::TYPE]
    }

    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        self.actions.record(tx, facts).await
    }
}
