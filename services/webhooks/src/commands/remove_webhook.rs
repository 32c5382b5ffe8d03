//! Removes a webhook. Nothing is sent any more; what is left of it is deleted by and by.

use kernel::WebhookId;

use super::Desk;
use crate::{
    domain::{
        asker::Asker,
        webhook::{State, Webhook},
    },
    error::Error,
    store::webhooks,
};

/// Removes a webhook.
///
/// # Errors
/// [`crate::error::Missing::Webhook`], or a fault of the database.
pub async fn remove_webhook(desk: &Desk, asker: &Asker, id: WebhookId) -> Result<(), Error> {
    let tx = desk.database.begin().await?;
    let known = webhooks::hold_for(&tx, asker, id).await?;
    webhooks::update(&tx, &Webhook { state: State::Removed, ..known }).await?;
    Ok(tx.commit().await?)
}
