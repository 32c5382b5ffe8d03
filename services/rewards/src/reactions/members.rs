//! A branch was opened or moved to another region; members were merged; a member was erased.

use async_trait::async_trait;
use bus::{Reaction, ReactionError};
use contracts::{
    Fact, FactData,
    membership::{BranchOpened, MemberErased, MembersMerged, SOURCE},
};
use store::Tx;

use crate::{
    commands::{Teller, absorb_member::absorb_member, forget_member::forget_member},
    error::Error,
    store::places,
};

/// The name under which rewards hears membership.
pub const CONSUMER: &str = "rewards-membership";

/// Keeps what rewards knows of places, lets members be one, and forgets them.
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
        &[BranchOpened::TYPE, MembersMerged::TYPE, MemberErased::TYPE]
    }

    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        let fault = |error: Error| ReactionError::Fault(error.into());
        for fact in facts {
            if fact.kind == BranchOpened::TYPE {
                let opened: BranchOpened = fact.read()?;
                places::note(tx, &opened.branch, &opened.region, fact.seq).await.map_err(fault)?;
            } else if fact.kind == MembersMerged::TYPE {
                let MembersMerged { survivor, absorbed, .. } = fact.read()?;
                if survivor == absorbed {
                    return Err(ReactionError::Poison(format!("{survivor} merged with themself")));
                }
                absorb_member(tx, survivor, absorbed).await.map_err(fault)?;
            } else {
                let erased: MemberErased = fact.read()?;
                let when = (fact.time, fact.traceparent.as_deref());
                forget_member(&self.teller, tx, erased.member_id, when).await.map_err(fault)?;
                self.teller.relay.wake();
            }
        }
        Ok(())
    }
}
