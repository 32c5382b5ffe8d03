//! The tasks of a process: started by name, stopped together, waited for.

use std::{future::Future, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Starts tasks and stops them: first everyone is told, then everyone is waited for.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Tasks {
    /// No tasks yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Is cancelled when the process is asked to stop; long-lived tasks watch it.
    #[must_use]
    pub fn stopping(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Starts a task that ends by itself, or when it sees [`Tasks::stopping`].
    pub fn spawn(&self, name: &'static str, future: impl Future<Output = ()> + Send + 'static) {
        let watched = async move {
            future.await;
            tracing::debug!(task = name, "task ended");
        };
        self.tracker.spawn(watched);
    }

    /// Starts a task that must not die: when it fails or panics before the stop, it is started again after a pause
    /// that grows from 0.1 s to 10 s.
    pub fn supervise<F>(&self, name: &'static str, start: impl Fn() -> F + Send + Sync + 'static)
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let stop = self.stopping();
        self.spawn(name, async move {
            let mut pause = Duration::from_millis(100);
            while !stop.is_cancelled() {
                let began = tokio::time::Instant::now();
                match tokio::spawn(start()).await {
                    Ok(Ok(())) if stop.is_cancelled() => return,
                    Ok(Ok(())) => tracing::warn!(task = name, "task ended early, starting it again"),
                    Ok(Err(fault)) => {
                        tracing::error!(task = name, fault = format!("{fault:#}"), "task failed");
                    }
                    Err(panic) => tracing::error!(task = name, fault = %panic, "task panicked"),
                }
                let calm = began.elapsed() > Duration::from_mins(1);
                pause =
                    if calm { Duration::from_millis(100) } else { (pause * 2).min(Duration::from_secs(10)) };
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(pause) => {}
                }
            }
        });
    }

    /// Tells every task to stop and waits for them, `grace` at most; answers whether all ended.
    pub async fn stop(&self, grace: Duration) -> bool {
        self.stop.cancel();
        self.tracker.close();
        tokio::time::timeout(grace, self.tracker.wait()).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    use super::*;

    #[tokio::test]
    async fn a_supervised_task_that_panics_is_started_again_and_stops_when_told() {
        let tasks = Tasks::new();
        let runs = Arc::new(AtomicU32::new(0));
        let (count, stop) = (runs.clone(), tasks.stopping());
        tasks.supervise("shaky", move || {
            let (count, stop) = (count.clone(), stop.clone());
            async move {
                assert!(count.fetch_add(1, Ordering::SeqCst) > 0, "the first run fails");
                stop.cancelled().await;
                Ok(())
            }
        });
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(runs.load(Ordering::SeqCst), 2);
        assert!(tasks.stop(Duration::from_secs(5)).await);
    }
}
