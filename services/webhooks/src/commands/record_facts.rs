//! Records what webhooks are told of facts that were heard.

use std::sync::Arc;

use contracts::Fact;
use kernel::{Clock, DeliveryId, Ids, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::Tx;

use crate::{
    domain::webhook::Webhook,
    error::Error,
    store::{
        deliveries::{self, Fresh},
        webhooks,
    },
};

/// What facts are recorded with.
#[derive(Clone)]
pub struct Recorder {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn Ids>,
    /// How long a message is tried, in milliseconds.
    pub retry_for: i64,
}

/// What is sent, as Standard Webhooks recommends it.
#[derive(Serialize)]
pub(super) struct Payload<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
    pub(super) timestamp: Timestamp,
    pub(super) data: &'a RawValue,
}

impl Payload<'_> {
    pub(super) fn text(&self) -> Result<String, Error> {
        Ok(serde_json::to_string(self).map_err(anyhow::Error::from)?)
    }
}

/// Where a fact was, when it says so.
#[derive(Deserialize)]
struct Placed {
    #[serde(default)]
    branch: Option<String>,
}

/// Records a message for each fact and each webhook that wants it, in the transaction of the facts; answers how many.
///
/// # Errors
/// A fault of the database.
pub async fn record_facts(recorder: &Recorder, tx: &Tx, facts: &[Fact]) -> Result<u64, Error> {
    if facts.is_empty() {
        return Ok(0);
    }
    let webhooks = webhooks::active(tx).await?;
    if webhooks.is_empty() {
        return Ok(0);
    }
    let mut fresh = Vec::new();
    for fact in facts {
        fresh.extend(messages(recorder, fact, &webhooks)?);
    }
    let now = recorder.clock.now();
    deliveries::record(tx, &fresh, now, now.plus_millis(recorder.retry_for)).await
}

fn messages(recorder: &Recorder, fact: &Fact, webhooks: &[Webhook]) -> Result<Vec<Fresh>, Error> {
    let branch = branch_of(fact);
    let wanting: Vec<&Webhook> =
        webhooks.iter().filter(|webhook| webhook.terms.wants(&fact.kind, branch.as_deref())).collect();
    if wanting.is_empty() {
        return Ok(Vec::new());
    }
    let body = Payload { kind: &fact.kind, timestamp: fact.time, data: &fact.data }.text()?;
    let message = |webhook: &Webhook| Fresh {
        id: DeliveryId::from_uuid(recorder.ids.uuid()),
        webhook: webhook.id,
        fact: Some(fact.id),
        kind: fact.kind.to_string(),
        body: body.clone(),
    };
    Ok(wanting.into_iter().map(message).collect())
}

fn branch_of(fact: &Fact) -> Option<String> {
    serde_json::from_str::<Placed>(fact.data.get()).ok()?.branch
}
