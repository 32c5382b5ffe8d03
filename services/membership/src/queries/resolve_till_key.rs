//! Which till has the key with this digest? Asked by the gateway, which keeps the answer for a few seconds.

use kernel::RegionCode;

use crate::{
    domain::till::TillKey,
    error::{Error, Missing},
    store::{Vault, places, tills},
};

/// A key as it is found, valid or not, with the region of its branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundKey {
    /// The key.
    pub key: TillKey,
    /// The region of the till's branch.
    pub region: RegionCode,
}

/// The key with this digest, when there ever was one.
///
/// # Errors
/// A fault of the database.
pub async fn resolve_till_key(vault: &Vault, digest: &[u8; 32]) -> Result<Option<FoundKey>, Error> {
    let on = vault.database.connection();
    let Some(key) = tills::find_key(on, digest).await? else { return Ok(None) };
    let branch = places::load_branch(on, &key.branch).await?;
    let branch = branch.ok_or_else(|| Missing::Branch(key.branch.clone()))?;
    Ok(Some(FoundKey { key, region: branch.region }))
}
