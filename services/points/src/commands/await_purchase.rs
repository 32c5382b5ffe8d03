//! Returns that come before their purchases: they are kept, and recorded when the purchases have come.
//!
//! A till that was offline may send its purchases after another one sent their returns.

use anyhow::Context as _;
use kernel::JournalId;

use super::{
    persistence::persistently,
    record_purchases::Recorder,
    record_return::{RecordReturn, Refusal, record_return},
};
use crate::store::waiting::{self, WaitingRow};

/// Returns that are looked at together.
const BATCH: u32 = 100;

/// Keeps a return until its purchase comes; answers it as it is kept, now or before.
///
/// # Errors
/// [`Refusal::KeyReused`], [`Refusal::ReceiptTaken`] for names that another return has; [`Refusal::Fault`].
pub async fn await_purchase(recorder: &Recorder, command: &RecordReturn) -> Result<WaitingRow, Refusal> {
    let asked = serde_json::to_string(command).map_err(|why| Refusal::Fault(why.into()))?;
    let row = WaitingRow {
        id: command.journal_id,
        original: command.original,
        idempotency_key: command.idempotency_key,
        fingerprint: command.fingerprint,
        asked,
        came_at: recorder.clock.now(),
        refused: None,
    };
    let kept = persistently("keeping a return", || keep(recorder, &row)).await.map_err(Refusal::Fault)?;
    match kept {
        // The key leads to another return.
        None => Err(Refusal::KeyReused),
        Some(kept) if kept.fingerprint == command.fingerprint => Ok(kept),
        Some(kept) if kept.idempotency_key == command.idempotency_key => Err(Refusal::KeyReused),
        Some(_) => Err(Refusal::ReceiptTaken),
    }
}

async fn keep(recorder: &Recorder, row: &WaitingRow) -> anyhow::Result<Option<WaitingRow>> {
    let tx = recorder.database.begin().await?;
    waiting::keep(&tx, row).await?;
    let kept = waiting::find(&tx, row.id).await?;
    tx.commit().await?;
    Ok(kept)
}

/// Records the returns whose purchases have come; answers how many wait no longer.
///
/// # Errors
/// When the database refuses.
pub async fn match_returns(recorder: &Recorder) -> anyhow::Result<usize> {
    let mut ended = 0;
    for row in waiting::matched(&recorder.database, BATCH).await? {
        match match_one(recorder, &row).await {
            Ok(()) => ended += 1,
            // It stops none of the others, and is tried again.
            Err(fault) => {
                tracing::warn!(id = %row.id, fault = format!("{fault:#}"), "a return could not be matched");
            }
        }
    }
    Ok(ended)
}

async fn match_one(recorder: &Recorder, row: &WaitingRow) -> anyhow::Result<()> {
    let command: RecordReturn = serde_json::from_str(&row.asked).context("a return that waits")?;
    let code = match record_return(recorder, &command, true).await {
        Ok(_) => None,
        Err(Refusal::Fault(fault)) => return Err(fault),
        Err(refusal) => Some(crate::error::return_refused(refusal).code().code),
    };
    persistently("a return that waits no longer", || end(recorder, row.id, code)).await
}

/// A crash before this is harmless: the return is found recorded the next time.
async fn end(recorder: &Recorder, id: JournalId, code: Option<&str>) -> anyhow::Result<()> {
    let tx = recorder.database.begin().await?;
    match code {
        None => waiting::settle(&tx, id).await?,
        Some(code) => waiting::refuse(&tx, id, code).await?,
    }
    Ok(tx.commit().await?)
}
