//! Asks providers what became of messages that they took: those that can be asked for many at once, of what they said nothing by
//! themselves. Each message is asked about a few times, and less often as it gets older.

use super::{Desk, note_receipt::note_receipts};
use crate::{adapters::Carrier, error::Error, store::attempts};

/// How often this is done, in milliseconds: what is asked about now was taken within a time of this length.
pub const EVERY_MS: i64 = 60_000;
/// How old messages are that are asked about, in minutes.
const AGES: [i64; 5] = [1, 5, 15, 60, 360];
/// Messages that one question names.
const AT_ONCE: u64 = 200;

/// Asks all providers that can be asked; answers how many receipts were new.
///
/// # Errors
/// A fault of the database.
pub async fn ask_receipts(desk: &Desk) -> Result<usize, Error> {
    let mut new = 0;
    for carrier in desk.carriers.all() {
        if !carrier.provider.is_asked() {
            continue;
        }
        for age in AGES {
            new += ask_about(desk, &carrier, age).await?;
        }
    }
    Ok(new)
}

/// Asks about messages of one age.
async fn ask_about(desk: &Desk, carrier: &Carrier, age: i64) -> Result<usize, Error> {
    let until = desk.clock.now().plus_millis(-age * EVERY_MS);
    let mut from = (until.plus_millis(-EVERY_MS), uuid::Uuid::nil());
    let mut new = 0;
    loop {
        let on = desk.database.connection();
        let found = attempts::taken(on, &carrier.name, from, until, AT_ONCE).await?;
        let Some(last) = found.last() else { return Ok(new) };
        from = (last.begun_at, last.id);
        let references: Vec<String> = found.iter().filter_map(|one| one.reference.clone()).collect();
        match carrier.provider.ask_about(&references).await {
            Ok(notices) => new += note_receipts(desk, &carrier.name, &notices).await?,
            Err(error) => {
                tracing::warn!(target: "vafa::notifications", provider = carrier.name, %error, "a provider does not say what became of messages");
                return Ok(new);
            }
        }
    }
}
