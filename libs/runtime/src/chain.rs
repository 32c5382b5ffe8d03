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

    /// The instant at which a day begins on the chain's wall clock: its first one, where the clock jumps over midnight
    /// or passes it twice.
    #[must_use]
    pub fn begins(&self, day: Day) -> Timestamp {
        const HALF_HOURS: i64 = 48;
        let midnight = day.to_date().and_time(chrono::NaiveTime::MIN);
        let mut moments = (0..HALF_HOURS).map(|n| midnight + chrono::TimeDelta::minutes(30 * n));
        let first = moments.find_map(|at| self.time_zone.from_local_datetime(&at).earliest());
        first.map_or(Timestamp::from_utc(midnight.and_utc()), |at| Timestamp::from_utc(at.to_utc()))
    }

    /// Seconds that the chain's wall clock is ahead of UTC at `at`.
    #[must_use]
    pub fn offset_seconds(&self, at: Timestamp) -> i32 {
        self.time_zone.offset_from_utc_datetime(&at.to_utc().naive_utc()).fix().local_minus_utc()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_with_its_first_instant_on_the_wall_clock() {
        let table = [
            ("Asia/Tehran", "2026-11-21", "2026-11-20T20:30:00Z"),
            // The clock jumped over midnight: the day began at one.
            ("Asia/Tehran", "2022-03-22", "2022-03-21T20:30:00Z"),
            ("Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00Z"),
            // Midnight came twice.
            ("Asia/Amman", "2021-10-29", "2021-10-28T21:00:00Z"),
            ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z"),
        ];
        for (zone, day, begins) in table {
            let tables = [CHAIN_SETTINGS];
            let values = crate::settings::load(&tables, None, std::iter::empty()).expect("good defaults");
            let values = values.with(&tables, "chain.time_zone", zone).expect("a zone");
            let chain = Chain::from_settings(&values).expect("a chain");
            let day = Day::parse(day).expect("a day");
            let at = chain.begins(day);
            assert_eq!(at.to_string(), begins, "{zone} {day}");
            assert_eq!(chain.local(at, None).day, day);
            assert!(chain.local(at.plus_millis(-1), None).day < day);
        }
    }
}
