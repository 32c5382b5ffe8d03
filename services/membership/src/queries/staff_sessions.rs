//! Where is a person of the staff signed in, and whose is an access token?

use kernel::{Grant, SessionId, StaffId, Timestamp};

use crate::{
    domain::{
        account::{StaffSession, TokenKind},
        rejection::Rejection,
    },
    error::{Error, Missing},
    store::{Vault, staff, staff_sessions},
};

/// Whose an access token is, and what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub staff: StaffId,
    /// Their session.
    pub session: SessionId,
    /// Their roles.
    pub grants: Vec<Grant>,
    /// When the token lapses, or did.
    pub until: Timestamp,
}

/// The person with this access token, while their session is good and they may come in.
///
/// # Errors
/// [`Missing::StaffSession`], [`Rejection::SessionOver`], or a fault of the database.
pub async fn resolve_token(vault: &Vault, digest: &[u8; 32], now: Timestamp) -> Result<SignedIn, Error> {
    let on = vault.database.connection();
    let token = staff_sessions::find_token(on, digest).await?;
    let token = token.filter(|token| token.kind == TokenKind::Access).ok_or(Missing::StaffSession)?;
    let session = staff_sessions::load(on, token.session).await?.ok_or(Missing::StaffSession)?;
    let person = staff::load(on, vault, session.staff).await?.ok_or(Missing::StaffSession)?;
    if !session.is_live(now) || person.disabled_at.is_some() {
        return Err(Rejection::SessionOver.into());
    }
    let grants = staff::grants_of(on, &[person.id]).await?;
    Ok(SignedIn {
        staff: person.id,
        session: session.id,
        grants: grants.into_iter().map(|granted| granted.grant).collect(),
        until: token.expires_at,
    })
}

/// The person's sessions that are live, those begun last first.
///
/// # Errors
/// [`Missing::Staff`], or a fault of the database.
pub async fn sessions_of(vault: &Vault, id: StaffId, now: Timestamp) -> Result<Vec<StaffSession>, Error> {
    let on = vault.database.connection();
    staff::load(on, vault, id).await?.ok_or(Missing::Staff(id))?;
    staff_sessions::live_of(on, id, now).await
}
