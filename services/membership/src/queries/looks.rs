//! Who of the back office looked at whom?

use kernel::MemberId;
use runtime::LookPage;
use store::looks::LookFilter;

use crate::{error::Error, store::Vault};

/// Up to `limit` looks that the filter asks for, the newest first.
///
/// # Errors
/// A fault of the database.
pub async fn looks(vault: &Vault, filter: &LookFilter, limit: u32) -> Result<LookPage, Error> {
    Ok(vault.look_book().list(filter, limit).await?)
}

/// The latest looks at a member, for themselves to see.
///
/// # Errors
/// A fault of the database.
pub async fn looks_at(vault: &Vault, member: MemberId, limit: u32) -> Result<LookPage, Error> {
    looks(vault, &LookFilter { member: Some(member.as_uuid()), ..LookFilter::default() }, limit).await
}
