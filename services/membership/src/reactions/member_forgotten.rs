//! Another service told that it has done its part of an erasure.

use async_trait::async_trait;
use bus::{Reaction, ReactionError};
use contracts::{Fact, FactData, points, rewards};
use store::Tx;

use crate::{commands::confirm_erasure::confirm_erasure, domain::leaving::Forgetter};

/// The name under which membership hears from points what became of erasures.
pub const OF_POINTS: &str = "membership-erasures";
/// The name under which it hears so from rewards.
pub const OF_REWARDS: &str = "membership-erasures-rewards";

/// Hears one service's word that a member is forgotten.
#[derive(Debug, Clone, Copy)]
pub struct ConfirmErasures(pub Forgetter);

#[async_trait]
impl Reaction for ConfirmErasures {
    fn consumer(&self) -> &'static str {
        match self.0 {
            Forgetter::Points => OF_POINTS,
            Forgetter::Rewards => OF_REWARDS,
        }
    }

    fn stream(&self) -> &'static str {
        match self.0 {
            Forgetter::Points => points::SOURCE,
            Forgetter::Rewards => rewards::SOURCE,
        }
    }

    fn hears(&self) -> &'static [&'static str] {
        match self.0 {
            Forgetter::Points => &[points::MemberForgotten::TYPE],
            Forgetter::Rewards => &[rewards::MemberForgotten::TYPE],
        }
    }

    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        for fact in facts {
            let member = match self.0 {
                Forgetter::Points => fact.read::<points::MemberForgotten>()?.member_id,
                Forgetter::Rewards => fact.read::<rewards::MemberForgotten>()?.member_id,
            };
            let confirmed = confirm_erasure(tx, self.0, member, fact.time).await;
            confirmed.map_err(|error| ReactionError::Fault(error.into()))?;
        }
        Ok(())
    }
}
