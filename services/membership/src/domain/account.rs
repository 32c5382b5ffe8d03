//! How a person of the staff signs in: an invitation becomes an account, which is a password and a second factor.

use kernel::{SessionId, StaffId, Timestamp};

use super::{
    rejection::Rejection,
    session::{Ending, Renewal, renewal},
};

/// How long an invitation is good, in microseconds: three days.
pub const INVITATION_LIFE: i64 = 3 * 24 * 60 * 60 * 1_000_000;

/// An invitation to make an account, or to make it anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// SHA-256 of its text.
    pub digest: [u8; 32],
    /// Who is invited.
    pub staff: StaffId,
    /// When.
    pub issued_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// The hash of the password that was chosen, and the second factor's secret, until its first code comes.
    pub begun: Option<(String, Vec<u8>)>,
}

/// A password and a second factor. The secret shows itself to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose it is.
    pub staff: StaffId,
    /// The password's hash, with its parameters.
    pub password: String,
    /// The second factor's secret.
    pub secret: Vec<u8>,
    /// The step whose code was used last.
    pub used_step: Option<i64>,
    /// When it was made.
    pub made_at: Timestamp,
}

/// A session of somebody of the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffSession {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub staff: StaffId,
    /// When they signed in.
    pub started_at: Timestamp,
    /// When it was last continued.
    pub last_used_at: Timestamp,
    /// When it ends by itself, however much it is used.
    pub expires_at: Timestamp,
    /// When and why it was ended.
    pub ended: Option<(Timestamp, Ending)>,
}

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// To call with, until it lapses.
    Access,
    /// To continue the session with, once.
    Refresh,
}

/// One token of a session, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffToken {
    /// SHA-256 of its text.
    pub digest: [u8; 32],
    /// The session that it opens or continues.
    pub session: SessionId,
    /// What it is for.
    pub kind: TokenKind,
    /// When it lapses.
    pub expires_at: Timestamp,
    /// When it was used, if it is to be used once.
    pub used_at: Option<Timestamp>,
}

impl Invitation {
    /// Lets an invitation be followed that is good.
    ///
    /// # Errors
    /// [`Rejection::InvitationRefused`].
    pub fn check(&self, now: Timestamp) -> Result<(), Rejection> {
        if now < self.expires_at { Ok(()) } else { Err(Rejection::InvitationRefused) }
    }
}

impl TokenKind {
    /// The word in rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }

    /// The kind behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Access, Self::Refresh].into_iter().find(|kind| kind.word() == word)
    }
}

impl StaffSession {
    /// Whether it is still good.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended.is_none() && now < self.expires_at
    }

    /// Judges a token that shall continue it.
    ///
    /// # Errors
    /// [`Rejection::RefreshRefused`]: the session is over, the token too old, or for something else.
    pub fn renew(&self, token: &StaffToken, now: Timestamp) -> Result<Renewal, Rejection> {
        if token.kind != TokenKind::Refresh {
            return Err(Rejection::RefreshRefused);
        }
        renewal(self.is_live(now), token.used_at.is_some(), now >= token.expires_at)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn session() -> StaffSession {
        StaffSession {
            id: SessionId::from_uuid(Uuid::from_u128(1)),
            staff: StaffId::from_uuid(Uuid::from_u128(2)),
            started_at: at(0),
            last_used_at: at(0),
            expires_at: at(1_000),
            ended: None,
        }
    }

    fn token(kind: TokenKind) -> StaffToken {
        StaffToken { digest: [1; 32], session: session().id, kind, expires_at: at(100), used_at: None }
    }

    #[test]
    fn a_refresh_token_continues_its_session_once_and_an_access_token_never() {
        let refresh = token(TokenKind::Refresh);
        assert_eq!(session().renew(&refresh, at(99)), Ok(Renewal::Continues));
        assert_eq!(session().renew(&refresh, at(100)), Err(Rejection::RefreshRefused));
        let used = StaffToken { used_at: Some(at(1)), ..refresh.clone() };
        assert_eq!(session().renew(&used, at(500)), Ok(Renewal::Reused));
        assert_eq!(session().renew(&token(TokenKind::Access), at(1)), Err(Rejection::RefreshRefused));
        let ended = StaffSession { ended: Some((at(1), Ending::Operator)), ..session() };
        assert_eq!(ended.renew(&refresh, at(2)), Err(Rejection::RefreshRefused));
    }
}
