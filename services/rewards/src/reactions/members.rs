//! A branch was opened or moved to another region; a member joined, has a day of the year, was merged or was erased.

use async_trait::async_trait;
use bus::{Reaction, ReactionError};
use contracts::{
    Fact, FactData,
    membership::{BranchOpened, MemberErased, MemberJoined, MembersMerged, OccasionReached, SOURCE},
};
use store::Tx;

use crate::{
    commands::{
        Teller,
        absorb_member::absorb_member,
        forget_member::forget_member,
        promise_gifts::{mark, welcome},
    },
    error::Error,
    store::places,
};

/// The name under which rewards hears membership.
pub const CONSUMER: &str = "rewards-membership";

/// Keeps what rewards knows of places, and forgets members.
#[derive(Clone)]
pub struct FollowMembership {
    teller: Teller,
}

impl FollowMembership {
    /// Tells what follows with this teller.
    #[must_use]
    pub const fn new(teller: Teller) -> Self {
        Self { teller }
    }
}

#[async_trait]
impl Reaction for FollowMembership {
    fn consumer(&self) -> &'static str {
        CONSUMER
    }

    fn stream(&self) -> &'static str {
        SOURCE
    }

    fn hears(&self) -> &'static [&'static str] {
        &[
            BranchOpened::TYPE,
            MemberJoined::TYPE,
            OccasionReached::TYPE,
            MembersMerged::TYPE,
            MemberErased::TYPE,
        ]
    }

    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        let fault = |error: Error| ReactionError::Fault(error.into());
        for fact in facts {
            match &*fact.kind {
                BranchOpened::TYPE => {
                    let opened: BranchOpened = fact.read()?;
                    places::note(tx, &opened.branch, &opened.region, fact.seq).await.map_err(fault)?;
                }
                MemberJoined::TYPE => {
                    let joined: MemberJoined = fact.read()?;
                    welcome(&self.teller, tx, (joined.member_id, fact.time)).await.map_err(fault)?;
                }
                MembersMerged::TYPE => {
                    let MembersMerged { survivor, absorbed, .. } = fact.read()?;
                    if survivor == absorbed {
                        return Err(ReactionError::Poison(format!("{survivor} merged with themself")));
                    }
                    absorb_member(tx, survivor, absorbed).await.map_err(fault)?;
                }
                OccasionReached::TYPE => {
                    let OccasionReached { member_id, occasion } = fact.read()?;
                    mark(&self.teller, tx, (member_id, occasion, fact.time)).await.map_err(fault)?;
                }
                _ => {
                    let erased: MemberErased = fact.read()?;
                    let when = (fact.time, fact.traceparent.as_deref());
                    forget_member(&self.teller, tx, erased.member_id, when).await.map_err(fault)?;
                }
            }
        }
        Ok(())
    }
}
