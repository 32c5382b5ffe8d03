//! Days in the calendars that people live by.

use icu_calendar::cal::{Gregorian, Hijri, Persian};
use icu_calendar::types::RataDie;
use icu_calendar::{AsCalendar, Date};
use kernel::{Day, Language};

use crate::{digits, months};

/// 1970-01-01, counted from 1 January of the year 1.
const EPOCH: RataDie = RataDie::new(719_163);

/// A calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calendar {
    /// The solar calendar of Iran and Afghanistan; leap years by the equinox.
    Jalali,
    /// The lunar calendar as Umm al-Qura announces it.
    Hijri,
    /// The civil calendar.
    Gregorian,
}

impl Calendar {
    /// The calendar that readers of a language expect: Jalali for Persian, Gregorian else.
    #[must_use]
    pub fn of(language: Language) -> Self {
        match language {
            Language::Fa => Self::Jalali,
            Language::Ar | Language::En => Self::Gregorian,
        }
    }
}

/// A day as a calendar numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CalendarDate {
    /// The year of the calendar's era; zero and less before it.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

/// The date of a day in a calendar.
#[must_use]
pub fn date(day: Day, calendar: Calendar) -> CalendarDate {
    let count = EPOCH + i64::from(day.number());
    match calendar {
        Calendar::Jalali => parts(&Date::from_rata_die(count, Persian)),
        Calendar::Hijri => parts(&Date::from_rata_die(count, Hijri::new_umm_al_qura())),
        Calendar::Gregorian => parts(&Date::from_rata_die(count, Gregorian)),
    }
}

/// The Jalali date of a day, such as 1405-08-30.
#[must_use]
pub fn jalali(day: Day) -> CalendarDate {
    date(day, Calendar::Jalali)
}

/// The day of a Jalali date; none when the calendar has no such date.
#[must_use]
pub fn from_jalali(year: i32, month: u8, day: u8) -> Option<Day> {
    let date = Date::try_new_persian(year, month, day).ok()?;
    let number = date.to_rata_die() - EPOCH;
    i32::try_from(number).ok().map(Day::from_number)
}

/// The day for a reader of the language, such as `۳۰ آبان ۱۴۰۵` or `21 November 2026`.
#[must_use]
pub fn format_date(day: Day, language: Language) -> String {
    format_date_in(day, Calendar::of(language), language)
}

/// The day in a calendar of choice, in the words and digits of the language.
#[must_use]
pub fn format_date_in(day: Day, calendar: Calendar, language: Language) -> String {
    let CalendarDate { year, month, day } = date(day, calendar);
    let name = months::name(calendar, language, month);
    digits::to_local(&format!("{day} {name} {year}"), language).into_owned()
}

fn parts<C: AsCalendar>(date: &Date<C>) -> CalendarDate {
    CalendarDate {
        year: date.year().extended_year(),
        month: date.month().ordinal,
        day: date.day_of_month().0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day of the test")
    }

    #[test]
    fn a_day_has_its_date_in_each_calendar() {
        let today = day("2026-11-21");
        assert_eq!(jalali(today), CalendarDate { year: 1405, month: 8, day: 30 });
        assert_eq!(date(today, Calendar::Gregorian), CalendarDate { year: 2026, month: 11, day: 21 });
        assert_eq!(date(today, Calendar::Hijri), CalendarDate { year: 1448, month: 6, day: 11 });
    }

    #[test]
    fn nowruz_and_leap_days_are_where_iran_has_them() {
        assert_eq!(from_jalali(1404, 1, 1), Some(day("2025-03-21")));
        assert_eq!(from_jalali(1403, 12, 30), Some(day("2025-03-20")));
        assert_eq!(from_jalali(1404, 12, 30), None);
        assert_eq!(from_jalali(1357, 11, 22), Some(day("1979-02-11")));
    }

    #[test]
    fn readers_see_their_own_calendar_and_digits() {
        let today = day("2026-11-21");
        assert_eq!(format_date(today, Language::Fa), "۳۰ آبان ۱۴۰۵");
        assert_eq!(format_date(today, Language::Ar), "٢١ نوفمبر ٢٠٢٦");
        assert_eq!(format_date(today, Language::En), "21 November 2026");
        assert_eq!(format_date_in(today, Calendar::Hijri, Language::Ar), "١١ جمادى الآخرة ١٤٤٨");
        assert_eq!(format_date_in(today, Calendar::Jalali, Language::En), "30 Aban 1405");
    }
}
