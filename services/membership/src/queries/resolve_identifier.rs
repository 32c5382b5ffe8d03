//! Whom does this keyed hash lead to? Asked by services that must not see identifiers.

use kernel::{Digest16, IdentifierKind, MemberId, Timestamp};

use crate::{
    error::{Error, Missing},
    store::{Vault, card_tokens, members},
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
    /// Whether it leads there for a minute only, so that nobody may keep the answer.
    pub temporary: bool,
    /// The keyed hash under which it is kept, where that is for longer.
    pub digest: Option<Digest16>,
}

/// Where the keyed hashes of one identifier lead; a `kind` that is named must be the identifier's.
///
/// # Errors
/// [`Missing::Identified`], or a fault of the database.
pub async fn resolve_identifier(
    vault: &Vault,
    every: &[Digest16],
    kind: Option<IdentifierKind>,
    now: Timestamp,
) -> Result<Resolved, Error> {
    let on = vault.database.connection();
    let is_asked = |other| kind.is_none_or(|kind| kind == other);
    let known =
        members::find_identifier(on, every.iter().copied()).await?.filter(|known| is_asked(known.kind));
    if let Some(known) = known {
        return Ok(Resolved {
            member: known.member,
            kind: known.kind,
            active: known.active,
            temporary: false,
            digest: Some(known.digest),
        });
    }
    let shown = if is_asked(IdentifierKind::Card) {
        card_tokens::find(on, every.iter().copied(), now).await?
    } else {
        None
    };
    let member = shown.ok_or(Missing::Identified)?;
    Ok(Resolved { member, kind: IdentifierKind::Card, active: true, temporary: true, digest: None })
}
