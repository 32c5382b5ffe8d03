//! Continues a session: a refresh token against a fresh access token and the next refresh token.

use super::{Desk, digest_of, exchange_code::Tokens};
use crate::{
    domain::{
        rejection::Rejection,
        session::{Ending, Renewal, renew},
    },
    error::Error,
    store::sessions,
};

/// Continues the session of this refresh token, which is used up. One that was used before ends the session.
///
/// # Errors
/// [`Rejection::RefreshRefused`], [`Rejection::RefreshReused`], or a fault of the database.
pub async fn refresh_session(desk: &Desk, text: &str) -> Result<Tokens, Error> {
    let (now, digest) = (desk.clock.now(), digest_of(text));
    let tx = desk.vault.database.begin().await?;
    let found = sessions::find_token(&tx, &digest).await?.ok_or(Rejection::RefreshRefused)?;
    let held = sessions::hold(&tx, found.session).await?;
    let mut session = held.ok_or(Rejection::RefreshRefused)?;
    // Read again under the session's lock: a parallel call may have used it meanwhile.
    let token = sessions::find_token(&tx, &digest).await?.ok_or(Rejection::RefreshRefused)?;
    match renew(&session, &token, now, desk.settings.lives.refresh)? {
        Renewal::Reused => {
            session.ended = Some((now, Ending::Reuse));
            sessions::update(&tx, &session).await?;
            tx.commit().await?;
            tracing::warn!(target: "vafa::membership", session = %session.id, "a refresh token came twice; its session is ended");
            Err(Rejection::RefreshReused.into())
        }
        Renewal::Continues => {
            sessions::use_token(&tx, &digest, now).await?;
            session.last_used_at = now;
            sessions::update(&tx, &session).await?;
            let (next, text) = desk.fresh_refresh(&session, now);
            sessions::insert_token(&tx, &next).await?;
            let tokens = desk.tokens(session, text, now)?;
            tx.commit().await?;
            Ok(tokens)
        }
    }
}
