//! A member redeems a reward: points are set aside, redeemed when the reward is ready, freed when it came to
//! nothing, and given back when it is cancelled (W4).

use std::sync::Arc;

use async_trait::async_trait;
use bus::{Reaction, ReactionError};
use contracts::{
    Fact, FactData,
    rewards::{RedemptionCancelled, RedemptionFulfilled, RedemptionReleased, RedemptionRequested, SOURCE},
};
use store::Tx;

use crate::{
    commands::{
        record_purchases::Recorder,
        redemptions::{self, Meant, Wanted},
    },
    domain::Shown,
};

/// The name under which points hears rewards.
pub const CONSUMER: &str = "points-rewards";

/// Holds, captures and releases points for redemptions.
#[derive(Clone)]
pub struct FollowRedemptions {
    recorder: Arc<Recorder>,
}

impl FollowRedemptions {
    /// Does it with this recorder.
    #[must_use]
    pub fn new(recorder: Arc<Recorder>) -> Self {
        Self { recorder }
    }

    async fn follow(&self, tx: &Tx, fact: &Fact) -> Result<(), ReactionError> {
        let traceparent = fact.traceparent.clone();
        match &*fact.kind {
            RedemptionRequested::TYPE => {
                let told: RedemptionRequested = fact.read()?;
                if !told.points.is_positive() || told.hold_s == 0 {
                    return Err(ReactionError::Poison("a redemption for no points, or no time".to_owned()));
                }
                // Of whom nothing was said, nothing is known to have been shown.
                let shown = told.shown.map_or(Shown::default(), |shown| Shown {
                    confirmed: shown.phone_confirmed,
                    vouched: shown.vouched,
                });
                let wanted = Wanted {
                    redemption: told.redemption_id,
                    member: told.member_id,
                    points: told.points,
                    until: told.until,
                    hold_s: told.hold_s,
                    branch: told.branch,
                    shown,
                };
                redemptions::hold(&self.recorder, tx, wanted, traceparent).await?;
            }
            RedemptionFulfilled::TYPE => {
                let RedemptionFulfilled { redemption_id: redemption, member_id: member } = fact.read()?;
                redemptions::capture(&self.recorder, tx, &Meant { redemption, member, traceparent }).await?;
            }
            RedemptionReleased::TYPE => {
                let told: RedemptionReleased = fact.read()?;
                let (redemption, member) = (told.redemption_id, told.member_id);
                redemptions::release(&self.recorder, tx, &Meant { redemption, member, traceparent }).await?;
            }
            RedemptionCancelled::TYPE => {
                let told: RedemptionCancelled = fact.read()?;
                let (redemption, member) = (told.redemption_id, told.member_id);
                redemptions::refund(&self.recorder, tx, &Meant { redemption, member, traceparent }).await?;
            }
            _ => {}
        }
        Ok(())
    }
}

#[async_trait]
impl Reaction for FollowRedemptions {
    fn consumer(&self) -> &'static str {
        CONSUMER
    }

    fn stream(&self) -> &'static str {
        SOURCE
    }

    fn hears(&self) -> &'static [&'static str] {
        &[
            RedemptionRequested::TYPE,
            RedemptionFulfilled::TYPE,
            RedemptionReleased::TYPE,
            RedemptionCancelled::TYPE,
        ]
    }

    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        for fact in facts {
            self.follow(tx, fact).await?;
        }
        Ok(())
    }
}
