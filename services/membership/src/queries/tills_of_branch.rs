//! Which tills does a branch have, and which keys do they have?

use kernel::BranchCode;

use crate::{
    domain::till::{Till, TillKey},
    error::{Error, Missing},
    store::{Vault, places, tills},
};

/// The tills of a branch, by code, each with its keys, oldest first.
///
/// # Errors
/// [`Missing::Branch`], or a fault of the database.
pub async fn tills_of_branch(vault: &Vault, branch: &BranchCode) -> Result<Vec<(Till, Vec<TillKey>)>, Error> {
    let on = vault.database.connection();
    if places::load_branch(on, branch).await?.is_none() {
        return Err(Missing::Branch(branch.clone()).into());
    }
    let (tills, keys) = (tills::list_tills(on, branch).await?, tills::list_keys(on, branch).await?);
    let keys_of = |till: &Till| keys.iter().filter(|key| key.till == till.code).cloned().collect();
    Ok(tills.iter().map(|till| (till.clone(), keys_of(till))).collect())
}
