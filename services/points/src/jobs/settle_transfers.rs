//! Lets transfers arrive that have cooled off, and brings those back that nobody answered.
//!
//! One replica at a time does it, by a lease; two at once would only do the same twice, and each transfer is settled once.

use std::{sync::Arc, time::Duration};

use runtime::Tasks;
use store::{Backend, lease};

use crate::commands::{record_purchases::Recorder, settle_transfers::settle_transfers};

const LEASE: &str = "points transfers";

/// Starts the job; it looks every so often.
pub fn start(recorder: &Arc<Recorder>, tasks: &Tasks, every: Duration) {
    let (recorder, stop) = (Arc::clone(recorder), tasks.stopping());
    tasks.supervise("points settles transfers", move || {
        let (recorder, stop) = (Arc::clone(&recorder), stop.clone());
        async move {
            let holder = recorder.ids.uuid();
            loop {
                tokio::select! {
                    () = stop.cancelled() => return Ok(()),
                    () = tokio::time::sleep(every) => {}
                }
                if leads(&recorder, holder, every).await? {
                    // What is due may be more than one pass takes.
                    while settle_transfers(&recorder).await? > 0 && !stop.is_cancelled() {}
                }
            }
        }
    });
}

/// Whether this replica does it now. A SQLite file has one process to itself.
async fn leads(recorder: &Recorder, holder: uuid::Uuid, every: Duration) -> anyhow::Result<bool> {
    if recorder.database.backend() == Backend::Sqlite {
        return Ok(true);
    }
    let ttl = (every * 3).max(Duration::from_secs(5));
    let ttl_ms = u32::try_from(ttl.as_millis()).unwrap_or(u32::MAX);
    Ok(lease::acquire(&recorder.database, LEASE, holder, ttl_ms).await?.is_some())
}
