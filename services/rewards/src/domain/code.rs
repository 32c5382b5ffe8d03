//! Codes of vouchers: 14 random characters of 5 bits each and two that check them.
//!
//! **A code has 70 random bits, and no character that people take for another one**: digits and letters without I, L, O and U.
//! One wrong character, or two neighbours that changed places, is found by the check, so that a slip of the tongue costs no guess.

/// The characters, by value.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters that are random.
const RANDOM: usize = 14;
/// Characters of a whole code.
pub const LENGTH: usize = RANDOM + 2;
/// Random bytes that a code is made of.
pub const ENTROPY: usize = RANDOM;
/// The largest prime that two characters hold.
const MODULUS: u32 = 1_021;
/// The longest text that is looked at: a code with room for blanks and dashes.
const LONGEST: usize = 64;

/// A voucher's code, whole: bearer money. It has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct VoucherCode(String);

impl VoucherCode {
    /// A code of these random bytes; of each byte five bits count.
    #[must_use]
    pub fn of(random: &[u8; ENTROPY]) -> Self {
        let values: Vec<u32> = random.iter().map(|byte| u32::from(byte & 31)).collect();
        let check = check(&values);
        let all = values.iter().copied().chain([check / 32, check % 32]);
        Self(all.map(letter).collect())
    }

    /// Reads a code as people type it: small or capital, with blanks or dashes, O for 0 and I or L for 1. Nothing for what is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let said = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
        let values: Vec<u32> = said.map(value).collect::<Option<_>>()?;
        let (random, told) = values.split_at_checked(RANDOM)?;
        let [high, low] = told else { return None };
        (check(random) == high * 32 + low).then(|| Self(values.iter().copied().map(letter).collect()))
    }

    /// The sixteen characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same in groups of four.
    #[must_use]
    pub fn grouped(&self) -> String {
        let groups: Vec<&str> = (0..LENGTH).step_by(4).filter_map(|at| self.0.get(at..at + 4)).collect();
        groups.join("-")
    }
}

fn letter(value: u32) -> char {
    let place = usize::try_from(value % 32).unwrap_or_default();
    char::from(ALPHABET[place])
}

fn value(letter: char) -> Option<u32> {
    let letter = match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = ALPHABET.iter().position(|known| char::from(*known) == letter)?;
    u32::try_from(place).ok()
}

/// The number that the values spell, to the base of 32, modulo a prime: every single slip changes it.
fn check(values: &[u32]) -> u32 {
    values.iter().fold(0, |sum, value| (sum * 32 + value) % MODULUS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_read_as_people_write_it() {
        let code = VoucherCode::of(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 255]);
        assert_eq!(code.as_str().len(), LENGTH);
        assert_eq!(code.grouped().len(), LENGTH + 3);
        let same = |text: &str| VoucherCode::parse(text).is_some_and(|read| read == code);
        assert!(same(&code.grouped()) && same(&code.as_str().to_lowercase()));
        assert!(same(&code.as_str().replace('0', "o").replace('1', "l")));
        for wrong in ["", "0", "۱۲۳", &code.as_str()[1..], &format!("{}0", code.as_str()), &"x".repeat(1_000)]
        {
            assert!(VoucherCode::parse(wrong).is_none(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn one_slip_is_no_code(random in any::<[u8; ENTROPY]>(), at in 0..LENGTH, other in 0..32_u32) {
            let code = VoucherCode::of(&random);
            let mut letters: Vec<char> = code.as_str().chars().collect();
            let before = letters[at];
            letters[at] = letter(other);
            let read = VoucherCode::parse(&letters.iter().collect::<String>());
            prop_assert_eq!(read.is_some(), before == letter(other));
        }

        #[test]
        fn neighbours_that_changed_places_are_no_code(random in any::<[u8; ENTROPY]>(), at in 0..RANDOM - 1) {
            let code = VoucherCode::of(&random);
            let mut letters: Vec<char> = code.as_str().chars().collect();
            letters.swap(at, at + 1);
            let same = letters[at] == letters[at + 1];
            prop_assert_eq!(VoucherCode::parse(&letters.iter().collect::<String>()).is_some(), same);
        }
    }
}
