//! Notes that another service has done its part of an erasure.

use kernel::{MemberId, Timestamp};
use store::Tx;

use crate::{domain::leaving::Forgetter, error::Error, store::erasures};

/// Notes since when another service has forgotten the member.
///
/// # Errors
/// A fault of the database.
pub async fn confirm_erasure(tx: &Tx, by: Forgetter, member: MemberId, at: Timestamp) -> Result<(), Error> {
    erasures::confirm(tx, by, member, at).await
}
