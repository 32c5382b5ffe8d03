//! Gives a webhook a new secret; the old one signs, too, for an overlap, so that the receiver changes it without a stop.

use kernel::{Timestamp, WebhookId};

use super::{Desk, secret_text};
use crate::{
    domain::{asker::Asker, webhook::Webhook},
    error::Error,
    store::{seal::SECRET_LEN, webhooks},
};

/// A webhook's new secret. It has no `Debug`: the secret is for the owner alone.
pub struct Rotated {
    /// The webhook.
    pub webhook: Webhook,
    /// The new secret.
    pub secret: String,
    /// Until when the old one signs, too.
    pub old_until: Timestamp,
}

/// Gives a webhook a new secret. The one before the old one signs no more.
///
/// # Errors
/// [`crate::error::Missing::Webhook`], or a fault of the database.
pub async fn rotate_secret(
    desk: &Desk,
    asker: &Asker,
    id: WebhookId,
    overlap_s: u32,
) -> Result<Rotated, Error> {
    let mut secret = [0; SECRET_LEN];
    desk.ids.secret(&mut secret);
    let old_until = desk.clock.now().plus_millis(i64::from(overlap_s) * 1_000);
    let tx = desk.database.begin().await?;
    let webhook = webhooks::hold_for(&tx, asker, id).await?;
    webhooks::replace_secret(&tx, id, desk.seal.seal(id, &secret, desk.nonce())?, old_until).await?;
    tx.commit().await?;
    Ok(Rotated { webhook, secret: secret_text(&secret), old_until })
}
