//! `points` told purchases: they become members' activity.

use async_trait::async_trait;
use bus::{Reaction, ReactionError};
use contracts::{
    Fact, FactData,
    points::{PointsEarned, SOURCE},
};
use kernel::MemberId;
use store::Tx;

use crate::{commands::note_purchases::note_purchases, domain::activity::Purchase};

/// The name under which membership hears points.
pub const CONSUMER: &str = "membership-activity";

/// Hears [`PointsEarned`].
#[derive(Debug, Clone, Copy, Default)]
pub struct NotePurchases;

#[async_trait]
impl Reaction for NotePurchases {
    fn consumer(&self) -> &'static str {
        CONSUMER
    }

    fn stream(&self) -> &'static str {
        SOURCE
    }

    fn hears(&self) -> &'static [&'static str] {
        &[PointsEarned::TYPE]
    }

    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        let purchases = facts.iter().map(purchase).collect::<Result<Vec<_>, _>>()?;
        note_purchases(tx, &purchases).await.map_err(|error| ReactionError::Fault(error.into()))
    }
}

fn purchase(fact: &Fact) -> Result<(MemberId, Purchase), ReactionError> {
    let earned: PointsEarned = fact.read()?;
    if fact.seq == 0 || i64::try_from(fact.seq).is_err() {
        return Err(ReactionError::Poison(format!("sequence number {} is out of range", fact.seq)));
    }
    Ok((earned.member_id, Purchase { seq: fact.seq, at: earned.occurred_at, branch: earned.branch }))
}
