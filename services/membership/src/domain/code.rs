//! One-time codes: six digits that reach a person by their phone alone.

use kernel::Pii;
use thiserror::Error;

/// How many digits a code has.
pub const CODE_DIGITS: usize = 6;

const CODES: u64 = 1_000_000;

/// A one-time code. It shows itself to nobody who does not ask for it by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTimeCode(Pii<String>);

/// The text is not a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not {CODE_DIGITS} digits")]
pub struct CodeFlaw;

impl OneTimeCode {
    /// The code of a random number. All codes are equally likely but for one part in eighteen million million.
    #[must_use]
    pub fn drawn(random: u64) -> Self {
        Self(Pii::new(format!("{:06}", random % CODES)))
    }

    /// Reads a code in Latin digits.
    ///
    /// # Errors
    /// [`CodeFlaw`] for anything but six digits.
    pub fn parse(text: &str) -> Result<Self, CodeFlaw> {
        let shaped = text.len() == CODE_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        if shaped { Ok(Self(Pii::new(text.to_owned()))) } else { Err(CodeFlaw) }
    }

    /// The digits, for whoever sends them or compares them.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.0.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_digits_whatever_was_drawn() {
        for (random, digits) in [(0, "000000"), (42, "000042"), (1_000_000, "000000"), (u64::MAX, "551615")] {
            let code = OneTimeCode::drawn(random);
            assert_eq!(code.digits(), digits);
            assert_eq!(OneTimeCode::parse(digits), Ok(code));
        }
        for bad in ["", "12345", "1234567", "12345x", "۱۲۳۴۵۶"] {
            assert_eq!(OneTimeCode::parse(bad), Err(CodeFlaw), "{bad}");
        }
    }

    #[test]
    fn a_code_does_not_show_itself() {
        assert!(!format!("{:?}", OneTimeCode::drawn(987_654)).contains("987654"));
    }
}
