//! The codes by which members refer friends: read aloud, typed on any keyboard, and told apart from a mistyped one.

use thiserror::Error;

/// Characters that nobody takes for one another; a prime number of them, so that the check character finds every wrong one, and
/// every two that changed places.
const ALPHABET: &[u8; 31] = b"123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How many characters a code has, the check character included.
pub const REFERRAL_CODE_CHARACTERS: usize = 8;

/// The code by which a member refers friends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferralCode(String);

/// The text is not a referral code: mistyped, for example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a referral code")]
pub struct ReferralCodeFlaw;

impl ReferralCode {
    /// The code of a random number.
    #[must_use]
    pub fn drawn(random: u64) -> Self {
        let mut rest = random;
        let mut digits = [0; REFERRAL_CODE_CHARACTERS - 1];
        for digit in &mut digits {
            *digit = usize::try_from(rest % 31).unwrap_or_default();
            rest /= 31;
        }
        let places = digits.iter().copied().chain([check(&digits)]);
        Self(places.map(|digit| char::from(ALPHABET[digit])).collect())
    }

    /// Reads a code as people type it: with Latin digits, small letters, hyphens and spaces, I and L for 1.
    ///
    /// # Errors
    /// [`ReferralCodeFlaw`].
    pub fn parse(text: &str) -> Result<Self, ReferralCodeFlaw> {
        let typed = text.chars().filter(|letter| !matches!(letter, '-' | ' '));
        let read = typed.map(|letter| match letter.to_ascii_uppercase() {
            'I' | 'L' => '1',
            other => other,
        });
        let code: String = read.take(REFERRAL_CODE_CHARACTERS + 1).collect();
        let place = |byte: u8| ALPHABET.iter().position(|known| *known == byte);
        let digits: Option<Vec<usize>> = code.bytes().map(place).collect();
        match digits.as_deref() {
            Some([digits @ .., last])
                if digits.len() == REFERRAL_CODE_CHARACTERS - 1 && check(digits) == *last =>
            {
                Ok(Self(code))
            }
            _ => Err(ReferralCodeFlaw),
        }
    }

    /// The code.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

fn check(digits: &[usize]) -> usize {
    digits.iter().zip(2..).map(|(digit, weight)| digit * weight).sum::<usize>() % 31
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = ReferralCode::drawn(7);
        let text = code.text();
        let typed = format!(" {}-{} ", &text[..4].to_lowercase(), &text[4..]);
        assert_eq!(ReferralCode::parse(&typed), Ok(code.clone()));
        for wrong in ["", "1111", "11111112", "OOOOOOOO", "کد", &format!("{text}1")] {
            assert_eq!(ReferralCode::parse(wrong), Err(ReferralCodeFlaw), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_character_or_two_that_changed_places_are_found(random: u64, place in 0_usize..8, other in 0_usize..31) {
            let code = ReferralCode::drawn(random);
            prop_assert_eq!(ReferralCode::parse(code.text()), Ok(code.clone()));
            let mut wrong = code.text().as_bytes().to_vec();
            wrong[place] = ALPHABET[other];
            let wrong = String::from_utf8(wrong).expect("letters");
            prop_assert_eq!(ReferralCode::parse(&wrong).is_ok(), wrong == code.text());
            let mut turned = code.text().as_bytes().to_vec();
            turned.swap(place.min(6), place.min(6) + 1);
            let turned = String::from_utf8(turned).expect("letters");
            prop_assert_eq!(ReferralCode::parse(&turned).is_ok(), turned == code.text());
        }
    }
}
