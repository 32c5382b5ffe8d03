//! Forgets what is over: invitations a day after they could be accepted, when none of them counts for anything any more, and
//! numbers in place of cards.

use super::{Desk, exchange_code::after};
use crate::{
    domain::code_window::DAY,
    error::Error,
    store::{card_tokens, invitations},
};

/// Forgets what is old enough; answers how many rows.
///
/// # Errors
/// A fault of the database.
pub async fn forget_lapsed(desk: &Desk) -> Result<u64, Error> {
    let tx = desk.vault.database.begin().await?;
    let now = desk.clock.now();
    let forgotten = invitations::forget(&tx, after(now, -DAY)).await? + card_tokens::forget(&tx, now).await?;
    tx.commit().await?;
    Ok(forgotten)
}
