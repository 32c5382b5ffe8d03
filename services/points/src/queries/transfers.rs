//! Where do a transfer, and a member's transfers, stand?

use kernel::{MemberId, TransferId};
use store::Database;
use web::Problem;

use crate::{
    error,
    store::transfers::{self, TransferPlace, TransferRow},
};

/// The transfer as it was noted last; `None` when there is none of this id.
///
/// # Errors
/// A fault.
pub async fn read(database: &Database, id: TransferId) -> Result<Option<TransferRow>, Problem> {
    transfers::load(database.connection(), id).await.map_err(error::fault)
}

/// What a member sent and got, past a place, newest first, as it was noted last.
///
/// # Errors
/// A fault.
pub async fn of_member(
    database: &Database,
    member: MemberId,
    past: Option<TransferPlace>,
    limit: u32,
) -> Result<Vec<TransferRow>, Problem> {
    transfers::of_member(database, member, past, limit).await.map_err(error::fault)
}
