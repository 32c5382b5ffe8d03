//! What should other services have projected from this one's facts? Read page by page, to compare.

use kernel::{BranchCode, Digest16, HouseholdId, IdentifierKind, MemberId, RegionCode};
use store::Database;

use crate::{
    error::Error,
    store::{activity, households, members, merges, places},
};

/// Where one keyed hash leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectedIdentifier {
    /// The keyed hash.
    pub digest: Digest16,
    /// The member.
    pub member: MemberId,
    /// The kind of identifier.
    pub kind: IdentifierKind,
    /// Whether it still leads there.
    pub active: bool,
}

/// One branch as rules need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectedBranch {
    /// The branch.
    pub branch: BranchCode,
    /// Its region.
    pub region: RegionCode,
    /// IANA time zone, when it differs from the chain's.
    pub time_zone: Option<String>,
}

/// How many purchases of one member were heard of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeardPurchases {
    /// The member.
    pub member: MemberId,
    /// How many.
    pub purchases: u64,
}

/// Up to `limit` identifiers whose keyed hashes come after `after`, in order.
///
/// # Errors
/// A fault of the database.
pub async fn list_projected_identifiers(
    database: &Database,
    after: Option<Digest16>,
    limit: u64,
) -> Result<Vec<ProjectedIdentifier>, Error> {
    let page = members::list_identifiers(database.connection(), after, limit).await?;
    let projected = page.iter().map(|sealed| ProjectedIdentifier {
        digest: sealed.digest,
        member: sealed.member,
        kind: sealed.kind,
        active: sealed.active,
    });
    Ok(projected.collect())
}

/// Up to `limit` branches whose codes come after `after`, in order.
///
/// # Errors
/// A fault of the database.
pub async fn list_projected_branches(
    database: &Database,
    after: Option<&BranchCode>,
    limit: u64,
) -> Result<Vec<ProjectedBranch>, Error> {
    let page = places::list_branches(database.connection(), None, after, limit).await?;
    let projected = page.into_iter().map(|branch| ProjectedBranch {
        branch: branch.code,
        region: branch.region,
        time_zone: branch.time_zone,
    });
    Ok(projected.collect())
}

/// Whose membership went into whose.
///
/// # Errors
/// A fault of the database.
pub async fn list_merged_members(database: &Database) -> Result<Vec<(MemberId, MemberId)>, Error> {
    merges::list(database).await
}

/// Everybody who belongs to a household: member and household.
///
/// # Errors
/// A fault of the database.
pub async fn list_projected_households(database: &Database) -> Result<Vec<(MemberId, HouseholdId)>, Error> {
    households::all(database.connection()).await
}

/// Up to `limit` members who bought something and whose ids come after `after`, in order.
///
/// # Errors
/// A fault of the database.
pub async fn list_heard_purchases(
    database: &Database,
    after: Option<MemberId>,
    limit: u64,
) -> Result<Vec<HeardPurchases>, Error> {
    let page = activity::list(database.connection(), after, limit).await?;
    let heard =
        page.iter().map(|(member, known)| HeardPurchases { member: *member, purchases: known.purchases });
    Ok(heard.collect())
}
