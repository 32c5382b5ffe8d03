//! Notes that another service has done its part of an erasure.

use kernel::{MemberId, Timestamp};
use store::Tx;

use crate::{error::Error, store::erasures};

/// Notes since when `points` has forgotten the member.
///
/// # Errors
/// A fault of the database.
pub async fn confirm_erasure(tx: &Tx, member: MemberId, at: Timestamp) -> Result<(), Error> {
    erasures::confirm_points(tx, member, at).await
}
