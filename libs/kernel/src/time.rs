//! Instants and days. An instant is UTC to the microsecond, the finest that both databases keep.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, TimeDelta, Utc, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is no instant or day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not RFC 3339, or without an offset from UTC.
    #[error("a time is written as RFC 3339 with an offset, such as 2026-11-21T10:30:00+03:30")]
    Timestamp,
    /// Not `YYYY-MM-DD`, or a day that no calendar has.
    #[error("a day is written as YYYY-MM-DD")]
    Day,
}

const EPOCH: NaiveDate = NaiveDate::from_ymd_opt(1970, 1, 1).expect("the epoch is a day");

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The instant so many microseconds after the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339; the offset is required, finer digits than microseconds are cut off.
    ///
    /// # Errors
    /// [`TimeError::Timestamp`] for anything else, and for years outside 1900 to 9999.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let at = DateTime::parse_from_rfc3339(text).map_err(|_| TimeError::Timestamp)?;
        if !(1900..=9999).contains(&at.year()) {
            return Err(TimeError::Timestamp);
        }
        Ok(Self(at.timestamp_micros()))
    }

    /// The instant as a chrono value, for calendar work.
    #[must_use]
    pub fn to_utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// The instant of a chrono value, to the microsecond.
    #[must_use]
    pub const fn from_utc(at: DateTime<Utc>) -> Self {
        Self(at.timestamp_micros())
    }

    /// The instant so many milliseconds later (or earlier, when negative), clamped at the ends of time.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis.saturating_mul(1000)))
    }

    /// Milliseconds from `earlier` to this instant; negative when `earlier` is later.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0) / 1000
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Timestamp {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        crate::schema::format("date-time")
    }
}

impl utoipa::ToSchema for Timestamp {}

/// A calendar day: days since 1970-01-01, without a time zone of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(i32);

impl Day {
    /// The day so many days after 1970-01-01.
    #[must_use]
    pub const fn from_number(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The day of a chrono date.
    #[must_use]
    pub fn from_date(date: NaiveDate) -> Self {
        let days = date.signed_duration_since(EPOCH).num_days();
        Self(i32::try_from(days).expect("chrono's dates lie within 2^31 days of the epoch"))
    }

    /// The day as a chrono date.
    #[must_use]
    pub fn to_date(self) -> NaiveDate {
        EPOCH.checked_add_signed(TimeDelta::days(self.0.into())).unwrap_or(NaiveDate::MAX)
    }

    /// The first day of its calendar month.
    #[must_use]
    pub fn month_start(self) -> Self {
        self.to_date().with_day(1).map_or(self, Self::from_date)
    }

    /// The first day of its calendar year.
    #[must_use]
    pub fn year_start(self) -> Self {
        self.to_date().with_ordinal(1).map_or(self, Self::from_date)
    }

    /// Reads `YYYY-MM-DD`.
    ///
    /// # Errors
    /// [`TimeError::Day`] for anything else.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let shape = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| shape);
        date.map(Self::from_date).ok_or(TimeError::Day)
    }

    /// The day so many days later, or the last one that can be counted.
    #[must_use]
    pub const fn plus_days(self, days: u16) -> Self {
        Self(self.0.saturating_add(days as i32))
    }

    /// The day's calendar month: months since January of the year 0.
    #[must_use]
    pub fn month(self) -> i32 {
        let date = self.to_date();
        date.year().saturating_mul(12).saturating_add_unsigned(date.month0())
    }

    /// The first day of a month, as [`Day::month`] counts them; the last day of all where no calendar has it.
    #[must_use]
    pub fn first_of_month(month: i32) -> Self {
        let number = u32::try_from(month.rem_euclid(12) + 1).unwrap_or(1);
        NaiveDate::from_ymd_opt(month.div_euclid(12), number, 1).map_or(Self(i32::MAX), Self::from_date)
    }

    /// The same day of the month so many calendar months later, or the month's last day where it is shorter.
    #[must_use]
    pub fn plus_months(self, months: u32) -> Self {
        self.to_date().checked_add_months(chrono::Months::new(months)).map_or(Self(i32::MAX), Self::from_date)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_date().fmt(f)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Day {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        crate::schema::format("date")
    }
}

impl utoipa::ToSchema for Day {}

/// An instant on the wall clock of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalMoment {
    /// The calendar day there.
    pub day: Day,
    /// The weekday there.
    pub weekday: Weekday,
    /// Minutes since midnight there, 0 to 1439.
    pub minute: u16,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_instant_needs_its_offset() {
        assert_eq!(Timestamp::parse("2026-11-21T10:30:00"), Err(TimeError::Timestamp));
        let tehran = Timestamp::parse("2026-11-21T10:30:00+03:30");
        assert_eq!(tehran, Timestamp::parse("2026-11-21T07:00:00Z"));
    }

    #[test]
    fn months_end_on_the_last_day_that_exists() {
        let day = |text| Day::parse(text).expect("a day of the test");
        assert_eq!(day("2027-08-31").plus_months(6), day("2028-02-29"));
        assert_eq!(day("2026-01-15").plus_months(12), day("2027-01-15"));
        assert_eq!(Day::parse("2026-1-15"), Err(TimeError::Day));
        assert_eq!(Day::first_of_month(day("2027-08-31").month()), day("2027-08-01"));
        assert_eq!(Day::first_of_month(day("2027-12-31").month() + 1), day("2028-01-01"));
        assert_eq!(day("2028-02-29").month_start(), day("2028-02-01"));
        assert_eq!(day("2028-12-31").year_start(), day("2028-01-01"));
    }

    proptest! {
        #[test]
        fn instants_survive_their_text(micros in -2_000_000_000_000_000_i64..250_000_000_000_000_000) {
            let at = Timestamp::from_micros(micros);
            prop_assert_eq!(Timestamp::parse(&at.to_string()), Ok(at));
        }

        #[test]
        fn days_survive_their_text(number in -20_000_i32..2_000_000) {
            let day = Day::from_number(number);
            prop_assert_eq!(Day::parse(&day.to_string()), Ok(day));
        }
    }
}
