//! A member bought something, or brought it back: it is counted in challenges and contests.

use async_trait::async_trait;
use bus::{Reaction, ReactionError};
use contracts::{
    Fact, FactData,
    points::{PointsEarned, PointsReturned, SOURCE},
};
use store::Tx;

use crate::{
    commands::{
        Teller,
        challenges::count_purchases::{bought, returned},
    },
    error::Error,
    store::challenges,
};

/// The name under which challenges and contests hear of purchases.
pub const CONSUMER: &str = "rewards-challenges";

/// Counts purchases.
#[derive(Clone)]
pub struct CountPurchases {
    teller: Teller,
}

impl CountPurchases {
    /// Tells what follows with this teller.
    #[must_use]
    pub const fn new(teller: Teller) -> Self {
        Self { teller }
    }
}

fn fault(error: Error) -> ReactionError {
    ReactionError::Fault(error.into())
}

#[async_trait]
impl Reaction for CountPurchases {
    fn consumer(&self) -> &'static str {
        CONSUMER
    }

    fn stream(&self) -> &'static str {
        SOURCE
    }

    fn hears(&self) -> &'static [&'static str] {
        &[PointsEarned::TYPE, PointsReturned::TYPE]
    }

    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        let open = challenges::live(tx, self.teller.clock.now()).await.map_err(fault)?;
        if open.is_empty() {
            return Ok(());
        }
        for fact in facts {
            let trace = fact.traceparent.as_deref();
            if &*fact.kind == PointsEarned::TYPE {
                let told: PointsEarned = fact.read()?;
                bought(&self.teller, tx, &open, (&told, trace)).await.map_err(fault)?;
            } else {
                let told: PointsReturned = fact.read()?;
                returned(&self.teller, tx, &open, (&told, trace)).await.map_err(fault)?;
            }
        }
        Ok(())
    }
}
