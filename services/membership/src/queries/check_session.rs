//! Is a session still good? Asked by the gateway, which keeps the answer for a few seconds.

use kernel::{MemberId, SessionId, Timestamp};

use crate::{
    domain::rejection::Rejection,
    error::{Error, Missing},
    store::{Vault, sessions},
};

/// Whose session it is, while it is good.
///
/// # Errors
/// [`Missing::Session`], [`Rejection::SessionOver`], or a fault of the database.
pub async fn check_session(vault: &Vault, id: SessionId, now: Timestamp) -> Result<MemberId, Error> {
    let session = sessions::load(vault.database.connection(), id).await?.ok_or(Missing::Session)?;
    if session.is_live(now) { Ok(session.member) } else { Err(Rejection::SessionOver.into()) }
}
