//! Phone numbers as members are known by: E.164, the form that every till agrees on.
//!
//! Numbering plans are the business of the phone library at the edge; here only the shape is kept.

use kernel::Pii;
use thiserror::Error;

/// A phone number in E.164: a plus sign and 8 to 15 digits, the first of them not zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone(Pii<String>);

/// The text is not a phone number in E.164.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a phone number in E.164")]
pub struct PhoneFlaw;

impl Phone {
    /// Reads a phone number that is already in E.164.
    ///
    /// # Errors
    /// [`PhoneFlaw`] for anything else.
    pub fn parse(e164: &str) -> Result<Self, PhoneFlaw> {
        let digits = e164.strip_prefix('+').ok_or(PhoneFlaw)?;
        let shaped = (8..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        if shaped { Ok(Self(Pii::new(e164.to_owned()))) } else { Err(PhoneFlaw) }
    }

    /// The number, with its plus sign.
    #[must_use]
    pub fn e164(&self) -> &str {
        self.0.expose()
    }

    /// What may be shown: the last four digits.
    #[must_use]
    pub fn masked(&self) -> String {
        let number = self.e164();
        format!("••••{}", &number[number.len() - 4..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_shape_of_e164_is_accepted() {
        assert!(Phone::parse("+989121234567").is_ok());
        for bad in
            ["", "+", "989121234567", "+0989121234567", "+98912123456x", "+1234567", "+1234567890123456"]
        {
            assert_eq!(Phone::parse(bad), Err(PhoneFlaw), "{bad}");
        }
    }

    #[test]
    fn a_phone_shows_only_its_last_digits() {
        let phone = Phone::parse("+989121234567").expect("a valid number");
        assert_eq!(phone.masked(), "••••4567");
        assert!(!format!("{phone:?}").contains("4567"));
    }
}
