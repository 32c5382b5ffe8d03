//! Work that a dropped caller cannot cut in half.

use std::{future::Future, panic};

use tracing::Instrument as _;

/// Runs `work` to its end on a task of its own and hands back what it made. A caller that is dropped meanwhile (a client
/// gone, a time-out, a lost `select!`) leaves the work running; only its answer is lost. **Every write of money goes
/// through here.**
///
/// # Panics
/// Passes on a panic of `work`.
pub async fn shielded<F, T>(work: F) -> T
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    match tokio::spawn(work.in_current_span()).await {
        Ok(made) => made,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => panic::resume_unwind(panic),
            // The runtime is going down and dropped the work: there is no answer, and nobody left to hear one.
            Err(_) => std::future::pending().await,
        },
    }
}
