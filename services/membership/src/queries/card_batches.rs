//! Which batches of cards are there, and which numbers are in one?

use kernel::{BatchId, Timestamp};

use super::list_places::Page;
use crate::{
    domain::{
        card::CardNumber,
        card_batch::{BatchRefusal, BatchStatus, CardBatch},
        rejection::Rejection,
    },
    error::{Error, Missing},
    store::{Vault, card_batches},
};

/// A batch, and how many of its cards lead, or led, to somebody.
///
/// # Errors
/// [`Missing::Batch`], or a fault of the database.
pub async fn card_batch(vault: &Vault, id: BatchId) -> Result<(CardBatch, u64), Error> {
    let on = vault.database.connection();
    let batch = card_batches::load(on, id).await?.ok_or(Missing::Batch(id))?;
    Ok((batch, card_batches::count_linked(on, id).await?))
}

/// Up to `limit` batches that were ordered before `before`, the latest first.
///
/// # Errors
/// A fault of the database.
pub async fn list_card_batches(
    vault: &Vault,
    before: Option<(Timestamp, BatchId)>,
    limit: u64,
) -> Result<Page<CardBatch>, Error> {
    Ok(Page::cut(card_batches::list(vault.database.connection(), before, limit + 1).await?, limit))
}

/// Whether a batch's numbers can be exported.
///
/// # Errors
/// [`Missing::Batch`], [`BatchRefusal::NotReady`], or a fault of the database.
pub async fn check_exportable(vault: &Vault, id: BatchId) -> Result<(), Error> {
    let batch = card_batches::load(vault.database.connection(), id).await?.ok_or(Missing::Batch(id))?;
    match batch.status {
        BatchStatus::Making => Err(Rejection::from(BatchRefusal::NotReady).into()),
        BatchStatus::Ready | BatchStatus::Closed => Ok(()),
    }
}

/// Up to `limit` numbers of a batch behind the place `after`, in order, each with its place.
///
/// # Errors
/// A fault of the database, or a number that does not open.
pub async fn batch_numbers(
    vault: &Vault,
    id: BatchId,
    after: i64,
    limit: u64,
) -> Result<Vec<(i64, CardNumber)>, Error> {
    card_batches::numbers(vault.database.connection(), vault, id, after, limit).await
}
