//! Money in minor units of an ISO 4217 currency.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Overflow;

/// Why a text is no currency of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a currency is one of the ISO 4217 codes that Vafa knows, such as IRR, AED or EUR")]
pub struct CurrencyError;

/// Known currencies and how many decimal digits their minor unit has (ISO 4217, list one).
const KNOWN: &[(&str, u8)] = &[
    ("AED", 2),
    ("AFN", 2),
    ("BHD", 3),
    ("CAD", 2),
    ("CHF", 2),
    ("CNY", 2),
    ("DZD", 2),
    ("EGP", 2),
    ("EUR", 2),
    ("GBP", 2),
    ("INR", 2),
    ("IQD", 3),
    ("IRR", 2),
    ("JOD", 3),
    ("JPY", 0),
    ("KWD", 3),
    ("LBP", 2),
    ("LYD", 3),
    ("MAD", 2),
    ("OMR", 3),
    ("PKR", 2),
    ("QAR", 2),
    ("SAR", 2),
    ("SDG", 2),
    ("SYP", 2),
    ("TJS", 2),
    ("TND", 3),
    ("TRY", 2),
    ("USD", 2),
    ("YER", 2),
];

/// A currency by its ISO 4217 code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Looks a code up, in capital letters.
    ///
    /// # Errors
    /// [`CurrencyError`] for a code that is not in the list of known currencies.
    pub fn parse(code: &str) -> Result<Self, CurrencyError> {
        let known = KNOWN.iter().any(|(name, _)| *name == code);
        let bytes = code.as_bytes().first_chunk::<3>().filter(|_| known);
        bytes.map(|bytes| Self(*bytes)).ok_or(CurrencyError)
    }

    /// The code, such as `IRR`.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a currency was made from ASCII letters")
    }

    /// How many decimal digits the minor unit has: 2 means that 100 minor units make one unit.
    #[must_use]
    pub fn exponent(&self) -> u8 {
        KNOWN.iter().find(|(name, _)| name.as_bytes() == self.0).map_or(2, |(_, digits)| *digits)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Currency {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        crate::schema::pattern("^[A-Z]{3}$")
    }
}

impl utoipa::ToSchema for Currency {}

/// An amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Money {
    /// In minor units of the currency; may be negative for what goes back.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// An amount in minor units.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// The sum, when both are of one currency.
    ///
    /// # Errors
    /// [`Overflow`] when the sum does not fit, or when the currencies differ and there is no sum.
    pub fn plus(self, other: Self) -> Result<Self, Overflow> {
        if self.currency != other.currency {
            return Err(Overflow);
        }
        let minor = self.minor.checked_add(other.minor).ok_or(Overflow)?;
        Ok(Self::new(minor, self.currency))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_currency_tells_its_minor_unit_and_an_unknown_one_is_refused() {
        assert_eq!(Currency::parse("KWD").map(|c| c.exponent()), Ok(3));
        assert_eq!(Currency::parse("EUR").map(|c| c.code().to_owned()), Ok("EUR".to_owned()));
        for wrong in ["XXX", "eur", "EURO", "", "E"] {
            assert_eq!(Currency::parse(wrong), Err(CurrencyError), "{wrong:?}");
        }
    }
}
