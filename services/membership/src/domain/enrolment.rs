//! How a till brings its public key: by a code that people carry from the back office to the till.
//!
//! **A code is good once, for 15 minutes and five attempts.** Its first characters say which enrolment is meant, so that
//! whoever does not know them can use up no attempts.

use kernel::{BranchCode, Pii, TillCode, Timestamp};
use thiserror::Error;

use super::rejection::Rejection;

/// How long a code is good, in microseconds.
pub const CODE_LIFE: i64 = 15 * 60 * 1_000_000;

/// How many attempts a code allows.
pub const CODE_TRIES: u32 = 5;

/// How many characters a code has.
const CHARACTERS: usize = 12;
/// How many of them say which enrolment is meant.
const LOCATOR: usize = 4;
/// Digits and letters that nobody takes for one another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A till's code: 60 random bits. It shows itself to nobody who does not ask for it by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentCode(Pii<String>);

/// The text is not a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not {CHARACTERS} letters and digits")]
pub struct EnrolmentCodeFlaw;

impl EnrolmentCode {
    /// The code of a random number.
    #[must_use]
    pub fn drawn(random: u64) -> Self {
        let places = (0..CHARACTERS).map(|place| (random >> (5 * place)) & 31);
        let letters =
            places.map(|letter| char::from(ALPHABET[usize::try_from(letter).expect("five bits fit")]));
        Self(Pii::new(letters.collect()))
    }

    /// Reads a code as people type it: small letters, hyphens and spaces, O for 0, I and L for 1.
    ///
    /// # Errors
    /// [`EnrolmentCodeFlaw`] for anything else.
    pub fn parse(text: &str) -> Result<Self, EnrolmentCodeFlaw> {
        let typed = text.chars().filter(|letter| !matches!(letter, '-' | ' '));
        let read = typed.map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        });
        let code: String = read.take(CHARACTERS + 1).collect();
        let known = |byte: u8| ALPHABET.contains(&byte);
        if code.len() == CHARACTERS && code.bytes().all(known) {
            Ok(Self(Pii::new(code)))
        } else {
            Err(EnrolmentCodeFlaw)
        }
    }

    /// The whole code, for whoever hashes it.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.expose()
    }

    /// The code as people read it: three times four characters.
    #[must_use]
    pub fn shown(&self) -> String {
        let text = self.0.expose();
        format!("{}-{}-{}", &text[..4], &text[4..8], &text[8..])
    }

    /// Which enrolment is meant.
    #[must_use]
    pub fn locator(&self) -> &str {
        &self.0.expose()[..LOCATOR]
    }
}

/// A code that was made for a till.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The code's first characters.
    pub locator: String,
    /// The branch where the till stands.
    pub branch: BranchCode,
    /// The till.
    pub till: TillCode,
    /// The keyed hash of the code.
    pub code: [u8; 32],
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// How many attempts are left.
    pub tries_left: u32,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

/// What an attempt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// The code, for the first time.
    Right,
    /// The code, which was used before: good for a repetition alone.
    Again,
    /// Another code; so many attempts are left.
    Wrong {
        /// Attempts left.
        left: u32,
    },
}

/// Judges an attempt; `fits` says whether the code is the one that was made.
///
/// # Errors
/// [`Rejection::EnrolmentRefused`]: too old, or tried too often.
pub fn attempt(enrolment: &Enrolment, fits: bool, now: Timestamp) -> Result<Attempt, Rejection> {
    if now >= enrolment.expires_at || enrolment.tries_left == 0 {
        return Err(Rejection::EnrolmentRefused);
    }
    Ok(match (fits, enrolment.used_at) {
        (true, None) => Attempt::Right,
        (true, Some(_)) => Attempt::Again,
        (false, _) => Attempt::Wrong { left: enrolment.tries_left - 1 },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enrolment() -> Enrolment {
        Enrolment {
            locator: "0000".to_owned(),
            branch: BranchCode::parse("b").expect("a code"),
            till: TillCode::parse("t").expect("a code"),
            code: [0; 32],
            expires_at: Timestamp::from_micros(100),
            tries_left: 2,
            used_at: None,
        }
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = EnrolmentCode::drawn(0x0123_4567_89ab_cdef);
        assert_eq!(code.text().len(), 12);
        assert_eq!(EnrolmentCode::parse(&code.shown()), Ok(code.clone()));
        assert_eq!(EnrolmentCode::parse(&code.shown().to_lowercase().replace('-', " ")), Ok(code.clone()));
        assert_eq!(
            EnrolmentCode::parse("OIL0-0000-0000").map(|code| code.shown()),
            Ok("0110-0000-0000".into())
        );
        for bad in ["", "0000-0000-000", "0000-0000-00000", "0000-0000-000U", "۰۰۰۰-0000-0000"] {
            assert_eq!(EnrolmentCode::parse(bad), Err(EnrolmentCodeFlaw), "{bad}");
        }
        assert!(!format!("{code:?}").contains(code.text()));
    }

    #[test]
    fn a_code_is_good_once_in_time_and_within_its_attempts() {
        let at = Timestamp::from_micros;
        assert_eq!(attempt(&enrolment(), true, at(99)), Ok(Attempt::Right));
        assert_eq!(attempt(&enrolment(), false, at(99)), Ok(Attempt::Wrong { left: 1 }));
        let used = Enrolment { used_at: Some(at(1)), ..enrolment() };
        assert_eq!(attempt(&used, true, at(99)), Ok(Attempt::Again));
        for over in
            [Enrolment { tries_left: 0, ..enrolment() }, Enrolment { expires_at: at(99), ..enrolment() }]
        {
            assert_eq!(attempt(&over, true, at(99)), Err(Rejection::EnrolmentRefused));
        }
    }
}
