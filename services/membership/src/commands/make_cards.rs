//! Makes the numbers of batches that were ordered, some at a time, so that nobody waits long behind them. Whoever dies meanwhile
//! leaves whole pieces, and another goes on.

use kernel::BatchId;

use super::Desk;
use crate::{
    domain::{
        card::CardNumber,
        card_batch::{BatchStatus, CardBatch},
    },
    error::Error,
    store::card_batches,
};

/// How many numbers are made in one transaction.
const PIECE: u32 = 1_000;

/// Makes the numbers of all batches that wait for them.
///
/// # Errors
/// A fault of the database.
pub async fn make_cards(desk: &Desk) -> Result<(), Error> {
    for waiting in card_batches::under_way(desk.vault.database.connection()).await? {
        while make_piece(desk, waiting.id).await? {}
    }
    Ok(())
}

/// Makes some numbers of a batch; `false` when it has all of them, or was closed.
async fn make_piece(desk: &Desk, id: BatchId) -> Result<bool, Error> {
    let tx = desk.vault.database.begin().await?;
    let held = card_batches::hold(&tx, id).await?;
    let Some(batch) = held.filter(|batch| batch.status == BatchStatus::Making) else { return Ok(false) };
    let drawn = drawn(desk, &batch)?;
    let added = card_batches::add(&tx, &desk.vault, &batch, &drawn).await?;
    let after = batch.with(added);
    card_batches::update(&tx, &after).await?;
    tx.commit().await?;
    Ok(after.status == BatchStatus::Making)
}

fn drawn(desk: &Desk, batch: &CardBatch) -> Result<Vec<CardNumber>, Error> {
    (0..(batch.size - batch.made).min(PIECE)).map(|_| desk.fresh_card()).collect()
}
