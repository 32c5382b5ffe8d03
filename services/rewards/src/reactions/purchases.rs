//! A member bought something, or brought it back: what comes with purchases, and who has been away, is known by that.

use async_trait::async_trait;
use bus::{Reaction, ReactionError};
use contracts::{
    Fact, FactData,
    points::{PointsEarned, RewardsGranted, RewardsRevoked, SOURCE},
};
use store::Tx;

use crate::{
    commands::{
        Teller,
        promise_gifts::{about_purchases, bought, granted, revoked},
    },
    error::Error,
};

/// The name under which rewards hears of purchases.
pub const CONSUMER: &str = "rewards-purchases";

/// Promises what purchases bring.
#[derive(Clone)]
pub struct HearPurchases {
    teller: Teller,
}

impl HearPurchases {
    /// Tells what follows with this teller.
    #[must_use]
    pub const fn new(teller: Teller) -> Self {
        Self { teller }
    }
}

#[async_trait]
impl Reaction for HearPurchases {
    fn consumer(&self) -> &'static str {
        CONSUMER
    }

    fn stream(&self) -> &'static str {
        SOURCE
    }

    fn hears(&self) -> &'static [&'static str] {
        &[PointsEarned::TYPE, RewardsGranted::TYPE, RewardsRevoked::TYPE]
    }

    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        let fault = |error: Error| ReactionError::Fault(error.into());
        let rules = about_purchases(tx).await.map_err(fault)?;
        for fact in facts {
            match &*fact.kind {
                PointsEarned::TYPE => {
                    let told = (&fact.read()?, fact.seq, fact.time);
                    bought(&self.teller, tx, &rules, told).await.map_err(fault)?;
                }
                RewardsGranted::TYPE => {
                    granted(&self.teller, tx, &fact.read()?, fact.time).await.map_err(fault)?;
                }
                _ => {
                    let traceparent = fact.traceparent.as_deref();
                    revoked(&self.teller, tx, &fact.read()?, traceparent).await.map_err(fault)?;
                }
            }
        }
        Ok(())
    }
}
