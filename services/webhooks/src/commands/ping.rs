//! Sends a test message to a webhook, by the same way as all others.

use kernel::{DeliveryId, Timestamp, WebhookId};
use serde_json::value::RawValue;

use super::{Desk, record_facts::Payload};
use crate::{
    domain::{
        asker::Asker,
        health::Health,
        public_facts::PING,
        refusal::Refusal,
        webhook::{Webhook, still_wanted},
    },
    error::Error,
    store::{
        deliveries::{self, Fresh},
        webhooks,
    },
};

/// Test messages of a webhook within a minute.
const PINGS_A_MINUTE: usize = 5;
const MINUTE: i64 = 60_000;

/// Records a test message, which is due at once, also when the webhook was left alone; answers its id.
///
/// # Errors
/// [`crate::error::Missing::Webhook`], [`Refusal::Ended`], [`Refusal::PingsTooMany`], or a fault of the database.
pub async fn ping(desk: &Desk, asker: &Asker, id: WebhookId) -> Result<DeliveryId, Error> {
    let now = desk.clock.now();
    let tx = desk.database.begin().await?;
    let webhook = webhooks::hold_for(&tx, asker, id).await?;
    still_wanted(&webhook)?;
    let recent = deliveries::recorded_since(&tx, id, PING, now.plus_millis(-MINUTE)).await?;
    slow_enough(&recent, now)?;
    let data = RawValue::from_string(format!("{{\"webhook_id\":\"{id}\"}}")).map_err(anyhow::Error::from)?;
    let message = Fresh {
        id: DeliveryId::from_uuid(desk.ids.uuid()),
        webhook: id,
        fact: None,
        kind: PING.to_owned(),
        body: Payload { kind: PING, timestamp: now, data: &data }.text()?,
    };
    let delivery = message.id;
    deliveries::record(&tx, &[message], now, now.plus_millis(desk.settings.retry_for)).await?;
    let health = Health { paused_until: None, ..webhook.health };
    webhooks::update(&tx, &Webhook { health, ..webhook }).await?;
    tx.commit().await?;
    Ok(delivery)
}

fn slow_enough(recent: &[Timestamp], now: Timestamp) -> Result<(), Refusal> {
    let Some(first) = recent.len().checked_sub(PINGS_A_MINUTE).and_then(|at| recent.get(at)) else {
        return Ok(());
    };
    let left = first.plus_millis(MINUTE).millis_since(now).max(0);
    Err(Refusal::PingsTooMany { seconds: u32::try_from(left.div_euclid(1_000) + 1).unwrap_or(u32::MAX) })
}
