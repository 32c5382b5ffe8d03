//! Orders a batch of cards, whose numbers are made from then on.

use kernel::BatchId;

use super::{ATTEMPTS, Desk, Put};
use crate::{
    domain::{
        card_batch::{BatchName, BatchStatus, CardBatch, order},
        rejection::Rejection,
    },
    error::Error,
    store::card_batches,
};

/// Makes sure that there is a batch of this id, name and size.
///
/// # Errors
/// [`crate::domain::card_batch::BatchRefusal`], [`Error::Contended`], or a fault of the database.
pub async fn order_card_batch(
    desk: &Desk,
    id: BatchId,
    name: BatchName,
    size: u32,
) -> Result<Put<CardBatch>, Error> {
    let status = BatchStatus::Making;
    let wanted = CardBatch { id, name, size, made: 0, status, ordered_at: desk.clock.now() };
    for _ in 0..ATTEMPTS {
        let tx = desk.vault.database.begin().await?;
        let before = card_batches::hold(&tx, id).await?;
        let under_way = card_batches::under_way(&tx).await?.len();
        let under_way = u64::try_from(under_way).unwrap_or(u64::MAX);
        if !order(before.as_ref(), &wanted, under_way).map_err(Rejection::from)? {
            return Ok(Put::Known(before.unwrap_or(wanted)));
        }
        if card_batches::insert(&tx, &wanted).await? {
            tx.commit().await?;
            return Ok(Put::New(wanted));
        }
    }
    Err(Error::Contended)
}
