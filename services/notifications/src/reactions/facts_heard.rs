//! A service told facts: members are told what concerns them.

use std::sync::LazyLock;

use async_trait::async_trait;
use bus::{Reaction, ReactionError};
use contracts::{
    Fact, FactData,
    membership::{self, MemberErased, MembersMerged},
    points, rewards,
};
use store::Tx;

use super::occurrences::TOLD;
use crate::{
    commands::{
        campaigns::measure::{attribute, purchases},
        follow_members::{erase, merge},
        record_messages::{Recorder, read, record},
    },
    error::Error,
};

/// The name under which facts of membership are heard.
pub const OF_MEMBERSHIP: &str = "notifications-membership";
/// The name under which facts of points are heard.
pub const OF_POINTS: &str = "notifications-points";
/// The name under which facts of rewards are heard.
pub const OF_REWARDS: &str = "notifications-rewards";

static HEARD: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    TOLD.iter().map(|(kind, _)| *kind).chain([MembersMerged::TYPE, MemberErased::TYPE]).collect()
});

/// Hears what one service tells.
#[derive(Clone)]
pub struct FactsHeard {
    stream: &'static str,
    consumer: &'static str,
    recorder: Recorder,
}

impl FactsHeard {
    /// A listener for each service that tells facts.
    #[must_use]
    pub fn all(recorder: &Recorder) -> [Self; 3] {
        let streams =
            [(membership::SOURCE, OF_MEMBERSHIP), (points::SOURCE, OF_POINTS), (rewards::SOURCE, OF_REWARDS)];
        streams.map(|(stream, consumer)| Self { stream, consumer, recorder: recorder.clone() })
    }
}

#[async_trait]
impl Reaction for FactsHeard {
    fn consumer(&self) -> &'static str {
        self.consumer
    }

    fn stream(&self) -> &'static str {
        self.stream
    }

    fn hears(&self) -> &'static [&'static str] {
        &HEARD
    }

    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        let fault = |error: Error| ReactionError::Fault(error.into());
        let fresh = read(&self.recorder, facts)?;
        record(&self.recorder, tx, fresh).await.map_err(fault)?;
        attribute(tx, &purchases(facts)?).await.map_err(fault)?;
        for fact in facts {
            match &*fact.kind {
                MembersMerged::TYPE => {
                    let MembersMerged { survivor, absorbed, .. } = fact.read()?;
                    if survivor == absorbed {
                        return Err(ReactionError::Poison(format!("{survivor} merged with themself")));
                    }
                    merge(tx, survivor, absorbed).await.map_err(fault)?;
                }
                MemberErased::TYPE => {
                    let MemberErased { member_id, .. } = fact.read()?;
                    erase(tx, member_id, fact.time).await.map_err(fault)?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}
