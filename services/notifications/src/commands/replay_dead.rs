//! Lets dead letters be sent again.

use super::Desk;
use crate::{
    domain::message::MessageId,
    error::{Error, Missing},
    store::queue,
};

/// How many dead letters one call sends again.
pub const MOST: u32 = 1_000;

/// Lets a dead letter wait again, as if it had just happened.
///
/// # Errors
/// [`Missing::DeadLetter`], or a fault of the database.
pub async fn replay_one(desk: &Desk, id: MessageId) -> Result<(), Error> {
    match replay(desk, Some(id)).await? {
        0 => Err(Missing::DeadLetter.into()),
        _ => Ok(()),
    }
}

/// Lets up to [`MOST`] dead letters wait again, the oldest first; answers how many.
///
/// # Errors
/// A fault of the database.
pub async fn replay_all(desk: &Desk) -> Result<u64, Error> {
    replay(desk, None).await
}

async fn replay(desk: &Desk, only: Option<MessageId>) -> Result<u64, Error> {
    let now = desk.clock.now();
    let tx = desk.database.begin().await?;
    let again = queue::replay(&tx, only, now, now.plus_millis(desk.settings.told_for), MOST).await?;
    tx.commit().await?;
    Ok(again)
}
