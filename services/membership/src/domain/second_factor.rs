//! The second factor: codes that an app makes out of a shared secret and the time (RFC 4226, RFC 6238).
//!
//! Six digits, steps of 30 seconds, HMAC-SHA-1: what every app knows. **A step that was used is never good again, and neither
//! is an earlier one.** Keyed hashes come in as arguments.

use kernel::Timestamp;

/// How many bytes the secret has: as many as the hash, as RFC 4226 advises.
pub const SECRET_BYTES: usize = 20;
/// How many recovery codes a person gets.
pub const RECOVERY_CODES: usize = 10;

const STEP: i64 = 30 * 1_000_000;
/// How far the clocks of app and server may be apart, in steps.
const APART: i64 = 1;
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A code as it was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppCode(u32);

/// The steps whose codes are good now, given that `used` was used last.
pub fn good_steps(now: Timestamp, used: Option<i64>) -> impl Iterator<Item = i64> {
    let current = now.micros().div_euclid(STEP);
    (current - APART..=current + APART).filter(move |step| used.is_none_or(|used| *step > used))
}

/// What the keyed hash of a step is made over.
#[must_use]
pub const fn counter(step: i64) -> [u8; 8] {
    step.to_be_bytes()
}

impl AppCode {
    /// Reads six digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { text.parse().ok().map(Self) } else { None }
    }

    /// The code of a step, from the keyed hash of its counter (RFC 4226, 5.3).
    #[must_use]
    pub fn of(mac: [u8; 20]) -> Self {
        let at = usize::from(mac[19] & 15);
        let four = [mac[at] & 0x7f, mac[at + 1], mac[at + 2], mac[at + 3]];
        Self(u32::from_be_bytes(four) % 1_000_000)
    }

    /// Its number, to be compared in constant time.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Its six digits.
    #[must_use]
    pub fn digits(self) -> String {
        format!("{:06}", self.0)
    }
}

/// Bytes as apps and people read them (RFC 4648, base 32 without padding).
#[must_use]
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(held >> bits));
        }
    }
    if bits > 0 {
        text.push(letter(held << (5 - bits)));
    }
    text
}

fn letter(bits: u32) -> char {
    let index = usize::try_from(bits & 31).unwrap_or_default();
    char::from(LETTERS[index])
}

/// A secret as an address that apps open (the `otpauth` form that they share).
#[must_use]
pub fn uri_of(issuer: &str, user_name: &str, secret: &str) -> String {
    let (issuer, user_name) = (escaped(issuer), escaped(user_name));
    format!(
        "otpauth://totp/{issuer}:{user_name}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
    )
}

/// A text as addresses hold it (RFC 3986, 2.1).
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let written = |byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(written).collect()
}

/// A recovery code as a person reads it, out of ten random bytes: 80 bits in four groups.
#[must_use]
pub fn recovery_code(random: [u8; 10]) -> String {
    let text = base32(&random);
    [&text[..4], &text[4..8], &text[8..12], &text[12..]].join("-")
}

/// A recovery code as it was typed, with or without dashes and in any case.
#[must_use]
pub fn read_recovery_code(typed: &str) -> Option<String> {
    let plain: String = typed.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    let plain = plain.to_ascii_uppercase();
    let fits = plain.len() == 16 && plain.bytes().all(|byte| LETTERS.contains(&byte));
    fits.then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_the_one_of_the_standard() {
        // RFC 4226, appendix D: the keyed hash of counter 0 under the secret "12345678901234567890".
        let mac = [
            0xcc, 0x93, 0xcf, 0x18, 0x50, 0x8d, 0x94, 0x93, 0x4c, 0x64, 0xb6, 0x5d, 0x8b, 0xa7, 0x66, 0x7f,
            0xb7, 0xcd, 0xe4, 0xb0,
        ];
        assert_eq!(AppCode::of(mac).digits(), "755224");
    }

    #[test]
    fn a_step_is_good_a_little_before_and_after_and_once() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let steps = |now, used| good_steps(now, used).collect::<Vec<_>>();
        assert_eq!(steps(at(300), None), [9, 10, 11]);
        assert_eq!(steps(at(329), None), [9, 10, 11]);
        assert_eq!(steps(at(300), Some(9)), [10, 11]);
        assert_eq!(steps(at(300), Some(11)), [0; 0]);
    }

    #[test]
    fn letters_are_those_of_the_standard() {
        // RFC 4648, section 10.
        for (bytes, text) in [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn an_address_holds_names_in_any_script() {
        let uri = uri_of("وفا & Co", "z.karimi", "ABC");
        assert!(
            uri.starts_with("otpauth://totp/%D9%88%D9%81%D8%A7%20%26%20Co:z.karimi?secret=ABC&"),
            "{uri}"
        );
    }

    #[test]
    fn a_code_is_six_digits_and_a_recovery_code_sixteen_letters() {
        assert!(AppCode::parse("012345").is_some_and(|code| code.digits() == "012345"));
        for wrong in ["", "12345", "1234567", "12345a", "+12345"] {
            assert_eq!(AppCode::parse(wrong), None, "{wrong}");
        }
        let code = recovery_code([0xab; 10]);
        assert_eq!(code.len(), 19);
        let typed = code.to_lowercase().replace('-', " ");
        assert_eq!(read_recovery_code(&typed), Some(code.replace('-', "")));
        assert_eq!(read_recovery_code("0000-0000-0000-0000"), None);
    }
}
