//! Closes a batch of cards: what leads to nobody yet never will.

use kernel::BatchId;

use super::Desk;
use crate::{
    domain::card_batch::{BatchStatus, CardBatch},
    error::{Error, Missing},
    store::card_batches,
};

/// Makes sure that no card of the batch is linked any more. Those that lead to somebody go on doing so.
///
/// # Errors
/// [`Missing::Batch`], or a fault of the database.
pub async fn close_card_batch(desk: &Desk, id: BatchId) -> Result<(), Error> {
    let tx = desk.vault.database.begin().await?;
    let before = card_batches::hold(&tx, id).await?.ok_or(Missing::Batch(id))?;
    card_batches::update(&tx, &CardBatch { status: BatchStatus::Closed, ..before }).await?;
    Ok(tx.commit().await?)
}
