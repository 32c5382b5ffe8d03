//! Closes days, every few minutes.

use std::{sync::Arc, time::Duration};

use runtime::Tasks;

use crate::commands::{self, record_purchases::Recorder};

const EVERY: Duration = Duration::from_mins(10);

/// Starts the job. Reports are right without it; it only spares them reading.
pub fn close_days(recorder: &Arc<Recorder>, tasks: &Tasks) {
    let (recorder, stop) = (Arc::clone(recorder), tasks.stopping());
    tasks.spawn("points close days", async move {
        loop {
            match commands::close_days::close_days(&recorder).await {
                Ok(0) => {}
                Ok(days) => tracing::info!(days, "days were closed"),
                Err(fault) => tracing::warn!(fault = format!("{fault:#}"), "days could not be closed"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    });
}
