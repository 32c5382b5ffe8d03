//! What does a member consent to, and what did they say before?

use kernel::{MemberId, PurposeCode};

use crate::{
    domain::consent::{Entry, Purpose},
    error::{Error, Missing},
    store::{Vault, consents, members},
};

/// A member's consents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consents {
    /// The last word about each purpose, by purpose.
    pub standing: Vec<Entry>,
    /// The ledger, the newest line first: one more than was asked for, when more follow.
    pub history: Vec<Entry>,
}

/// What the member consents to, with up to `limit` lines of their ledger and one more, before the line `before`.
///
/// # Errors
/// [`Missing::Member`], or a fault of the database.
pub async fn own_consents(
    vault: &Vault,
    member: MemberId,
    before: Option<u64>,
    limit: u64,
) -> Result<Consents, Error> {
    let on = vault.database.connection();
    members::load_standing(on, member).await?.ok_or(Missing::Member(member))?;
    Ok(Consents {
        standing: consents::standing(on, member).await?,
        history: consents::history(on, member, before, limit + 1).await?,
    })
}

/// Every purpose of the chain with its newest words, by code.
///
/// # Errors
/// A fault of the database.
pub async fn list_purposes(vault: &Vault) -> Result<Vec<Purpose>, Error> {
    consents::purposes(vault.database.connection()).await
}

/// A purpose with this version of its words.
///
/// # Errors
/// [`Missing::Purpose`], or a fault of the database.
pub async fn purpose_text(vault: &Vault, code: &PurposeCode, version: u32) -> Result<Purpose, Error> {
    let found = consents::purpose(vault.database.connection(), code, Some(version)).await?;
    found.ok_or_else(|| Missing::Purpose.into())
}
