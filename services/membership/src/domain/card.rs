//! Card numbers: 12 to 19 digits of which the last is a check digit.
//!
//! The check digit is Luhn's (ISO/IEC 7812-1, annex B): it catches every single wrong digit and nearly every
//! swap of two neighbours, which is what a tired cashier produces. It proves nothing about who made the card.

use kernel::Pii;
use thiserror::Error;

/// The fewest digits of a card number.
pub const SHORTEST: usize = 12;
/// The most digits of a card number.
pub const LONGEST: usize = 19;

/// A card number whose check digit is right. It names a person, so it shows itself to nobody by accident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardNumber(Pii<String>);

/// Why some text is not a card number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CardFlaw {
    /// Not 12 to 19 digits (spaces and hyphens between groups are allowed).
    #[error("a card number has {SHORTEST} to {LONGEST} digits")]
    Shape,
    /// The last digit does not fit the others: a typing mistake.
    #[error("the check digit does not fit")]
    CheckDigit,
}

impl CardNumber {
    /// Reads a card number in Latin digits; spaces and hyphens between groups fall away.
    ///
    /// # Errors
    /// [`CardFlaw`].
    pub fn parse(text: &str) -> Result<Self, CardFlaw> {
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{A0}')).collect();
        let fits = (SHORTEST..=LONGEST).contains(&digits.len());
        if !fits || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(CardFlaw::Shape);
        }
        if check_sum(digits.bytes().rev().map(value), false) != 0 {
            return Err(CardFlaw::CheckDigit);
        }
        Ok(Self(Pii::new(digits)))
    }

    /// Makes the card of `length` digits that starts with `prefix`, goes on with the last digits of `serial`
    /// (padded with zeros) and ends with its check digit.
    ///
    /// # Errors
    /// [`CardFlaw::Shape`] when the length is not 12 to 19 or the prefix leaves fewer than six digits for the serial.
    pub fn compose(prefix: &str, serial: u64, length: usize) -> Result<Self, CardFlaw> {
        let room = length.saturating_sub(prefix.len() + 1);
        let fits = (SHORTEST..=LONGEST).contains(&length) && room >= 6;
        if !fits || !prefix.bytes().all(|b| b.is_ascii_digit()) {
            return Err(CardFlaw::Shape);
        }
        let padded = format!("{serial:020}");
        let tail = &padded[padded.len() - room..];
        let mut digits = format!("{prefix}{tail}");
        digits.push(char::from(b'0' + check_digit(&digits)));
        Ok(Self(Pii::new(digits)))
    }

    /// The digits.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.0.expose()
    }

    /// What may be shown: the last four digits.
    #[must_use]
    pub fn masked(&self) -> String {
        let digits = self.digits();
        format!("••••{}", &digits[digits.len() - 4..])
    }
}

/// The digit that makes `payload` (ASCII digits) a valid number when it is put at its end.
fn check_digit(payload: &str) -> u8 {
    let sum = check_sum(payload.bytes().rev().map(value), true);
    (10 - sum) % 10
}

/// Luhn's sum modulo ten over digits from the right; `double_first` says that the rightmost one is doubled.
fn check_sum(digits_from_right: impl Iterator<Item = u8>, double_first: bool) -> u8 {
    digits_from_right.enumerate().fold(0, |sum, (place, digit)| {
        let doubled = (place % 2 == 0) == double_first;
        let worth = match (doubled, digit) {
            (false, digit) => digit,
            (true, digit @ 0..=4) => digit * 2,
            (true, digit) => digit * 2 - 9,
        };
        (sum + worth) % 10
    })
}

fn value(ascii: u8) -> u8 {
    ascii - b'0'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_examples_are_accepted() {
        for good in ["4111111111111111", "378282246310005", "6011 1111 1111 1117", "5555-5555-5555-4444"] {
            assert!(CardNumber::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn wrong_shapes_and_check_digits_are_told_apart() {
        for bad in ["", "79927398713", "4111111111111111x", "41111111111111111111", "۴۱۱۱", "-"] {
            assert_eq!(CardNumber::parse(bad), Err(CardFlaw::Shape), "{bad}");
        }
        assert_eq!(CardNumber::parse("4111111111111112"), Err(CardFlaw::CheckDigit));
    }

    #[test]
    fn a_card_shows_only_its_last_digits() {
        let card = CardNumber::parse("4111111111111111").expect("a valid number");
        assert_eq!(card.masked(), "••••1111");
        assert!(!format!("{card:?}").contains("1111"));
    }

    #[test]
    fn a_prefix_that_leaves_no_room_is_refused() {
        assert_eq!(CardNumber::compose("12345678901", 1, 16), Err(CardFlaw::Shape));
        assert_eq!(CardNumber::compose("62x", 1, 16), Err(CardFlaw::Shape));
        assert_eq!(CardNumber::compose("6280", 1, 20), Err(CardFlaw::Shape));
    }

    proptest! {
        #[test]
        fn composed_cards_are_valid(serial in any::<u64>(), length in SHORTEST..=LONGEST, prefix in "[0-9]{0,5}") {
            let card = CardNumber::compose(&prefix, serial, length).expect("room for the serial");
            prop_assert_eq!(card.digits().len(), length);
            prop_assert!(card.digits().starts_with(&prefix));
            prop_assert_eq!(CardNumber::parse(card.digits()), Ok(card.clone()));
        }

        #[test]
        fn every_single_wrong_digit_is_caught(serial in any::<u64>(), place in 0_usize..16, shift in 1_u8..10) {
            let card = CardNumber::compose("6280", serial, 16).expect("room for the serial");
            let mut digits = card.digits().as_bytes().to_vec();
            digits[place] = b'0' + (value(digits[place]) + shift) % 10;
            let typed = String::from_utf8(digits).expect("ASCII digits");
            prop_assert_eq!(CardNumber::parse(&typed), Err(CardFlaw::CheckDigit));
        }

        #[test]
        fn swapped_neighbours_are_caught_but_for_nine_and_zero(serial in any::<u64>(), place in 0_usize..15) {
            let card = CardNumber::compose("6280", serial, 16).expect("room for the serial");
            let mut digits = card.digits().as_bytes().to_vec();
            let pair = [digits[place], digits[place + 1]];
            prop_assume!(pair[0] != pair[1] && pair != *b"09" && pair != *b"90");
            digits.swap(place, place + 1);
            let typed = String::from_utf8(digits).expect("ASCII digits");
            prop_assert_eq!(CardNumber::parse(&typed), Err(CardFlaw::CheckDigit));
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = CardNumber::parse(&text);
        }
    }
}
