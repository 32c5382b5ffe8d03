//! Ends redemptions that wait for points for too long.

use super::{Desk, follow::follow, persistence::persistently};
use crate::{domain::redemption::Heard, error::Error, store::redemptions};

/// How many are looked at together.
const BATCH: u32 = 100;

/// Ends some of those whose time is over; answers how many there were.
///
/// # Errors
/// A fault of the database.
pub async fn give_up(desk: &Desk) -> Result<usize, Error> {
    let due = redemptions::due(desk.database.connection(), desk.teller.clock.now(), BATCH).await?;
    for id in &due {
        persistently(|| async {
            let tx = desk.database.begin().await?;
            follow(&desk.teller, &tx, *id, Heard::TimedOut, (None, None)).await?;
            tx.commit().await?;
            desk.teller.relay.wake();
            Ok(())
        })
        .await?;
    }
    Ok(due.len())
}
