//! Which phones did a member have, and who changed them?

use kernel::MemberId;

use crate::{
    domain::phone_change::PhoneChange,
    error::{Error, Missing},
    store::{Vault, member_seal::load_seal, phone_changes},
};

/// The changes of a member's phone, the latest first.
///
/// # Errors
/// [`Missing::Member`], a fault of the database, or a phone that does not open.
pub async fn changes_of_phone(vault: &Vault, member: MemberId) -> Result<Vec<PhoneChange>, Error> {
    let on = vault.database.connection();
    // The member's row is read after what its key opens.
    let sealed = phone_changes::of_member(on, member).await?;
    let seal = load_seal(on, vault, member).await?.ok_or(Missing::Member(member))?;
    sealed.iter().map(|change| seal.open_change(change)).collect()
}
