//! Sessions: what one app of a member may do, from signing in until it ends.
//!
//! A session is a family of refresh tokens, each used once and followed by the next. **A refresh token that is used a
//! second time ends its whole family**: one of the two who had it is a thief, and nobody can tell which.

use kernel::{Digest16, MemberId, SessionId, Timestamp};

use super::{device::DeviceName, rejection::Rejection};

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub member: MemberId,
    /// What the app called its device, where somebody asks for it.
    pub device: Option<DeviceName>,
    /// When the member signed in.
    pub started_at: Timestamp,
    /// When it was last continued.
    pub last_used_at: Timestamp,
    /// When it ends by itself, however much it is used.
    pub expires_at: Timestamp,
    /// Until when a fresh code vouches for the member.
    pub stepped_up_until: Option<Timestamp>,
    /// When and why it was ended.
    pub ended: Option<(Timestamp, Ending)>,
    /// What the app calls itself on the device, as a keyed hash.
    pub installation: Option<Digest16>,
}

/// Why a session was ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Whoever is signed in wanted it.
    Member,
    /// The back office wanted it, such as for a lost phone.
    Operator,
    /// A refresh token came twice.
    Reuse,
    /// Another phone leads to the member.
    PhoneChanged,
}

impl Ending {
    /// The word in rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Operator => "operator",
            Self::Reuse => "reuse",
            Self::PhoneChanged => "phone_changed",
        }
    }

    /// The reason behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Member, Self::Operator, Self::Reuse, Self::PhoneChanged]
            .into_iter()
            .find(|ending| ending.word() == word)
    }
}

/// One refresh token of a session, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// SHA-256 of its text.
    pub digest: [u8; 32],
    /// The session that it continues.
    pub session: SessionId,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

/// What a refresh token does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// The session goes on with the next token.
    Continues,
    /// The token was used before: the session ends.
    Reused,
}

impl Session {
    /// Whether it is still good.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended.is_none() && now < self.expires_at
    }
}

/// Judges a refresh token that comes at `now` and is good for `idle` microseconds after it was issued.
///
/// # Errors
/// [`Rejection::RefreshRefused`]: the session is over, or the token too old.
pub fn renew(
    session: &Session,
    token: &RefreshToken,
    now: Timestamp,
    idle: i64,
) -> Result<Renewal, Rejection> {
    let lapsed = now.micros().saturating_sub(token.issued_at.micros()) >= idle;
    renewal(session.is_live(now), token.used_at.is_some(), lapsed)
}

/// What a token does to its session: one that was used before ends it, however old it is.
///
/// # Errors
/// [`Rejection::RefreshRefused`]: the session is over, or the token too old.
pub fn renewal(live: bool, used: bool, lapsed: bool) -> Result<Renewal, Rejection> {
    match (live, used, lapsed) {
        (false, _, _) | (true, false, true) => Err(Rejection::RefreshRefused),
        (true, true, _) => Ok(Renewal::Reused),
        (true, false, false) => Ok(Renewal::Continues),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn session() -> Session {
        Session {
            id: SessionId::from_uuid(Uuid::from_u128(1)),
            member: MemberId::from_uuid(Uuid::from_u128(2)),
            device: None,
            started_at: Timestamp::from_micros(0),
            last_used_at: Timestamp::from_micros(0),
            expires_at: Timestamp::from_micros(1_000),
            stepped_up_until: None,
            ended: None,
            installation: None,
        }
    }

    fn token() -> RefreshToken {
        let issued_at = Timestamp::from_micros(100);
        RefreshToken { digest: [1; 32], session: session().id, issued_at, used_at: None }
    }

    #[test]
    fn a_token_continues_its_session_once() {
        let at = Timestamp::from_micros;
        assert_eq!(renew(&session(), &token(), at(149), 50), Ok(Renewal::Continues));
        assert_eq!(renew(&session(), &token(), at(150), 50), Err(Rejection::RefreshRefused));
        let used = RefreshToken { used_at: Some(at(101)), ..token() };
        assert_eq!(renew(&session(), &used, at(149), 50), Ok(Renewal::Reused));
        // An old token that was used is as telling as a young one.
        assert_eq!(renew(&session(), &used, at(900), 50), Ok(Renewal::Reused));
    }

    #[test]
    fn a_session_that_is_over_is_not_continued() {
        let ended = Session { ended: Some((Timestamp::from_micros(1), Ending::Reuse)), ..session() };
        for (session, now) in [(ended, 149), (session(), 1_000)] {
            let renewed = renew(&session, &token(), Timestamp::from_micros(now), i64::MAX);
            assert_eq!(renewed, Err(Rejection::RefreshRefused));
        }
    }
}
