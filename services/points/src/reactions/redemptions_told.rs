//! A member redeems a reward: points are set aside and redeemed when the reward is ready, or at once where it is, freed when it came
//! to nothing, and given back when it is cancelled (W4).

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
        redemptions::{self, Meant, Told, Wanted},
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
}

/// What a fact of rewards asks of points.
fn read(fact: &Fact) -> Result<Option<Told>, ReactionError> {
    let traceparent = fact.traceparent.clone();
    let meant = |redemption, member| Meant { redemption, member, traceparent: fact.traceparent.clone() };
    Ok(Some(match &*fact.kind {
        RedemptionRequested::TYPE => {
            let told: RedemptionRequested = fact.read()?;
            let hold_s = (!told.at_once).then_some(told.hold_s);
            if !told.points.is_positive() || hold_s == Some(0) {
                return Err(ReactionError::Poison("a redemption for no points, or no time".to_owned()));
            }
            // Of whom nothing was said, nothing is known to have been shown.
            let shown = told.shown.map_or(Shown::default(), |shown| Shown {
                confirmed: shown.phone_confirmed,
                vouched: shown.vouched,
            });
            Told::Requested(Wanted {
                redemption: told.redemption_id,
                member: told.member_id,
                points: told.points,
                until: told.until,
                hold_s,
                branch: told.branch,
                shown,
                traceparent,
            })
        }
        RedemptionFulfilled::TYPE => {
            let told: RedemptionFulfilled = fact.read()?;
            Told::Fulfilled(meant(told.redemption_id, told.member_id))
        }
        RedemptionReleased::TYPE => {
            let told: RedemptionReleased = fact.read()?;
            Told::Released(meant(told.redemption_id, told.member_id))
        }
        RedemptionCancelled::TYPE => {
            let told: RedemptionCancelled = fact.read()?;
            Told::Cancelled(meant(told.redemption_id, told.member_id))
        }
        _ => return Ok(None),
    }))
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
        let mut all = Vec::with_capacity(facts.len());
        for fact in facts {
            all.extend(read(fact)?);
        }
        Ok(redemptions::follow(&self.recorder, tx, all).await?)
    }
}
