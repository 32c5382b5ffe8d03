//! Birthdays, by the calendar in which people know them, and days that come back every year.
//!
//! **A day that a year does not have is marked on the last day of its month**: who was born on 29 February, or on 30 Esfand, is
//! congratulated on the 28th, or the 29th, where the year is short. A birthday comes back by its own calendar.

use kernel::Day;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The calendar in which somebody knows their birthday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Calendar {
    /// That of Iran and Afghanistan.
    Jalali,
    /// The civil one.
    Gregorian,
}

/// A birthday: month and day, perhaps with the year of birth.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Birthday {
    /// By which calendar.
    pub calendar: Calendar,
    /// The year of birth by that calendar, where the question asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 1370)]
    pub year: Option<u16>,
    /// The month, from 1.
    #[schema(example = 8)]
    pub month: u8,
    /// The day of the month, from 1.
    #[schema(example = 30)]
    pub day: u8,
}

/// A day of the year, without a year: all that a birthday has to tell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DayOfYear {
    /// By which calendar.
    pub calendar: Calendar,
    /// The month, from 1.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
}

/// The longest that anybody lived, and some more, in years.
const OLDEST: i32 = 125;
/// A year in which every month is as long as it can be.
const LONGEST: [(Calendar, i32); 2] = [(Calendar::Jalali, 1403), (Calendar::Gregorian, 2024)];

impl Calendar {
    /// The word in keyed hashes.
    const fn word(self) -> &'static str {
        match self {
            Self::Jalali => "jalali",
            Self::Gregorian => "gregorian",
        }
    }

    /// The month of a day: months since the first one of the year 0.
    fn month_of(self, day: Day) -> i32 {
        match self {
            Self::Jalali => day.jalali_month(),
            Self::Gregorian => day.month(),
        }
    }

    fn first_of(self, month: i32) -> Day {
        match self {
            Self::Jalali => Day::first_of_jalali_month(month),
            Self::Gregorian => Day::first_of_month(month),
        }
    }

    fn day_of(self, month: i32, day: i32) -> Day {
        Day::from_number(self.first_of(month).number() + day - 1)
    }

    /// How many days a month has.
    fn length(self, month: i32) -> i32 {
        self.first_of(month.saturating_add(1)).number().saturating_sub(self.first_of(month).number())
    }

    /// The days of the year that are marked on this one: its own, and after it those that this year does not have.
    fn marked_on(self, today: Day) -> Vec<DayOfYear> {
        let month = self.month_of(today);
        let day = today.number() - self.first_of(month).number() + 1;
        let number = month.rem_euclid(12);
        let longest = LONGEST.iter().find(|(calendar, _)| *calendar == self).map_or(0, |(_, year)| year * 12);
        let last = if day == self.length(month) { self.length(longest + number) } else { day };
        let of_year = |day: i32| {
            let (month, day) = (u8::try_from(number + 1).ok()?, u8::try_from(day).ok()?);
            Some(DayOfYear { calendar: self, month, day })
        };
        (day..=last).filter_map(of_year).collect()
    }
}

impl Birthday {
    /// Whether there is such a day: in that year, which may not be to come or longer ago than people live; without a year, in any.
    #[must_use]
    pub fn exists(&self, today: Day) -> bool {
        let (month, day) = (i32::from(self.month), i32::from(self.day));
        if !(1..=12).contains(&month) || day < 1 {
            return false;
        }
        let longest =
            LONGEST.iter().find(|(calendar, _)| *calendar == self.calendar).map_or(0, |(_, year)| *year);
        let year = self.year.map_or(longest, i32::from);
        let number = year * 12 + month - 1;
        let this_year = self.calendar.month_of(today).div_euclid(12);
        let lived = self.year.is_none() || (this_year - OLDEST..=this_year).contains(&year);
        lived
            && day <= self.calendar.length(number)
            && (self.year.is_none() || self.calendar.day_of(number, day) <= today)
    }

    /// The day of the year.
    #[must_use]
    pub const fn of_year(&self) -> DayOfYear {
        DayOfYear { calendar: self.calendar, month: self.month, day: self.day }
    }
}

impl DayOfYear {
    /// What is hashed of it.
    #[must_use]
    pub fn normal(&self) -> String {
        format!("{}:{:02}-{:02}", self.calendar.word(), self.month, self.day)
    }
}

/// The birthdays that are marked on a day, in all calendars.
#[must_use]
pub fn birthdays_on(today: Day) -> Vec<DayOfYear> {
    [Calendar::Jalali, Calendar::Gregorian].iter().flat_map(|calendar| calendar.marked_on(today)).collect()
}

/// The days, not before `first`, whose anniversary is marked on `today`, the latest first; by the civil calendar.
#[must_use]
pub fn anniversaries_on(today: Day, first: Day) -> Vec<Day> {
    let (month, mut days) = (today.month(), Vec::new());
    let marked = Calendar::Gregorian.marked_on(today);
    let mut years_back = 1;
    while Day::first_of_month(month - 12 * years_back).plus_months(1) > first {
        let then = Day::first_of_month(month - 12 * years_back);
        let length = Calendar::Gregorian.length(month - 12 * years_back);
        let there = marked.iter().filter(|day| i32::from(day.day) <= length);
        days.extend(there.map(|day| then.plus_days(u16::from(day.day) - 1)).filter(|day| *day >= first));
        years_back += 1;
    }
    days
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn on(today: &str) -> Vec<String> {
        birthdays_on(day(today)).iter().map(DayOfYear::normal).collect()
    }

    fn born(calendar: Calendar, year: Option<u16>, month: u8, day: u8) -> Birthday {
        Birthday { calendar, year, month, day }
    }

    #[test]
    fn a_day_has_the_birthdays_of_both_calendars() {
        assert_eq!(on("2026-11-21"), ["jalali:08-30", "gregorian:11-21"]);
        assert_eq!(on("2025-03-20"), ["jalali:12-30", "gregorian:03-20"], "1403 was long");
    }

    #[test]
    fn a_day_that_the_year_does_not_have_is_marked_on_the_last_of_its_month() {
        assert_eq!(on("2027-02-28"), ["jalali:12-09", "gregorian:02-28", "gregorian:02-29"]);
        assert_eq!(on("2028-02-28"), ["jalali:12-09", "gregorian:02-28"]);
        assert_eq!(on("2028-02-29"), ["jalali:12-10", "gregorian:02-29"]);
        assert_eq!(on("2026-03-20"), ["jalali:12-29", "jalali:12-30", "gregorian:03-20"], "1404 is short");
    }

    #[test]
    fn a_birthday_is_a_day_that_there_is() {
        let today = day("2026-11-21");
        let (jalali, gregorian) = (Calendar::Jalali, Calendar::Gregorian);
        for (birthday, exists) in [
            (born(gregorian, None, 2, 29), true),
            (born(gregorian, None, 2, 30), false),
            (born(gregorian, Some(2001), 2, 29), false),
            (born(gregorian, Some(2000), 2, 29), true),
            (born(jalali, None, 12, 30), true),
            (born(jalali, Some(1404), 12, 30), false),
            (born(jalali, Some(1403), 12, 30), true),
            (born(jalali, None, 7, 31), false),
            (born(jalali, None, 6, 31), true),
            (born(jalali, None, 13, 1), false),
            (born(jalali, None, 0, 1), false),
            (born(jalali, None, 1, 0), false),
            (born(jalali, Some(1990), 1, 1), false),
            (born(gregorian, Some(2026), 11, 21), true),
            (born(gregorian, Some(2026), 11, 22), false),
            (born(gregorian, Some(1901), 11, 21), true),
            (born(gregorian, Some(1900), 11, 21), false),
            (born(gregorian, Some(u16::MAX), 1, 1), false),
        ] {
            assert_eq!(birthday.exists(today), exists, "{:?} {}", birthday.year, birthday.of_year().normal());
        }
    }

    #[test]
    fn anniversaries_go_back_to_the_first_day_and_keep_their_leap_days() {
        let days = |today, first| -> Vec<String> {
            anniversaries_on(day(today), day(first)).iter().map(ToString::to_string).collect()
        };
        assert_eq!(days("2026-11-21", "2024-01-01"), ["2025-11-21", "2024-11-21"]);
        assert_eq!(days("2026-11-21", "2025-11-22"), Vec::<String>::new());
        assert_eq!(days("2026-11-21", "2026-11-21"), Vec::<String>::new());
        assert_eq!(days("2025-02-28", "2023-06-01"), ["2024-02-28", "2024-02-29"]);
        assert_eq!(days("2028-02-29", "2023-06-01"), ["2024-02-29"]);
        assert_eq!(days("2028-02-28", "2026-06-01"), ["2027-02-28"]);
    }

    proptest! {
        #[test]
        fn every_birthday_comes_once_a_year_of_its_calendar(month in 1_u8..=12, number in 1_u8..=31, jalali: bool, year in 1390_i32..1450) {
            let calendar = if jalali { Calendar::Jalali } else { Calendar::Gregorian };
            let birthday = born(calendar, None, month, number);
            prop_assume!(birthday.exists(day("2026-11-21")));
            let first = if jalali { Day::first_of_jalali_month(year * 12) } else { Day::first_of_month((year + 621) * 12) };
            let next = if jalali { Day::first_of_jalali_month(year * 12 + 12) } else { Day::first_of_month((year + 622) * 12) };
            let days = (first.number()..next.number()).map(Day::from_number);
            let marked = days.filter(|today| birthdays_on(*today).contains(&birthday.of_year())).count();
            prop_assert_eq!(marked, 1);
        }
    }
}
