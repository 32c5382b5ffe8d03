//! Tells of tiers that time alone has changed, every minute.

use std::{sync::Arc, time::Duration};

use runtime::Tasks;

use crate::commands::{self, record_purchases::Recorder};

const EVERY: Duration = Duration::from_mins(1);

/// Starts the job; ends with the process.
pub fn tell_tiers(recorder: &Arc<Recorder>, tasks: &Tasks) {
    let (recorder, stop) = (Arc::clone(recorder), tasks.stopping());
    tasks.spawn("points tiers", async move {
        loop {
            if let Err(fault) = commands::tell_tiers::tell_tiers(&recorder).await {
                tracing::warn!(fault = format!("{fault:#}"), "changes of tiers could not be told");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    });
}
