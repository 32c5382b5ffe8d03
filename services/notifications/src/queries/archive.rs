//! What does notifications keep of a member?

use kernel::MemberId;
use runtime::archive::{Place, Reading, read};
use store::Database;

use crate::store::kept::KEPT;

/// A page of it, behind `from`. What is sealed is withheld: codes are shown with the vouchers themselves.
///
/// # Errors
/// A place that is none of ours, or a fault of the database.
pub async fn part(database: &Database, member: MemberId, from: Option<&Place>) -> anyhow::Result<Reading> {
    read(database, KEPT.sheets, member, from, &|_| {
        anyhow::bail!("notifications gives nothing out that is sealed")
    })
    .await
}
