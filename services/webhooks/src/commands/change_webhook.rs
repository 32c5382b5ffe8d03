//! Changes what its owner says about a webhook, and switches it on or off.

use kernel::WebhookId;

use super::{Desk, subscribe::fit};
use crate::{
    domain::{
        asker::Asker,
        health::Health,
        webhook::{State, Terms, Webhook},
    },
    error::Error,
    store::webhooks,
};

/// Puts these terms in the place of those that were, and switches the webhook on or off. One that is switched on is asked
/// again at once, also when it had ended or failed for long.
///
/// # Errors
/// [`crate::error::Missing::Webhook`], [`Error::Address`], [`crate::domain::refusal::Refusal`], or a fault of the database.
pub async fn change_webhook(
    desk: &Desk,
    asker: &Asker,
    id: WebhookId,
    terms: Terms,
    on: bool,
) -> Result<Webhook, Error> {
    webhooks::load_for(desk.database.connection(), asker, id).await?;
    fit(desk, asker, &terms).await?;
    let tx = desk.database.begin().await?;
    let known = webhooks::hold_for(&tx, asker, id).await?;
    let state = if on { State::Active } else { State::Off };
    let health = if on { Health::well() } else { known.health };
    let changed = Webhook { terms, state, health, ..known };
    webhooks::update(&tx, &changed).await?;
    tx.commit().await?;
    Ok(changed)
}
