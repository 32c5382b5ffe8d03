//! Notes what time has done to transfers: those that cooled off arrive, those that nobody answered come back.
//!
//! A transfer's standing does not depend on it: every step looks at the time itself. It is what makes the points of those
//! arrive to whom nobody looks.

use kernel::{MemberId, TransferId};

use super::{
    record_purchases::Recorder,
    step_transfer::{StepRefusal, step_transfer},
};
use crate::store::transfers;

/// Most transfers of one pass.
const MOST: u64 = 200;

/// Settles what is due, so many at a time; answers how many were settled. One that cannot be settled keeps no other waiting.
///
/// # Errors
/// When the database refuses to say which.
pub async fn settle_transfers(recorder: &Recorder) -> anyhow::Result<usize> {
    settle(recorder, transfers::due(&recorder.database, recorder.clock.now(), None, MOST).await?).await
}

/// Settles what is due of one member, as sender or receiver; answers how many were settled.
///
/// # Errors
/// When the database refuses to say which.
pub async fn settle_of(recorder: &Recorder, member: MemberId) -> anyhow::Result<usize> {
    let now = recorder.clock.now();
    settle(recorder, transfers::due(&recorder.database, now, Some(member), MOST).await?).await
}

async fn settle(recorder: &Recorder, due: Vec<TransferId>) -> anyhow::Result<usize> {
    let mut settled = 0;
    for id in &due {
        match step_transfer(recorder, *id, None, None).await {
            Ok(_) => settled += 1,
            Err(StepRefusal::Fault(fault)) => {
                tracing::warn!(%id, fault = format!("{fault:#}"), "a transfer that is due was not settled");
            }
            Err(StepRefusal::Unknown | StepRefusal::NotNow(_)) => {}
        }
    }
    Ok(settled)
}
