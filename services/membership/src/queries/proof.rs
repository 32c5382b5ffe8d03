//! What has a member shown of themselves?

use kernel::{MemberId, Timestamp};

use crate::{
    domain::vouching::VouchedAt,
    error::{Error, Missing},
    store::{Vault, vouchings},
};

/// What a member has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// Whether their phone was confirmed.
    pub phone_confirmed: bool,
    /// Until when a fresh code vouches for them at the counter; `None` where none does any more.
    pub vouched_until: Option<Timestamp>,
}

/// What this member has shown, at this counter and before.
///
/// # Errors
/// [`Missing::Member`], or a fault of the database.
pub async fn proof(vault: &Vault, id: MemberId, at: &VouchedAt, now: Timestamp) -> Result<Proof, Error> {
    let on = vault.database.connection();
    let phone_confirmed = vouchings::is_confirmed(on, id).await?.ok_or(Missing::Member(id))?;
    let vouched_until = vouchings::until(on, id, at).await?.filter(|until| now < *until);
    Ok(Proof { phone_confirmed, vouched_until })
}
