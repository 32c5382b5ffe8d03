//! Notes that a till was wrong about a code.

use kernel::Digest16;

use super::Desk;
use crate::{error::Error, store::guesses};

/// Counts a wrong code of this till.
///
/// # Errors
/// A fault of the database.
pub async fn note_guess(desk: &Desk, till: Digest16) -> Result<(), Error> {
    let tx = desk.database.begin().await?;
    guesses::note(&tx, till, desk.teller.clock.now()).await?;
    Ok(tx.commit().await?)
}
