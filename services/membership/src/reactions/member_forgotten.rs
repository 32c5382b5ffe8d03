//! `points` told that it has done its part of an erasure.

use async_trait::async_trait;
use bus::{Reaction, ReactionError};
use contracts::{
    Fact, FactData,
    points::{MemberForgotten, SOURCE},
};
use store::Tx;

use crate::commands::confirm_erasure::confirm_erasure;

/// The name under which membership hears what became of erasures.
pub const CONSUMER: &str = "membership-erasures";

/// Hears [`MemberForgotten`].
#[derive(Debug, Clone, Copy, Default)]
pub struct ConfirmErasures;

#[async_trait]
impl Reaction for ConfirmErasures {
    fn consumer(&self) -> &'static str {
        CONSUMER
    }

    fn stream(&self) -> &'static str {
        SOURCE
    }

    fn hears(&self) -> &'static [&'static str] {
        &[MemberForgotten::TYPE]
    }

    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        for fact in facts {
            let told: MemberForgotten = fact.read()?;
            let confirmed = confirm_erasure(tx, told.member_id, fact.time).await;
            confirmed.map_err(|error| ReactionError::Fault(error.into()))?;
        }
        Ok(())
    }
}
