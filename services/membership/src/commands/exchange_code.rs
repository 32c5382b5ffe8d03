//! Signs a member in: the code against a session, with an access token and its first refresh token.

use kernel::{SessionId, Timestamp};
use web::{AccessClaims, TOKEN_ISSUER};

use super::{
    Desk,
    confirm_code::{Answered, Confirmed},
};
use crate::{
    domain::{
        device::App,
        session::{RefreshToken, Session},
    },
    error::Error,
    store::sessions,
};

/// What every refresh token begins with, so that a leaked one is recognised.
pub const REFRESH_PREFIX: &str = "vr_";

/// What a member signs in with from now on. It has no `Debug`: the texts are for the member's app alone.
pub struct Tokens {
    /// The session.
    pub session: Session,
    /// The access token.
    pub access: String,
    /// In how many seconds it lapses.
    pub access_seconds: i64,
    /// The refresh token.
    pub refresh: String,
    /// When it lapses, if it is not used.
    pub refresh_until: Timestamp,
}

/// Opens a session for the member whose code it is.
///
/// # Errors
/// [`crate::domain::rejection::Rejection::CodeWrong`], [`crate::domain::rejection::Rejection::CodeSpent`], or a fault of
/// the database.
pub async fn exchange_code(desk: &Desk, answered: &Answered, app: App) -> Result<Tokens, Error> {
    let now = desk.clock.now();
    let Confirmed { tx, member, seal, telling } = desk.confirm(answered).await?;
    let session = Session {
        id: SessionId::from_uuid(desk.ids.uuid()),
        member: member.id,
        device: app.device,
        started_at: now,
        last_used_at: now,
        expires_at: after(now, desk.settings.lives.session),
        stepped_up_until: None,
        ended: None,
        installation: app.installation.as_ref().map(|app| desk.vault.installation_digest(app)),
    };
    sessions::insert(&tx, &seal, &session).await?;
    let (token, text) = desk.fresh_refresh(&session, now);
    sessions::insert_token(&tx, &token).await?;
    let tokens = desk.tokens(session, text, now)?;
    desk.conclude(tx, telling).await?;
    Ok(tokens)
}

pub(super) const fn after(now: Timestamp, micros: i64) -> Timestamp {
    Timestamp::from_micros(now.micros().saturating_add(micros))
}

impl Desk {
    /// A refresh token that continues this session, and its text.
    pub(super) fn fresh_refresh(&self, session: &Session, now: Timestamp) -> (RefreshToken, String) {
        let (text, digest) = self.fresh_secret(REFRESH_PREFIX);
        (RefreshToken { digest, session: session.id, issued_at: now, used_at: None }, text)
    }

    /// What the session's app is given, with this refresh token.
    ///
    /// # Errors
    /// A fault while no key signs.
    pub(super) fn tokens(&self, session: Session, refresh: String, now: Timestamp) -> Result<Tokens, Error> {
        let (access, access_seconds) = self.access_token(&session, now)?;
        let rests = after(now, self.settings.lives.refresh);
        let refresh_until = rests.min(session.expires_at);
        Ok(Tokens { session, access, access_seconds, refresh, refresh_until })
    }

    /// An access token of this session, and in how many seconds it lapses. Every session comes from a code, so whoever
    /// has one has a confirmed phone.
    ///
    /// # Errors
    /// A fault while no key signs.
    pub(super) fn access_token(&self, session: &Session, now: Timestamp) -> Result<(String, i64), Error> {
        let until = after(now, self.settings.lives.access).min(session.expires_at);
        let claims = AccessClaims {
            iss: TOKEN_ISSUER.to_owned(),
            sub: session.member,
            sid: session.id,
            iat: seconds(now),
            exp: seconds(until),
            phone_confirmed: true,
            stepped_up_until: session.stepped_up_until.filter(|until| *until > now).map(seconds),
        };
        Ok((self.keys.signs(now)?.sign(&claims), claims.exp - claims.iat))
    }
}

const fn seconds(at: Timestamp) -> i64 {
    at.micros().div_euclid(1_000_000)
}
