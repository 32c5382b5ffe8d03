//! The settings of section `membership`.

use anyhow::anyhow;
use runtime::settings::{Allowed, Setting, Values};

use crate::{
    domain::card::{CardFlaw, CardNumber},
    error::Error,
};

/// The table of this service's settings.
pub const SETTINGS: &[Setting] = &[
    Setting::new(
        "membership.card_prefix",
        "9970",
        Allowed::Text { max: 12 },
        "Digits that every card number made here begins with; the chain's own range.",
    ),
    Setting::new(
        "membership.card_digits",
        "16",
        Allowed::Whole { min: 12, max: 19 },
        "How many digits card numbers made here have, with the check digit.",
    ),
];

/// The settings, read once at start.
#[derive(Debug, Clone)]
pub struct Settings {
    card_prefix: String,
    card_digits: usize,
}

impl Settings {
    /// Reads section `membership`.
    ///
    /// # Errors
    /// A card prefix that is not digits or leaves fewer than six digits for the card itself.
    pub fn from_values(values: &Values) -> anyhow::Result<Self> {
        let settings = Self {
            card_prefix: values.text("membership.card_prefix").to_owned(),
            card_digits: values.whole("membership.card_digits"),
        };
        let trial = CardNumber::compose(&settings.card_prefix, 0, settings.card_digits);
        trial.map(|_| settings).map_err(|_| {
            let prefix = values.text("membership.card_prefix");
            anyhow!(
                "membership.card_prefix = {prefix:?}: allowed are digits, at least seven fewer than \
                 membership.card_digits"
            )
        })
    }

    /// The card with this serial in the chain's range.
    ///
    /// # Errors
    /// A fault when the settings leave no room, which [`Settings::from_values`] refuses.
    pub fn compose_card(&self, serial: u64) -> Result<CardNumber, Error> {
        CardNumber::compose(&self.card_prefix, serial, self.card_digits)
            .map_err(|flaw: CardFlaw| Error::Fault(anyhow!("cannot make a card number: {flaw}")))
    }
}
