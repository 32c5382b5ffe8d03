//! Phone numbers: whatever people type becomes one form, E.164, by the world's numbering plans.
//!
//! **Test numbers** are `+999` and ten digits. The ITU keeps country code 999 unassigned, so such a number
//! reaches nobody; no numbering plan knows it, so it is let through by a rule of its own here. Imports
//! give members of test data such numbers ([`test_number`]), and senders of messages must leave them out
//! ([`is_test_number`]).

use phonenumber::country::Id;
use phonenumber::{Mode, Type, metadata};

use crate::digits::latin_digit;

const TEST_CODE: &str = "999";
const TEST_DIGITS: usize = 10;

/// Longer input is no phone number, however it is written.
const MAX_INPUT_CHARS: usize = 64;

/// The country whose national numbers are written without a country code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country(Id);

impl Country {
    /// Iran.
    pub const IRAN: Self = Self(Id::IR);

    /// Reads a two-letter code (ISO 3166-1), such as `IR`.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        code.to_ascii_uppercase().parse().ok().map(Self)
    }
}

/// Why a text is not a member's phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Empty, or with letters or other signs that no phone number has.
    #[error("not a phone number")]
    NotANumber,
    /// No numbering plan has this number: wrong length, unknown country or range.
    #[error("no such phone number exists")]
    NotValid,
    /// A number that cannot get a text message, such as a fixed line.
    #[error("not a mobile phone number")]
    NotMobile,
}

/// The E.164 form (`+989121234567`) of a mobile number as people type it.
///
/// Takes Persian and Arabic digits, spaces, dashes, dots, slashes, brackets, invisible direction marks,
/// `+`, `00`, and national numbers of the default country.
///
/// # Errors
/// What is wrong with the text, see [`PhoneError`].
pub fn normalise(text: &str, default_country: Country) -> Result<String, PhoneError> {
    let typed = strip(text)?;
    let abroad = typed.strip_prefix("00").map(|rest| format!("+{rest}"));
    if let Some(test) =
        [Some(&typed), abroad.as_ref()].into_iter().flatten().find(|number| is_test_number(number))
    {
        return Ok(test.clone());
    }
    // The library would apply the default country's trunk prefix to foreign numbers, too.
    let country = if typed.starts_with('+') { None } else { Some(default_country.0) };
    let number = phonenumber::parse(country, &typed).map_err(|_| PhoneError::NotValid)?;
    if !number.is_valid() {
        return Err(PhoneError::NotValid);
    }
    match number.number_type(&metadata::DATABASE) {
        Type::Mobile | Type::FixedLineOrMobile => {}
        _ => return Err(PhoneError::NotMobile),
    }
    let e164 = number.format().mode(Mode::E164).to_string();
    if is_e164(&e164) { Ok(e164) } else { Err(PhoneError::NotValid) }
}

/// Whether the text has the shape of E.164 already: a plus sign and 8 to 15 digits, no zero first. Cheap;
/// says nothing on whether the number exists. For paths that look a number up and need no more.
#[must_use]
pub fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (8..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

/// The country whose numbering plan an E.164 number belongs to; `None` for test numbers, and where no single one has it.
#[must_use]
pub fn country_of(e164: &str) -> Option<Country> {
    if is_test_number(e164) {
        return None;
    }
    phonenumber::parse(None, e164).ok()?.country().id().map(Country)
}

/// The test number with this ordinal, below 10,000,000,000; larger ordinals begin anew.
#[must_use]
pub fn test_number(ordinal: u64) -> String {
    let digits = ordinal % 10_u64.pow(10);
    format!("+{TEST_CODE}{digits:010}")
}

/// Whether an E.164 number belongs to the test range, which reaches nobody.
#[must_use]
pub fn is_test_number(e164: &str) -> bool {
    let digits = e164.strip_prefix('+').and_then(|rest| rest.strip_prefix(TEST_CODE));
    digits
        .is_some_and(|digits| digits.len() == TEST_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// ASCII digits and a leading plus sign; all that people put between them is left out.
fn strip(text: &str) -> Result<String, PhoneError> {
    let mut digits = String::with_capacity(16);
    for (place, letter) in text.chars().enumerate() {
        if place >= MAX_INPUT_CHARS {
            return Err(PhoneError::NotANumber);
        }
        match letter {
            '+' | '\u{FF0B}' if digits.is_empty() => digits.push('+'),
            _ if is_filler(letter) => {}
            _ => digits.push(latin_digit(letter).ok_or(PhoneError::NotANumber)?),
        }
    }
    if digits.is_empty() || digits == "+" { Err(PhoneError::NotANumber) } else { Ok(digits) }
}

fn is_filler(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(letter, '-' | '.' | '/' | '(' | ')' | '\u{B7}' | '\u{2010}'..='\u{2015}' | '\u{2212}')
        || matches!(letter, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}')
        || matches!(letter, '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iran(text: &str) -> Result<String, PhoneError> {
        normalise(text, Country::IRAN)
    }

    #[test]
    fn one_number_has_one_form_however_it_is_typed() {
        let ways = [
            "+989121234567",
            "00989121234567",
            "09121234567",
            "9121234567",
            "0912 123 45 67",
            "(0912) 123-4567",
            "۰۹۱۲۱۲۳۴۵۶۷",
            "٠٩١٢١٢٣٤٥٦٧",
            "\u{200E}+98 912 123 4567\u{200F}",
            "\u{2067}۰۹۱۲-۱۲۳-۴۵۶۷\u{2069}",
            "\u{FF0B}98.912.123.4567",
            "\u{202A}+۹۸ ۹۱۲ ۱۲۳ ۴۵۶۷\u{202C}",
        ];
        for typed in ways {
            assert_eq!(iran(typed).as_deref(), Ok("+989121234567"), "{typed:?}");
        }
    }

    #[test]
    fn foreign_numbers_keep_their_country() {
        assert_eq!(iran("+966501234567").as_deref(), Ok("+966501234567"));
        assert_eq!(iran("+447400123456").as_deref(), Ok("+447400123456"));
        assert_eq!(iran("+1 650 253 0000").as_deref(), Ok("+16502530000"));
        let emirates = Country::parse("ae").expect("a country");
        assert_eq!(normalise("050 123 4567", emirates).as_deref(), Ok("+971501234567"));
        assert_eq!(Country::parse("XX"), None);
    }

    #[test]
    fn what_is_no_mobile_number_is_refused_with_a_reason() {
        for text in ["", "  ", "+", "call me", "0912x1234567", "+98+9121234567", &"0".repeat(100)] {
            assert_eq!(iran(text), Err(PhoneError::NotANumber), "{text:?}");
        }
        for text in ["123", "+989", "0912123456", "091212345678", "+2101234567890", "+0123456789"] {
            assert_eq!(iran(text), Err(PhoneError::NotValid), "{text:?}");
        }
        assert_eq!(iran("02188776655"), Err(PhoneError::NotMobile));
    }

    #[test]
    fn numbers_of_the_test_range_pass_and_only_they() {
        assert_eq!(test_number(42), "+9990000000042");
        assert_eq!(iran("+999 000 000 0042").as_deref(), Ok("+9990000000042"));
        assert_eq!(iran("۰۰۹۹۹۰۰۰۰۰۰۰۰۴۲").as_deref(), Ok("+9990000000042"));
        assert!(is_test_number(&test_number(u64::MAX)));
        assert_eq!(iran("+99900000000421"), Err(PhoneError::NotValid));
        assert!(!is_test_number("+989121234567"));
    }

    #[test]
    fn the_shape_of_e164_is_seen_without_the_library() {
        assert!(is_e164("+989121234567") && is_e164(&test_number(7)));
        assert!(!is_e164("989121234567") && !is_e164("+0989121234") && !is_e164("+98912x"));
    }
}
