//! Brings secrets to the newest master key, and forgets replaced ones that sign no more.

use super::Desk;
use crate::{error::Error, store::webhooks};

/// Seals anew what an older master key sealed; answers how many webhooks it touched.
///
/// # Errors
/// A secret that does not open, or a fault of the database.
pub async fn reseal_secrets(desk: &Desk) -> Result<u64, Error> {
    let tx = desk.database.begin().await?;
    let touched = webhooks::reseal(&tx, &desk.seal, desk.clock.now(), || desk.nonce()).await?;
    tx.commit().await?;
    Ok(touched)
}
