//! Who has this phone or card?

use kernel::MemberId;

use crate::{
    domain::identifier::Identifier,
    error::{Error, Missing},
    store::{Vault, members},
};

/// The member whom the identifier leads to.
///
/// # Errors
/// [`Missing::Identified`], or a fault of the database.
pub async fn find_member(vault: &Vault, identifier: Identifier) -> Result<MemberId, Error> {
    let digest = vault.index(identifier).digest;
    let known = members::find_identifier(vault.database.connection(), digest).await?;
    Ok(known.filter(|known| known.active).ok_or(Missing::Identified)?.member)
}
