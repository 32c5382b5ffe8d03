//! Looks now and then whether a programme went live that nobody was told of.

use std::{sync::Arc, time::Duration};

use runtime::Tasks;

use crate::commands::{record_purchases::Recorder, tell_programmes_live::tell_programmes_live};

const EVERY: Duration = Duration::from_secs(2);

/// Starts looking; ends with the process.
pub fn tell_live(recorder: &Arc<Recorder>, tasks: &Tasks) {
    let (recorder, stop) = (Arc::clone(recorder), tasks.stopping());
    tasks.spawn("points programmes going live", async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
            if let Err(fault) = tell_programmes_live(&recorder).await {
                tracing::warn!(fault = format!("{fault:#}"), "that a programme is live could not be told");
            }
        }
    });
}
