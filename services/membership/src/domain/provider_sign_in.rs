//! How a person of the staff comes in by the chain's identity provider.
//!
//! **The provider says who somebody is, and our own list what they may**: a subject that leads to nobody here opens nothing.
//! What a sign-in needs on its way is made from one secret that the app keeps, so that nothing of it is stored here and
//! whoever sees the address bar can finish nothing.

use kernel::{Pii, Timestamp};
use thiserror::Error;

/// How long a person has to come back from the provider, in microseconds: ten minutes.
pub const PROVIDER_SIGN_IN_LIFE: i64 = 10 * 60 * 1_000_000;
/// The most characters of a subject (`OpenID` Connect Core 1.0, 2).
pub const SUBJECT_LIMIT: usize = 255;

/// Why somebody does not come in by the provider, or by a password beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProviderRefusal {
    /// Passwords are closed to this user name.
    #[error("passwords are closed")]
    PasswordSignInClosed,
    /// What came back from the provider was not asked for with this login, or too long ago.
    #[error("the login is not good")]
    LoginInvalid,
    /// The provider does not vouch.
    #[error("the identity provider does not vouch")]
    ProviderRefused,
    /// The subject leads to nobody who may come in.
    #[error("the subject leads to nobody")]
    SubjectUnknown,
    /// The subject leads to another person.
    #[error("the subject leads to another person")]
    SubjectTaken,
}

/// By what the provider names a person, for ever and for nobody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject(Pii<String>);

impl Subject {
    /// Reads a subject: 1 to 255 visible ASCII characters, compared exactly.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits =
            (1..=SUBJECT_LIMIT).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(Pii::new(text.to_owned())))
    }

    /// The subject.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.expose()
    }
}

/// The parts of what an app keeps while a person is at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginParts<'t> {
    /// All but the seal.
    pub sealed: &'t str,
    /// The seal.
    pub seal: &'t str,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// Reads `prefix`, the time in microseconds, randomness and a seal, with dots between.
#[must_use]
pub fn read_login<'t>(text: &'t str, prefix: &str) -> Option<LoginParts<'t>> {
    let (sealed, seal) = text.rsplit_once('.')?;
    let (time, _) = sealed.strip_prefix(prefix)?.split_once('.')?;
    Some(LoginParts { sealed, seal, expires_at: Timestamp::from_micros(time.parse().ok()?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_visible_and_exact() {
        assert_ne!(Subject::parse("Zahra"), Subject::parse("zahra"));
        for wrong in ["", "a b", "زهرا", "a\n", &"x".repeat(256)] {
            assert_eq!(Subject::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_login_has_its_parts() {
        let parts = LoginParts { sealed: "vl_12.r", seal: "s", expires_at: Timestamp::from_micros(12) };
        assert_eq!(read_login("vl_12.r.s", "vl_"), Some(parts));
        for wrong in ["", "vl_", "vl_12", "vl_12.s", "vl_x.r.s", "vi_12.r.s"] {
            assert_eq!(read_login(wrong, "vl_"), None, "{wrong}");
        }
    }
}
