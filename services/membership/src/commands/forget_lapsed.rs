//! Forgets what is over: invitations a day after they could be accepted, when none of them counts for anything any more, and
//! numbers in place of cards; texts after a week, longer than anybody may pass them on.

use super::{Desk, exchange_code::after};
use crate::{
    domain::code_window::DAY,
    error::Error,
    store::{card_tokens, inbound_texts, invitations},
};

/// How long it is known which texts came.
const TEXTS_KEPT: i64 = 7 * DAY;

/// Forgets what is old enough; answers how many rows.
///
/// # Errors
/// A fault of the database.
pub async fn forget_lapsed(desk: &Desk) -> Result<u64, Error> {
    let tx = desk.vault.database.begin().await?;
    let now = desk.clock.now();
    let forgotten = invitations::forget(&tx, after(now, -DAY)).await? + card_tokens::forget(&tx, now).await?;
    let texts = inbound_texts::forget(&tx, after(now, -TEXTS_KEPT), now).await?;
    tx.commit().await?;
    Ok(forgotten + texts)
}
