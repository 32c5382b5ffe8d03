//! A card went over to another person: what its former owner can spend and pass on follows, where the programme lets it (J3b).
//!
//! It is a hand-over like one that the back office requests, under the same terms, and waits for what these ask for: a code, a
//! second person. Where the terms refuse it, nothing moves, and the card went over all the same.

use std::sync::Arc;

use async_trait::async_trait;
use bus::{Reaction, ReactionError};
use contracts::{
    Fact, FactData,
    membership::{CardHandedOver, SOURCE},
};
use kernel::Digests;
use store::Tx;

use crate::{
    commands::{
        record_purchases::{Identity, Recorder, fingerprint, operator_digest},
        request_transfer::{self, Refusal, RequestTransfer},
    },
    store::projections,
};

/// The name under which points hears of cards that go over.
pub const CONSUMER: &str = "points-hand-overs";

/// What is heard later than this moves nothing, in milliseconds: a stream that is filled again does not decide by a programme that
/// came long afterwards.
const PATIENCE_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// Lets points follow cards.
#[derive(Clone)]
pub struct FollowCards {
    recorder: Arc<Recorder>,
}

impl FollowCards {
    /// Requests hand-overs with this recorder.
    #[must_use]
    pub fn new(recorder: Arc<Recorder>) -> Self {
        Self { recorder }
    }

    async fn follow(&self, tx: &Tx, fact: &Fact) -> Result<(), ReactionError> {
        let CardHandedOver { from, to, .. } = fact.read()?;
        if fact.time.plus_millis(PATIENCE_MS) < self.recorder.clock.now() {
            tracing::warn!(target: "vafa::points", fact = %fact.id, "a hand-over was heard of too late; no points move");
            return Ok(());
        }
        // Whom membership speaks of is a member, even where the fact of joining has not been applied yet.
        projections::insert_members(tx, &[(from, None), (to, None)]).await?;
        let id = fact.id.to_string();
        let command = RequestTransfer {
            request: Some((operator_digest(&id), Digests::one(fingerprint(&["card handed over", &id])))),
            sender: from,
            receiver: Identity::Member(to),
            points: None,
            behalf: None,
            traceparent: fact.traceparent.clone(),
        };
        match request_transfer::within(&self.recorder, tx, &command).await? {
            Ok(_) => {}
            Err(Refusal::Fault(fault)) => return Err(fault.into()),
            Err(refusal) => {
                tracing::info!(target: "vafa::points", fact = %fact.id, ?refusal, "a card went over, and no points with it");
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Reaction for FollowCards {
    fn consumer(&self) -> &'static str {
        CONSUMER
    }

    fn stream(&self) -> &'static str {
        SOURCE
    }

    fn hears(&self) -> &'static [&'static str] {
        &[CardHandedOver::TYPE]
    }

    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        for fact in facts {
            self.follow(tx, fact).await?;
        }
        Ok(())
    }
}
