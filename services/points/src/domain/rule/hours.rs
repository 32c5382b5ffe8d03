//! Weekdays and times of day in rules.

use std::fmt;

use kernel::Weekday;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

/// A weekday by its English name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum WeekdayName {
    Saturday,
    Sunday,
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
}

impl WeekdayName {
    pub(super) const fn is(self, day: Weekday) -> bool {
        matches!(
            (self, day),
            (Self::Saturday, Weekday::Sat)
                | (Self::Sunday, Weekday::Sun)
                | (Self::Monday, Weekday::Mon)
                | (Self::Tuesday, Weekday::Tue)
                | (Self::Wednesday, Weekday::Wed)
                | (Self::Thursday, Weekday::Thu)
                | (Self::Friday, Weekday::Fri)
        )
    }
}

/// A time of day, written `HH:MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WholeMinute(pub u16);

impl fmt::Display for WholeMinute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for WholeMinute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WholeMinute {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let part = |range: std::ops::Range<usize>| {
            text.get(range)
                .filter(|t| t.bytes().all(|b| b.is_ascii_digit()))
                .and_then(|t| t.parse::<u16>().ok())
        };
        let colon = text.len() == 5 && text.as_bytes()[2] == b':';
        match (colon, part(0..2), part(3..5)) {
            (true, Some(hour @ 0..=23), Some(minute @ 0..=59)) => Ok(Self(hour * 60 + minute)),
            (true, Some(24), Some(0)) => Ok(Self(24 * 60)),
            _ => Err(serde::de::Error::custom("a time of day is written HH:MM, from 00:00 to 24:00")),
        }
    }
}

/// From one time of day up to, not including, another; `from` after `to` passes midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// The first minute.
    #[schema(value_type = String, example = "17:00")]
    pub from: WholeMinute,
    /// The first minute that is outside again.
    #[schema(value_type = String, example = "21:00")]
    pub to: WholeMinute,
}

impl Hours {
    pub(super) fn include(self, minute: u16) -> bool {
        let (from, to) = (self.from.0, self.to.0);
        if from <= to { (from..to).contains(&minute) } else { minute >= from || minute < to }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_can_pass_midnight() {
        let hours = |text| serde_json::from_str::<Hours>(text).unwrap();
        let late = hours(r#"{"from":"22:00","to":"02:00"}"#);
        assert!(late.include(23 * 60) && late.include(60) && !late.include(120) && !late.include(12 * 60));
        let day = hours(r#"{"from":"00:00","to":"24:00"}"#);
        assert!(day.include(0) && day.include(1439));
        for wrong in [
            r#"{"from":"7:00","to":"09:00"}"#,
            r#"{"from":"07:60","to":"09:00"}"#,
            r#"{"from":"25:00","to":"09:00"}"#,
        ] {
            assert!(serde_json::from_str::<Hours>(wrong).is_err(), "{wrong}");
        }
    }
}
