//! What was sent to a webhook, and how did it go?

use kernel::{DeliveryId, WebhookId};
use store::Database;

use super::{Page, list_webhooks::webhook};
use crate::{
    domain::{
        asker::Asker,
        delivery::{Attempt, Delivery, Standing},
    },
    error::{Error, Missing},
    store::deliveries,
};

/// Up to `limit` messages to a webhook that the asker sees, newest first, with ids before `before`.
///
/// # Errors
/// [`Missing::Webhook`], or a fault of the database.
pub async fn list_deliveries(
    database: &Database,
    asker: &Asker,
    of: WebhookId,
    standing: Option<Standing>,
    before: Option<DeliveryId>,
    limit: u64,
) -> Result<Page<Delivery>, Error> {
    webhook(database, asker, of).await?;
    let found = deliveries::list(database.connection(), of, standing, before, limit + 1).await?;
    Ok(Page::cut(found, limit))
}

/// A message to a webhook that the asker sees, with its attempts.
///
/// # Errors
/// [`Missing`], or a fault of the database.
pub async fn delivery(
    database: &Database,
    asker: &Asker,
    of: WebhookId,
    id: DeliveryId,
) -> Result<(Delivery, Vec<Attempt>), Error> {
    webhook(database, asker, of).await?;
    let on = database.connection();
    let delivery = deliveries::load(on, of, id).await?.ok_or(Missing::Delivery)?;
    Ok((delivery, deliveries::attempts_at(on, id).await?))
}
