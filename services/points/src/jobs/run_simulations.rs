//! Runs the simulations that were asked for, one after the other.

use std::{sync::Arc, time::Duration};

use runtime::Tasks;

use crate::commands::{record_purchases::Recorder, simulate_programme::run_next};

const EVERY: Duration = Duration::from_secs(1);

/// Starts looking; ends with the process. A simulation that a process left half done is begun again by another one.
pub fn run_simulations(recorder: &Arc<Recorder>, tasks: &Tasks) {
    let (recorder, stop) = (Arc::clone(recorder), tasks.stopping());
    tasks.spawn("points simulations", async move {
        loop {
            let next = async {
                match run_next(&recorder).await {
                    Ok(true) => return,
                    Ok(false) => {}
                    Err(fault) => {
                        tracing::warn!(fault = format!("{fault:#}"), "simulations could not be looked for");
                    }
                }
                tokio::time::sleep(EVERY).await;
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = next => {}
            }
        }
    });
}
