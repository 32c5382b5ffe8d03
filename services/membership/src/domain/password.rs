//! Passwords of the staff: what is taken as one.
//!
//! Long enough, whatever it is made of (NIST SP 800-63B): no rules about sorts of characters, which make people write
//! passwords down. Those that everybody tries first are refused, and so is the user name.

use kernel::Pii;

/// The fewest characters of a password.
pub const SHORTEST: usize = 12;
/// The most bytes of a password.
pub const LONGEST: usize = 256;

/// Words that guessers begin with; a password that is little more than one of them is refused.
const FIRST_TRIED: [&str; 12] = [
    "password",
    "passw0rd",
    "123456789",
    "12345678",
    "qwertyuiop",
    "qwerty",
    "iloveyou",
    "letmein",
    "welcome",
    "administrator",
    "admin",
    "vafa",
];

/// A password as it was typed. It does not show itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Password(Pii<String>);

/// Why a text is not taken as a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFlaw {
    /// Too short, or too long to be hashed.
    #[error("a password has 12 characters or more, and at most 256 bytes")]
    Length,
    /// Among the first that anybody would try.
    #[error("a password that is easily guessed")]
    Guessable,
}

impl Password {
    /// What somebody typed who says that it is their password; longer texts are nobody's.
    #[must_use]
    pub fn typed(text: &str) -> Option<Self> {
        (text.len() <= LONGEST).then(|| Self(Pii::new(text.to_owned())))
    }

    /// Reads a new password of the person with this user name.
    ///
    /// # Errors
    /// [`PasswordFlaw`].
    pub fn chosen(text: &str, user_name: &str) -> Result<Self, PasswordFlaw> {
        if text.len() > LONGEST || text.chars().count() < SHORTEST {
            return Err(PasswordFlaw::Length);
        }
        let mut rest = text.to_lowercase();
        for word in FIRST_TRIED.into_iter().chain([user_name]) {
            rest = rest.replace(word, "");
        }
        let different = rest.chars().filter(|c| c.is_alphabetic()).collect::<std::collections::BTreeSet<_>>();
        if rest.chars().count() < SHORTEST / 2 || different.len() < 3 {
            return Err(PasswordFlaw::Guessable);
        }
        Ok(Self(Pii::new(text.to_owned())))
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_and_not_guessed_first_is_taken() {
        for good in ["correct horse battery", "گنجشکک اشی مشی لب بوم", "xK3.rT9!qW2z"] {
            assert!(Password::chosen(good, "zahra").is_ok(), "{good}");
        }
        let flaw = |text: &str| Password::chosen(text, "zahra.karimi").err();
        for short in ["", "short", &"x".repeat(257)] {
            assert_eq!(flaw(short), Some(PasswordFlaw::Length), "{short}");
        }
        for plain in
            ["password1234", "aaaaaaaaaaaaaaa", "123456789012345", "zahra.karimi12", "Administrator99"]
        {
            assert_eq!(flaw(plain), Some(PasswordFlaw::Guessable), "{plain}");
        }
    }

    #[test]
    fn a_password_does_not_show_itself() {
        let password = Password::typed("correct horse").expect("a text");
        assert!(!format!("{password:?}").contains("horse"));
    }
}
