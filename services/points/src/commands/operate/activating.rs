//! What is pending of one purchase, as its own rows say.

use anyhow::Context as _;
use kernel::JournalId;
use store::Tx;

use crate::{
    commands::{record_purchases::Recorder, record_return::original},
    domain::{Aside, Back, came_to},
    store::ledger,
};

/// What is pending of a purchase: what it earned so, less what returns were due of it. Lock its account before.
///
/// Points that are aside are kept by lot and day alone, so the day is found again from how the purchase was decided.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub(super) async fn own_pending(recorder: &Recorder, tx: &Tx, id: JournalId) -> anyhow::Result<Vec<Aside>> {
    let rows = ledger::purchases(tx, &[id.as_uuid()], &[]).await?;
    let row = rows.first().context("a purchase that was there a moment ago")?;
    let purchase = row.purchase().context("a purchase")?;
    let decided = recorder.programmes.version(tx.connection(), purchase.programme_version).await?;
    let today = recorder.chain.local(row.recorded_at, None).day;
    let branch = &purchase.asked.branch;
    let places = came_to(&decided.document, &purchase.trace, branch, row.member, today)?;
    Ok(original(recorder, tx, row, purchase, &Back::Rest).await?.pending_left(&places)?)
}
