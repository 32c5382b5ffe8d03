//! Members who turned out to be others, and members who are erased: what they were told goes where they go.

use kernel::{MemberId, Timestamp};
use store::Tx;

use crate::{error::Error, store::members};

/// Gives the one who stays what the other one was told.
///
/// # Errors
/// A fault of the database.
pub async fn merge(tx: &Tx, survivor: MemberId, absorbed: MemberId) -> Result<(), Error> {
    members::merge(tx, survivor, absorbed).await
}

/// Deletes what is kept of a member.
///
/// # Errors
/// A fault of the database.
pub async fn erase(tx: &Tx, member: MemberId, when: Timestamp) -> Result<(), Error> {
    members::erase(tx, member, when).await.map(drop)
}
