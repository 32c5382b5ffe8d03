//! Looks now and then whether purchases have come that returns wait for.

use std::{sync::Arc, time::Duration};

use runtime::Tasks;

use crate::commands::{await_purchase, record_purchases::Recorder};

const EVERY: Duration = Duration::from_secs(1);

/// Starts looking; ends with the process. On several replicas each return is recorded once: its id sees to that.
pub fn match_returns(recorder: &Arc<Recorder>, tasks: &Tasks) {
    let (recorder, stop) = (Arc::clone(recorder), tasks.stopping());
    tasks.spawn("points returns that wait", async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
            match await_purchase::match_returns(&recorder).await {
                Ok(0) => {}
                Ok(returns) => tracing::info!(returns, "returns met their purchases"),
                Err(fault) => {
                    tracing::warn!(
                        fault = format!("{fault:#}"),
                        "returns could not be matched with purchases"
                    );
                }
            }
        }
    });
}
