//! The job that keeps the retention table.

use opentelemetry::{KeyValue, global, metrics::Counter};

use crate::{
    commands::{Desk, forget_kept::forget_kept},
    domain::retention::Kept,
};

/// Forgets what was kept long enough, line by line.
#[derive(Clone)]
pub(super) struct Forgetting {
    desk: Desk,
    forgotten: Counter<u64>,
}

impl Forgetting {
    pub(super) fn new(desk: &Desk) -> Self {
        let forgotten = global::meter("vafa")
            .u64_counter("vafa.membership.forgotten")
            .with_description(
                "Rows that were deleted since they had been kept long enough, by line of the retention table",
            )
            .build();
        Self { desk: desk.clone(), forgotten }
    }

    /// One run over all lines. A line that fails keeps no other waiting.
    pub(super) async fn run(&self) {
        for kept in Kept::ALL {
            match forget_kept(&self.desk, kept).await {
                Ok(0) => {}
                Ok(rows) => {
                    self.forgotten.add(rows, &[KeyValue::new("kept", kept.word())]);
                    tracing::info!(target: "vafa::membership", kept = kept.word(), rows, "what was kept long enough is forgotten");
                }
                Err(fault) => {
                    let fault = anyhow::Error::from(fault);
                    tracing::warn!(target: "vafa::membership", kept = kept.word(), fault = format!("{fault:#}"), "what was kept long enough could not be forgotten; it is tried again");
                }
            }
        }
    }
}
