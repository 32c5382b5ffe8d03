//! Which regions and branches does the chain have?

use kernel::{BranchCode, RegionCode};

use crate::{
    domain::place::{Branch, Region},
    error::{Error, Missing},
    store::{Vault, places},
};

/// One page of a list, and whether more follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on the page.
    pub items: Vec<T>,
    /// Whether something follows the last item.
    pub has_more: bool,
}

impl<T> Page<T> {
    /// Cuts a list that was read one longer than the page.
    pub(super) fn cut(mut items: Vec<T>, limit: u64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = items.len() > limit;
        items.truncate(limit);
        Self { items, has_more }
    }
}

/// Up to `limit` regions whose codes come after `after`, in order.
///
/// # Errors
/// A fault of the database.
pub async fn list_regions(
    vault: &Vault,
    after: Option<&RegionCode>,
    limit: u64,
) -> Result<Page<Region>, Error> {
    let found = places::list_regions(vault.database.connection(), after, limit + 1).await?;
    Ok(Page::cut(found, limit))
}

/// Up to `limit` branches, of one region or all, whose codes come after `after`, in order.
///
/// # Errors
/// A fault of the database.
pub async fn list_branches(
    vault: &Vault,
    region: Option<&RegionCode>,
    after: Option<&BranchCode>,
    limit: u64,
) -> Result<Page<Branch>, Error> {
    let found = places::list_branches(vault.database.connection(), region, after, limit + 1).await?;
    Ok(Page::cut(found, limit))
}

/// The region of a branch; nothing for a branch that there is not.
///
/// # Errors
/// A fault of the database.
pub async fn region_of(vault: &Vault, code: &BranchCode) -> Result<Option<RegionCode>, Error> {
    let found = places::load_branch(vault.database.connection(), code).await?;
    Ok(found.map(|branch| branch.region))
}

/// The branch.
///
/// # Errors
/// [`Missing::Branch`], or a fault of the database.
pub async fn branch(vault: &Vault, code: &BranchCode) -> Result<Branch, Error> {
    let found = places::load_branch(vault.database.connection(), code).await?;
    Ok(found.ok_or_else(|| Missing::Branch(code.clone()))?)
}
