//! At which branch does the till stand that has this key?

use kernel::{BranchCode, KeyId};

use crate::{
    error::{Error, Missing},
    store::{Vault, tills},
};

/// The branch of a key, valid or not.
///
/// # Errors
/// [`Missing::TillKey`], or a fault of the database.
pub async fn branch_of_key(vault: &Vault, id: KeyId) -> Result<BranchCode, Error> {
    let key = tills::load_key(vault.database.connection(), id).await?;
    Ok(key.ok_or(Missing::TillKey(id))?.branch)
}
