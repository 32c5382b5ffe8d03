//! A member bought something, or brought it back: personal offers are fulfilled by that, and habits are known by it.

use async_trait::async_trait;
use bus::{Reaction, ReactionError};
use contracts::{
    Fact, FactData,
    points::{PointsEarned, PointsReturned, SOURCE},
};
use kernel::MemberId;
use store::Tx;

use crate::{
    commands::{
        Teller,
        personal_offers::{
            fulfil_offers::{bought, returned},
            note_tastes,
        },
    },
    error::Error,
    store::personal_offers,
};

/// The name under which personal offers hear of purchases.
pub const CONSUMER: &str = "rewards-offers";

/// A purchase that is heard of later than this after an offer's end does not fulfil it: seven days.
const LATE_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// Fulfils offers.
#[derive(Clone)]
pub struct FulfilOffers {
    teller: Teller,
}

impl FulfilOffers {
    /// Tells what follows with this teller.
    #[must_use]
    pub const fn new(teller: Teller) -> Self {
        Self { teller }
    }
}

/// Whether a fact about a member is heard for the first time.
async fn fresh(tx: &Tx, member: MemberId, fact: &Fact) -> Result<bool, ReactionError> {
    personal_offers::hears(tx, member, fact.seq).await.map_err(fault)
}

fn fault(error: Error) -> ReactionError {
    ReactionError::Fault(error.into())
}

#[async_trait]
impl Reaction for FulfilOffers {
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
        let now = self.teller.clock.now();
        let since = now.plus_millis(-LATE_MS);
        let live = personal_offers::live(tx, since).await.map_err(fault)?;
        for fact in facts {
            if &*fact.kind == PointsEarned::TYPE {
                let told: PointsEarned = fact.read()?;
                if fresh(tx, told.member_id, fact).await? {
                    note_tastes::bought(tx, &told, now).await.map_err(fault)?;
                    bought(&self.teller, tx, &live, &told).await.map_err(fault)?;
                }
            } else {
                let told: PointsReturned = fact.read()?;
                if fresh(tx, told.member_id, fact).await? {
                    note_tastes::returned(tx, &told).await.map_err(fault)?;
                    let traceparent = fact.traceparent.as_deref();
                    returned(&self.teller, tx, &told, traceparent).await.map_err(fault)?;
                }
            }
        }
        Ok(())
    }
}
