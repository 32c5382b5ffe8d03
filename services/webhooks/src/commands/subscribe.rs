//! Makes a webhook. Its secret is shown once, here.

use kernel::WebhookId;

use super::{Desk, secret_text};
use crate::{
    domain::{
        asker::Asker,
        health::Health,
        webhook::{State, Terms, Webhook, subscribe as decide},
    },
    error::Error,
    store::{
        seal::SECRET_LEN,
        webhooks::{self, hold_owner},
    },
};

/// A webhook with its fresh secret. It has no `Debug`: the secret is for the owner alone.
pub struct Subscribed {
    /// The webhook.
    pub webhook: Webhook,
    /// The secret that signs what is sent to it: `whsec_` and 256 random bits in base64.
    pub secret: String,
}

/// Makes a webhook of the asker's own.
///
/// # Errors
/// [`Error::Address`], [`crate::domain::refusal::Refusal`], or a fault of the database.
pub async fn subscribe(desk: &Desk, asker: &Asker, terms: Terms) -> Result<Subscribed, Error> {
    fit(desk, asker, &terms).await?;
    let id = WebhookId::from_uuid(desk.ids.uuid());
    let mut secret = [0; SECRET_LEN];
    desk.ids.secret(&mut secret);
    let webhook = Webhook {
        id,
        owner: asker.owner(),
        terms,
        state: State::Active,
        health: Health::well(),
        created_at: desk.clock.now(),
    };
    let tx = desk.database.begin().await?;
    hold_owner(&tx, &webhook.owner).await?;
    decide(webhooks::count(&tx, &webhook.owner).await?, desk.settings.per_owner)?;
    webhooks::insert(&tx, &webhook, desk.seal.seal(id, &secret, desk.nonce())?).await?;
    tx.commit().await?;
    Ok(Subscribed { webhook, secret: secret_text(&secret) })
}

/// Refuses terms that the asker may not have, or whose address is not called.
pub(super) async fn fit(desk: &Desk, asker: &Asker, terms: &Terms) -> Result<(), Error> {
    if let Asker::Partner(_, scopes) = asker {
        terms.fit(scopes)?;
    }
    Ok(desk.courier.check(&terms.url).await?)
}
