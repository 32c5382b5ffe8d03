//! What did points hear of others, and what will others have heard of points? For comparisons.

use kernel::{Digest16, HouseholdId, IdentifierKind, MemberId};
use store::Database;

use crate::store::{auditing, households, merges};

/// Every keyed hash that was heard of: hash, member, kind, whether active.
///
/// # Errors
/// When the database refuses.
pub async fn identifiers(
    database: &Database,
) -> anyhow::Result<Vec<(Digest16, MemberId, IdentifierKind, bool)>> {
    auditing::identifiers(database).await
}

/// Every branch that was heard of, with its region.
///
/// # Errors
/// When the database refuses.
pub async fn branches(database: &Database) -> anyhow::Result<Vec<(String, String)>> {
    auditing::branches(database).await
}

/// Everybody who belongs to a household, as it was heard: member and household.
///
/// # Errors
/// When the database refuses.
pub async fn households(database: &Database) -> anyhow::Result<Vec<(MemberId, HouseholdId)>> {
    households::all(database).await
}

/// Whose account went into whose.
///
/// # Errors
/// When the database refuses.
pub async fn merged(database: &Database) -> anyhow::Result<Vec<(MemberId, MemberId)>> {
    merges::list(database).await
}

/// For every account: the member, its version, and how many purchases it has.
///
/// # Errors
/// When the database refuses.
pub async fn purchase_counts(database: &Database) -> anyhow::Result<Vec<(MemberId, u64, u64)>> {
    auditing::purchase_counts(database).await
}
