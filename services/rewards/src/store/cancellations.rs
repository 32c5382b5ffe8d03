//! Redemptions that were done and are cancelled: who did it, when and why.

use kernel::{RedemptionId, Timestamp};
use store::Tx;

use super::execute;
use crate::error::Error;

/// Who cancelled it, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancelled {
    /// When.
    pub at: Timestamp,
    /// Who: `member`, `operator`, or the id of one of the staff.
    pub by: String,
    /// Why, where somebody of the chain said so.
    pub reason: Option<String>,
}

/// Writes down who cancelled a redemption.
///
/// # Errors
/// A fault of the database.
pub async fn note(tx: &Tx, id: RedemptionId, how: &Cancelled) -> Result<(), Error> {
    let sql = "UPDATE redemptions SET cancelled_at = $1, cancelled_by = $2, cancelled_for = $3 WHERE id = $4";
    let values =
        [how.at.micros().into(), how.by.as_str().into(), how.reason.as_deref().into(), id.as_uuid().into()];
    execute(tx, sql, values).await.map(drop)
}

/// Writes down that what a redemption took of the stock is back there.
///
/// # Errors
/// A fault of the database.
pub async fn note_back(tx: &Tx, id: RedemptionId) -> Result<(), Error> {
    let sql = "UPDATE redemptions SET chain_stock = 0, branch_stock = 0 WHERE id = $1";
    execute(tx, sql, [id.as_uuid().into()]).await.map(drop)
}

/// Writes down when the points of a cancelled redemption came back, or turned out to have nowhere to go.
///
/// # Errors
/// A fault of the database.
pub async fn note_end(tx: &Tx, id: RedemptionId, now: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE redemptions SET refunded_at = $1 WHERE id = $2";
    execute(tx, sql, [now.micros().into(), id.as_uuid().into()]).await.map(drop)
}
