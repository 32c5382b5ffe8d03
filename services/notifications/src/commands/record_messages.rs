//! Records what members are told of facts that were heard.

use std::sync::Arc;

use contracts::{Fact, FactError};
use kernel::{Clock, Day, Ids, Timestamp};
use runtime::Chain;
use store::Tx;

use super::campaigns::standing::divert;
use crate::{
    domain::message::MessageId,
    error::Error,
    reactions::occurrences::occurrences,
    store::messages::{self, Fresh},
};

/// What facts are recorded with.
#[derive(Clone)]
pub struct Recorder {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn Ids>,
    /// The chain's wall clock.
    pub chain: Arc<Chain>,
    /// How long a message is of use, in milliseconds.
    pub told_for: i64,
}

/// What members are to be told of facts.
///
/// # Errors
/// A fact that cannot be read.
pub fn read(recorder: &Recorder, facts: &[Fact]) -> Result<Vec<Fresh>, FactError> {
    let days = |at: Timestamp| -> Day { recorder.chain.local(at, None).day };
    let mut fresh = Vec::with_capacity(facts.len());
    for fact in facts {
        for occurrence in occurrences(fact, &days)? {
            let happened_at = occurrence.happened_at.unwrap_or(fact.time);
            fresh.push(Fresh {
                id: MessageId(recorder.ids.uuid()),
                member: occurrence.member,
                trigger: occurrence.trigger,
                cause: occurrence.cause,
                values: occurrence.values,
                told_at: happened_at,
                not_after: happened_at.plus_millis(recorder.told_for),
            });
        }
    }
    Ok(fresh)
}

/// Records a message for each member who is told of something, in the transaction of the facts; answers how many were new. What is of
/// no use any more, because the facts come late, is not recorded.
///
/// # Errors
/// A fault of the database.
pub async fn record(recorder: &Recorder, tx: &Tx, mut fresh: Vec<Fresh>) -> Result<u64, Error> {
    let now = recorder.clock.now();
    fresh.retain(|one| one.not_after > now);
    let fresh = divert(&*recorder.clock, tx, fresh).await?;
    messages::record(tx, &fresh, now).await
}
