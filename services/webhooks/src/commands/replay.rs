//! Sends dead letters again: one, or all of a webhook since a time.

use kernel::{DeliveryId, Timestamp, WebhookId};
use store::Tx;

use super::Desk;
use crate::{
    domain::{
        asker::Asker,
        delivery::{Delivery, Standing},
        health::Health,
        refusal::Refusal,
        webhook::{Webhook, still_wanted},
    },
    error::{Error, Missing},
    store::{deliveries, webhooks},
};

/// How many dead letters one call sends again.
const BATCH: u64 = 1_000;

/// Sends one dead letter again.
///
/// # Errors
/// [`Missing`], [`Refusal::Ended`], [`Refusal::NotDead`], or a fault of the database.
pub async fn replay_one(
    desk: &Desk,
    asker: &Asker,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Delivery, Error> {
    let tx = desk.database.begin().await?;
    ask_again(&tx, asker, webhook).await?;
    let letter = deliveries::hold(&tx, webhook, id).await?.ok_or(Missing::Delivery)?;
    if letter.standing != Standing::Dead {
        return Err(Refusal::NotDead.into());
    }
    let again = revive(desk, &tx, letter).await?;
    tx.commit().await?;
    Ok(again)
}

/// Sends dead letters again that were recorded since then, the oldest thousand; answers how many, and whether more are left.
///
/// # Errors
/// [`Missing::Webhook`], [`Refusal::Ended`], or a fault of the database.
pub async fn replay_since(
    desk: &Desk,
    asker: &Asker,
    webhook: WebhookId,
    since: Timestamp,
) -> Result<(usize, bool), Error> {
    let tx = desk.database.begin().await?;
    ask_again(&tx, asker, webhook).await?;
    let mut letters = deliveries::hold_dead(&tx, webhook, since, BATCH + 1).await?;
    let most = usize::try_from(BATCH).unwrap_or(usize::MAX);
    let more = letters.len() > most;
    letters.truncate(most);
    let count = letters.len();
    for letter in letters {
        revive(desk, &tx, letter).await?;
    }
    tx.commit().await?;
    Ok((count, more))
}

/// Holds a webhook that still wants messages, and ends its pause: whoever sends again by hand has seen to its receiver.
async fn ask_again(tx: &Tx, asker: &Asker, id: WebhookId) -> Result<(), Error> {
    let webhook = webhooks::hold_for(tx, asker, id).await?;
    still_wanted(&webhook)?;
    let health = Health { paused_until: None, ..webhook.health };
    webhooks::update(tx, &Webhook { health, ..webhook }).await
}

async fn revive(desk: &Desk, tx: &Tx, letter: Delivery) -> Result<Delivery, Error> {
    let again = letter.again(desk.clock.now(), desk.settings.retry_for);
    deliveries::update(tx, &again).await?;
    Ok(again)
}
