//! Whom does this keyed hash lead to? Asked by services that must not see identifiers.

use kernel::{Digest16, IdentifierKind, MemberId};

use crate::{
    error::{Error, Missing},
    store::{Vault, members},
};

/// Where a keyed hash leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolved {
    /// The member.
    pub member: MemberId,
    /// What kind of identifier it is.
    pub kind: IdentifierKind,
    /// Whether it still leads there.
    pub active: bool,
}

/// Where the keyed hash leads; a `kind` that is named must be the identifier's.
///
/// # Errors
/// [`Missing::Identified`], or a fault of the database.
pub async fn resolve_identifier(
    vault: &Vault,
    digest: Digest16,
    kind: Option<IdentifierKind>,
) -> Result<Resolved, Error> {
    let known = members::find_identifier(vault.database.connection(), digest).await?;
    let known = known.filter(|known| kind.is_none_or(|kind| kind == known.kind));
    let known = known.ok_or(Missing::Identified)?;
    Ok(Resolved { member: known.member, kind: known.kind, active: known.active })
}
