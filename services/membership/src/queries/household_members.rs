//! Who belongs to a household?

use kernel::HouseholdId;

use crate::{
    domain::household::Belonging,
    error::{Error, Missing},
    store::{Vault, households},
};

/// Its members, those who have been there longest first.
///
/// # Errors
/// [`Missing::Household`] when nobody does, or a fault of the database.
pub async fn household_members(vault: &Vault, id: HouseholdId) -> Result<Vec<Belonging>, Error> {
    let members = households::members(vault.database.connection(), id).await?;
    if members.is_empty() { Err(Missing::Household(id).into()) } else { Ok(members) }
}
