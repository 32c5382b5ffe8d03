//! Digits of three scripts, and whole numbers as people write them.

use std::borrow::Cow;

use kernel::Language;

/// Persian (U+06F0) and Arabic-Indic (U+0660) zero.
const PERSIAN_ZERO: u32 = 0x06F0;
const ARABIC_ZERO: u32 = 0x0660;

/// The text with Persian and Arabic-Indic digits made ASCII digits; all else stays.
#[must_use]
pub fn to_latin(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|letter| latin_digit(letter).unwrap_or(letter)).collect())
}

/// The text with ASCII digits made the digits of the language; all else stays.
#[must_use]
pub fn to_local(text: &str, language: Language) -> Cow<'_, str> {
    let zero = match language {
        Language::Fa => PERSIAN_ZERO,
        Language::Ar => ARABIC_ZERO,
        Language::En => return Cow::Borrowed(text),
    };
    let local = |letter: char| {
        let digit = letter.is_ascii_digit().then(|| letter.to_digit(10)).flatten();
        digit.and_then(|digit| char::from_u32(zero + digit)).unwrap_or(letter)
    };
    Cow::Owned(text.chars().map(local).collect())
}

/// A whole number in the digits, grouping and minus sign of the language (CLDR), such as `۱٬۲۳۴`.
#[must_use]
pub fn number(value: i64, language: Language) -> String {
    let (separator, minus) = match language {
        Language::Fa => ('\u{66C}', "\u{200E}\u{2212}"),
        Language::Ar => ('\u{66C}', "\u{61C}-"),
        Language::En => (',', "-"),
    };
    let plain = value.unsigned_abs().to_string();
    let mut grouped = String::with_capacity(plain.len() * 2);
    for (place, digit) in plain.chars().enumerate() {
        if place > 0 && (plain.len() - place).is_multiple_of(3) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    let sign = if value < 0 { minus } else { "" };
    format!("{sign}{}", to_local(&grouped, language))
}

/// An amount of money in minor units, of which `10^exponent` are one, as people of the language write it: `۱٬۲۳۴٫۵۰`.
#[must_use]
pub fn amount(minor: i64, exponent: u8, language: Language) -> String {
    let scale = 10_u64.pow(u32::from(exponent));
    let whole = number(i64::try_from(minor.unsigned_abs() / scale).unwrap_or(i64::MAX), language);
    let mark = if language == Language::En { '.' } else { '\u{66B}' };
    let fraction = match minor.unsigned_abs() % scale {
        0 => String::new(),
        rest => {
            let digits = format!("{rest:0width$}", width = usize::from(exponent));
            format!("{mark}{}", to_local(&digits, language))
        }
    };
    let sign = if minor < 0 { "\u{2212}" } else { "" };
    format!("{sign}{whole}{fraction}")
}

/// The ASCII digit for a digit of any of the three scripts.
pub(crate) fn latin_digit(letter: char) -> Option<char> {
    if letter.is_ascii_digit() {
        return Some(letter);
    }
    [PERSIAN_ZERO, ARABIC_ZERO].into_iter().find_map(|zero| {
        let value = u32::from(letter).checked_sub(zero)?;
        char::from_digit(value, 10)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        assert_eq!(number(1_234_567, Language::En), "1,234,567");
        assert_eq!(number(1_234_567, Language::Fa), "۱٬۲۳۴٬۵۶۷");
        assert_eq!(number(1_234_567, Language::Ar), "١٬٢٣٤٬٥٦٧");
        assert_eq!(number(-100, Language::En), "-100");
        assert_eq!(number(-100, Language::Fa), "\u{200E}\u{2212}۱۰۰");
        assert_eq!(number(0, Language::Fa), "۰");
        assert_eq!(number(i64::MIN, Language::En), "-9,223,372,036,854,775,808");
    }

    #[test]
    fn only_digits_change_their_script() {
        assert_eq!(to_latin("شماره ۰۹۱۲ و ٠١٢ a1"), "شماره 0912 و 012 a1");
        assert_eq!(to_local("v2, 30 Aban", Language::Fa), "v۲, ۳۰ Aban");
        assert_eq!(to_local("2", Language::En), "2");
    }
}
