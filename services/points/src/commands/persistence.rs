//! Tries again what met somebody else's change.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use store::StoreError;

use crate::store::ledger::Changed;

/// How often a decision is made again when others changed its rows meanwhile, or the database faltered.
pub const TRIES: u32 = 6;

/// Whether somebody else's change was met, or the database faltered in a way that passes.
pub fn may_go_better(fault: &anyhow::Error) -> bool {
    let passes = |error: &StoreError| error.is_unique_violation() || error.is_transient();
    fault.is::<Changed>() || fault.downcast_ref::<StoreError>().is_some_and(passes)
}

/// Runs one transaction, again on fresh rows as long as that may go better, [`TRIES`] times at most.
///
/// The transaction must look up first whether it has been done before: a commit whose outcome nobody knows is tried again.
///
/// # Errors
/// The last fault, with `what` was being done.
pub async fn persistently<T, F>(what: &'static str, mut transaction: impl FnMut() -> F) -> anyhow::Result<T>
where
    F: Future<Output = anyhow::Result<T>>,
{
    let mut last = None;
    for attempt in 0..TRIES {
        if attempt > 0 {
            tokio::time::sleep(Duration::from_millis(u64::from(attempt) * 5)).await;
        }
        match transaction().await {
            Ok(outcome) => return Ok(outcome),
            Err(fault) if may_go_better(&fault) => last = Some(fault),
            Err(fault) => return Err(fault).context(what),
        }
    }
    Err(last.unwrap_or_else(|| anyhow!("not tried"))).with_context(|| format!("{what}, {TRIES} tries"))
}

/// What was recorded before under the same names, or what is decided now.
///
/// **A refusal is believed only after a second look.** Between the first look and the lock on the account somebody else may have
/// recorded the very same; then it is their doing that nothing is left, and their answer that holds.
///
/// # Errors
/// Those of the looks and of the decision.
pub async fn unless_recorded<T, R, B, D>(
    before: impl Fn() -> B,
    decide: impl FnOnce() -> D,
) -> anyhow::Result<Result<T, R>>
where
    B: Future<Output = anyhow::Result<Option<Result<T, R>>>>,
    D: Future<Output = anyhow::Result<Result<T, R>>>,
{
    if let Some(answer) = before().await? {
        return Ok(answer);
    }
    match decide().await? {
        Ok(done) => Ok(Ok(done)),
        Err(refusal) => Ok(before().await?.unwrap_or(Err(refusal))),
    }
}
