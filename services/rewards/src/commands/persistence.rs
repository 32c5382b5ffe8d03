//! Tries again what met somebody else's change.

use std::time::Duration;

use crate::error::Error;

/// How often a transaction is tried.
const TRIES: u32 = 6;

/// Runs one transaction, again on fresh rows as long as it meets somebody else's change. It must look up first whether it has been
/// done before.
pub(super) async fn persistently<T, F>(mut transaction: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut tried = 1;
    loop {
        match transaction().await {
            Err(Error::Met(_) | Error::Unavailable(_)) if tried < TRIES => {
                tokio::time::sleep(Duration::from_millis(u64::from(tried) * 5)).await;
                tried += 1;
            }
            outcome => return outcome,
        }
    }
}
