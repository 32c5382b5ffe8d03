//! Which webhooks are there?

use kernel::WebhookId;
use store::Database;

use super::Page;
use crate::{
    domain::{asker::Asker, webhook::Webhook},
    error::Error,
    store::webhooks,
};

/// Up to `limit` webhooks that the asker sees, whose ids come after `after`, in order.
///
/// # Errors
/// A fault of the database.
pub async fn list_webhooks(
    database: &Database,
    asker: &Asker,
    after: Option<WebhookId>,
    limit: u64,
) -> Result<Page<Webhook>, Error> {
    let owner = asker.sees_only();
    let found = webhooks::list(database.connection(), owner.as_ref(), after, limit + 1).await?;
    Ok(Page::cut(found, limit))
}

/// A webhook that the asker sees.
///
/// # Errors
/// [`crate::error::Missing::Webhook`], or a fault of the database.
pub async fn webhook(database: &Database, asker: &Asker, id: WebhookId) -> Result<Webhook, Error> {
    webhooks::load_for(database.connection(), asker, id).await
}
