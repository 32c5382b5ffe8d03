//! What holds for the whole chain: its name, currency, country, language and wall clock.

use anyhow::Context as _;
use chrono::{Datelike, Offset, TimeZone, Timelike};
use chrono_tz::Tz;
use kernel::{Currency, Day, Language, LocalMoment, Timestamp};

use crate::settings::{Allowed, Setting, Values};

/// The settings of section `chain`.
pub const CHAIN_SETTINGS: &[Setting] = &[
    Setting::new("chain.name", "Vafa", Allowed::Text { max: 80 }, "Name of the chain, as members read it."),
    Setting::new("chain.currency", "IRR", Allowed::Currency, "Currency of all purchases (ISO 4217)."),
    Setting::new(
        "chain.country",
        "IR",
        Allowed::Country,
        "Country whose phone numbers may be written without +.",
    ),
    Setting::new(
        "chain.time_zone",
        "Asia/Tehran",
        Allowed::TimeZone,
        "IANA time zone of the chain: days, weekdays and hours of rules, and expiry, follow its wall clock.",
    ),
    Setting::new(
        "chain.language",
        "fa",
        Allowed::OneOf(&["fa", "ar", "en"]),
        "Language used where a caller or a member names none.",
    ),
];

/// The chain's own facts, read once at start.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Name, as members read it.
    pub name: String,
    /// Currency of all purchases.
    pub currency: Currency,
    /// ISO 3166 code of the country whose phone numbers may be national.
    pub country: String,
    /// Language where none is asked for.
    pub language: Language,
    time_zone: Tz,
}

impl Chain {
    /// Reads section `chain`.
    ///
    /// # Errors
    /// A value that the settings table lets through but that does not parse; the tables' own checks come first.
    pub fn from_settings(values: &Values) -> anyhow::Result<Self> {
        Ok(Self {
            name: values.text("chain.name").to_owned(),
            currency: Currency::parse(values.text("chain.currency")).context("chain.currency")?,
            country: values.text("chain.country").to_owned(),
            language: Language::parse(values.text("chain.language")).context("chain.language")?,
            time_zone: values.text("chain.time_zone").parse::<Tz>().ok().context("chain.time_zone")?,
        })
    }

    /// The instant on the chain's wall clock, or on that of `zone` where a branch has its own.
    #[must_use]
    pub fn local(&self, at: Timestamp, zone: Option<&str>) -> LocalMoment {
        let tz = zone.and_then(|name| name.parse::<Tz>().ok()).unwrap_or(self.time_zone);
        let there = at.to_utc().with_timezone(&tz);
        let minute = u16::try_from(there.hour() * 60 + there.minute()).unwrap_or_default();
        LocalMoment { day: Day::from_date(there.date_naive()), weekday: there.weekday(), minute }
    }

    /// Seconds that the chain's wall clock is ahead of UTC at `at`.
    #[must_use]
    pub fn offset_seconds(&self, at: Timestamp) -> i32 {
        self.time_zone.offset_from_utc_datetime(&at.to_utc().naive_utc()).fix().local_minus_utc()
    }
}
