//! `points` told purchases and returns: those of friends make referrals count, or undo them.

use async_trait::async_trait;
use bus::{Reaction, ReactionError};
use contracts::{
    Fact, FactData,
    points::{PointsEarned, PointsReturned, SOURCE},
};
use store::Tx;

use crate::{
    commands::follow_referrals::{Heard, Referring, Returned, follow_referrals},
    domain::referral::Bought,
};

/// The name under which membership hears what friends buy.
pub const CONSUMER: &str = "membership-referrals";

/// Hears [`PointsEarned`] and [`PointsReturned`].
#[derive(Clone)]
pub struct FollowFriends {
    with: Referring,
}

impl FollowFriends {
    /// Counts referrals with these.
    #[must_use]
    pub const fn new(with: Referring) -> Self {
        Self { with }
    }
}

#[async_trait]
impl Reaction for FollowFriends {
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
        let heard = facts.iter().map(heard).collect::<Result<Vec<_>, _>>()?;
        follow_referrals(&self.with, tx, &heard).await.map_err(|error| ReactionError::Fault(error.into()))
    }
}

fn heard(fact: &Fact) -> Result<Heard, ReactionError> {
    if fact.kind == PointsReturned::TYPE {
        let PointsReturned { member_id, journal_id, purchase_id, amount, .. } = fact.read()?;
        return Ok(Heard::Returned(member_id, Returned { id: journal_id, purchase: purchase_id, amount }));
    }
    let PointsEarned { member_id, journal_id, branch, occurred_at, amount, currency, .. } = fact.read()?;
    Ok(Heard::Bought(member_id, Bought { purchase: journal_id, amount, currency, at: occurred_at, branch }))
}
