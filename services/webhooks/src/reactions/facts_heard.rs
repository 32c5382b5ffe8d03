//! A service told facts: webhooks that want them get a message each.

use std::sync::LazyLock;

use async_trait::async_trait;
use bus::{Reaction, ReactionError};
use contracts::{Fact, membership, points, rewards};
use store::Tx;

use crate::{
    commands::record_facts::{Recorder, record_facts},
    domain::public_facts::{KINDS, scope_of},
};

/// The name under which facts of membership are heard.
pub const OF_MEMBERSHIP: &str = "webhooks-membership";
/// The name under which facts of points are heard.
pub const OF_POINTS: &str = "webhooks-points";
/// The name under which facts of rewards are heard.
pub const OF_REWARDS: &str = "webhooks-rewards";

static TOLD: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| KINDS.iter().map(|(kind, _)| *kind).filter(|kind| scope_of(kind).is_some()).collect());

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
        &TOLD
    }

    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        let recorded = record_facts(&self.recorder, tx, facts).await;
        recorded.map(drop).map_err(|error| ReactionError::Fault(error.into()))
    }
}
