//! What callers are told who share batches: that nothing was taken, or a fault that concerns all of them.

use std::sync::Arc;

use runtime::NotTaken;
use store::StoreError;
use web::Problem;

use crate::error::{STOPPING, TOO_BUSY, come_back, fault};

/// Nothing was done: come back in a second.
pub fn not_taken(why: NotTaken) -> Problem {
    match why {
        NotTaken::Full => come_back(&TOO_BUSY),
        NotTaken::Stopping => come_back(&STOPPING),
    }
}

/// A fault that many callers share: each gets it.
pub fn shared_fault(shared: Arc<anyhow::Error>) -> Problem {
    fault(Arc::try_unwrap(shared).unwrap_or_else(|s| again(&s)))
}

/// The same fault for another caller; what it was made of is kept as far as it decides the answer.
fn again(shared: &anyhow::Error) -> anyhow::Error {
    let passes =
        shared.chain().any(|cause| cause.downcast_ref::<StoreError>().is_some_and(StoreError::is_transient));
    let text = format!("{shared:#}");
    if passes {
        anyhow::Error::new(StoreError::Busy { waited_ms: 0 }).context(text)
    } else {
        anyhow::anyhow!(text)
    }
}
