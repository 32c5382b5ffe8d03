//! Decimal text becomes minor units, exactly: no binary fraction is ever near an amount.

/// Why a text is no amount that can be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmountFlaw {
    /// Not a decimal number such as `12.50`, or larger than can be counted.
    Malformed,
    /// It has digits finer than the currency's minor unit.
    TooFine,
    /// Below zero.
    Negative,
}

/// Reads `12.5` as 1250 where the currency has two decimal digits. Zeros behind the finest digit are allowed.
///
/// # Errors
/// An [`AmountFlaw`].
pub fn minor_units(text: &str, exponent: u8) -> Result<i64, AmountFlaw> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let numeric = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !numeric(whole) || !numeric(fraction) {
        return Err(AmountFlaw::Malformed);
    }
    let kept = fraction.len().min(usize::from(exponent));
    let (fine, too_fine) = fraction.split_at(kept);
    if too_fine.bytes().any(|b| b != b'0') {
        return Err(AmountFlaw::TooFine);
    }
    let padding = std::iter::repeat_n(b'0', usize::from(exponent) - kept);
    let mut minor = 0_i64;
    for digit in whole.bytes().chain(fine.bytes()).chain(padding) {
        let more = minor.checked_mul(10).and_then(|m| m.checked_add(i64::from(digit - b'0')));
        minor = more.ok_or(AmountFlaw::Malformed)?;
    }
    if negative && minor > 0 { Err(AmountFlaw::Negative) } else { Ok(minor) }
}

/// The amount as people write it: 1250 with two decimal digits is `12.50`, thousands apart.
#[must_use]
pub fn written(minor: i128, exponent: u8) -> String {
    let scale = 10_u128.pow(exponent.into());
    let (sign, size) = (if minor < 0 { "-" } else { "" }, minor.unsigned_abs());
    let whole = super::progress::grouped(size / scale);
    if exponent == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{:0width$}", size % scale, width = usize::from(exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_text_is_read_exactly() {
        for (text, exponent, minor) in [
            ("1.50", 2, 150),
            ("0.1", 2, 10),
            ("1234567890123.45", 2, 123_456_789_012_345),
            ("12", 0, 12),
            ("12.000", 0, 12),
            ("1.2345", 4, 12_345),
            ("+3.10", 2, 310),
            ("-0.00", 2, 0),
            ("0.30", 3, 300),
        ] {
            assert_eq!(minor_units(text, exponent), Ok(minor), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_told_apart() {
        for text in
            ["", ".", "1.", ".5", "1,5", "1e3", "NaN", "0x1", "--1", "1.2.3", "99999999999999999999", "۱"]
        {
            assert_eq!(minor_units(text, 2), Err(AmountFlaw::Malformed), "{text}");
        }
        assert_eq!(minor_units("1.005", 2), Err(AmountFlaw::TooFine));
        assert_eq!(minor_units("-27.50", 2), Err(AmountFlaw::Negative));
    }

    #[test]
    fn amounts_are_written_with_their_digits() {
        assert_eq!(written(14_884_628, 2), "148,846.28");
        assert_eq!(written(5, 3), "0.005");
        assert_eq!(written(-1_234, 0), "-1,234");
    }
}
