//! Makes the next key that signs access tokens, when it is time, and reads the keys again.

use super::Desk;
use crate::{error::Error, store::signing_keys};

/// Makes sure that there is a key that signs, and that the next one is there in time. Any replica may do it, at any time.
///
/// # Errors
/// A fault of the database.
pub async fn rotate_signing_keys(desk: &Desk) -> Result<(), Error> {
    let on = desk.vault.database.connection();
    let turns = desk.keys.read_again(on, &desk.vault).await?;
    let now = desk.clock.now();
    let one_signs = desk.keys.signs(now).is_ok();
    let Some(turn) = desk.settings.turns.next(&turns, one_signs, now) else { return Ok(()) };
    let mut seed = [0; 32];
    desk.ids.secret(&mut seed);
    let tx = desk.vault.database.begin().await?;
    signing_keys::insert(&tx, &desk.vault, turn, &seed).await?;
    tx.commit().await?;
    desk.keys.read_again(on, &desk.vault).await?;
    tracing::info!(target: "vafa::membership", number = turn.number, "a key for access tokens was made");
    Ok(())
}
