//! What have members shown of themselves?

use kernel::{MemberId, Timestamp};

use crate::{
    domain::vouching::VouchedAt,
    error::Error,
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

/// What each of these members has shown, at that counter and before, in their order; nothing for whoever is no member.
///
/// # Errors
/// A fault of the database.
pub async fn proofs(
    vault: &Vault,
    asked: &[(MemberId, VouchedAt)],
    now: Timestamp,
) -> Result<Vec<Option<Proof>>, Error> {
    let ids: Vec<MemberId> = asked.iter().map(|(member, _)| *member).collect();
    let confirmed = vouchings::confirmed(&vault.database, &ids).await?;
    let until = vouchings::until(&vault.database, asked).await?;
    let proof = |(member, at): &(MemberId, VouchedAt)| {
        let phone_confirmed = *confirmed.get(member)?;
        let vouched_until = until.get(&(*member, at.columns())).copied().filter(|until| now < *until);
        Some(Proof { phone_confirmed, vouched_until })
    };
    Ok(asked.iter().map(proof).collect())
}
