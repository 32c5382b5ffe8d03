//! Continues a session of the staff: a refresh token against the next tokens.

use super::{Desk, digest_of, sign_in_staff::StaffTokens};
use crate::{
    domain::{
        rejection::Rejection,
        session::{Ending, Renewal},
    },
    error::Error,
    store::{staff, staff_sessions},
};

/// Continues the session of this refresh token, which is used up. One that was used before ends the session.
///
/// # Errors
/// [`Rejection::RefreshRefused`], [`Rejection::RefreshReused`], or a fault of the database.
pub async fn refresh_staff(desk: &Desk, text: &str) -> Result<StaffTokens, Error> {
    let (now, digest) = (desk.clock.now(), digest_of(text));
    let tx = desk.vault.database.begin().await?;
    let found = staff_sessions::find_token(&tx, &digest).await?.ok_or(Rejection::RefreshRefused)?;
    let held = staff_sessions::hold(&tx, found.session).await?;
    let mut session = held.ok_or(Rejection::RefreshRefused)?;
    // Read again under the session's lock: a parallel call may have used it meanwhile.
    let token = staff_sessions::find_token(&tx, &digest).await?.ok_or(Rejection::RefreshRefused)?;
    let renewal = session.renew(&token, now)?;
    if renewal == Renewal::Reused {
        session.ended = Some((now, Ending::Reuse));
        staff_sessions::update(&tx, &session).await?;
        tx.commit().await?;
        tracing::warn!(target: "vafa::membership", session = %session.id, "a refresh token of the staff came twice; its session is ended");
        return Err(Rejection::RefreshReused.into());
    }
    let person = staff::load(&tx, &desk.vault, session.staff).await?;
    if person.is_none_or(|person| person.disabled_at.is_some()) {
        return Err(Rejection::RefreshRefused.into());
    }
    staff_sessions::use_token(&tx, &digest, now).await?;
    session.last_used_at = now;
    staff_sessions::update(&tx, &session).await?;
    let tokens = desk.staff_tokens(&tx, session, now).await?;
    tx.commit().await?;
    Ok(tokens)
}
