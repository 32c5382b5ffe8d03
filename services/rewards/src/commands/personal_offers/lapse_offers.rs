//! What was activated and not used in time is free for others.

use kernel::{MemberId, Timestamp};
use store::Tx;

use crate::{
    commands::{Desk, persistence::persistently},
    domain::taking::TakingState,
    error::Error,
    store::{personal_offers, takings},
};

/// A purchase may be heard of so much later than it was made: an hour.
const LATE_MS: i64 = 60 * 60 * 1_000;
/// How many are looked at together.
const BATCH: u32 = 100;

/// Ends some whose time is over; answers how many there were.
///
/// # Errors
/// A fault of the database.
pub async fn lapse_offers(desk: &Desk) -> Result<usize, Error> {
    let before = desk.teller.clock.now().plus_millis(-LATE_MS);
    let found = takings::lapsed(desk.database.connection(), before, BATCH).await?;
    for id in &found {
        persistently(|| async {
            let tx = desk.database.begin().await?;
            let taking = takings::hold(&tx, *id).await?;
            if let Some(mut taking) = taking.filter(|taking| taking.state == TakingState::Active) {
                takings::end(&tx, &mut taking, TakingState::Lapsed, desk.teller.clock.now()).await?;
            }
            Ok(tx.commit().await?)
        })
        .await?;
    }
    Ok(found.len())
}

/// A member is erased: what they activated is free, and they are on no list any more.
///
/// # Errors
/// A fault of the database.
pub async fn forget(tx: &Tx, member: MemberId, now: Timestamp) -> Result<(), Error> {
    for mut taking in takings::hold_of_member(tx, member).await? {
        if taking.state == TakingState::Active {
            takings::end(tx, &mut taking, TakingState::Ended, now).await?;
        }
    }
    personal_offers::forget(tx, member).await
}
