//! Months of the solar calendar of Iran and Afghanistan, by which chains there close their books.

use icu_calendar::{Date, cal::Persian, types::RataDie};

use crate::Day;

/// 1970-01-01, counted from 1 January of the year 1.
const EPOCH: RataDie = RataDie::new(719_163);

impl Day {
    /// The day's Jalali month: months since Farvardin of the year 0.
    #[must_use]
    pub fn jalali_month(self) -> i32 {
        let date = Date::from_rata_die(EPOCH + i64::from(self.number()), Persian);
        let month = i32::from(date.month().ordinal) - 1;
        date.year().extended_year().saturating_mul(12).saturating_add(month)
    }

    /// The first day of a Jalali month, as [`Day::jalali_month`] counts them; the last day of all where the calendar ends.
    #[must_use]
    pub fn first_of_jalali_month(month: i32) -> Self {
        let number = u8::try_from(month.rem_euclid(12) + 1).unwrap_or(1);
        let date = Date::try_new_persian(month.div_euclid(12), number, 1);
        let days = date.map_or(i64::MAX, |date| date.to_rata_die() - EPOCH);
        Self::from_number(i32::try_from(days).unwrap_or(i32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn years_end_before_nowruz() {
        let nowruz = day("2027-03-21");
        assert_eq!(nowruz.jalali_month(), 1406 * 12);
        assert_eq!(day("2027-03-20").jalali_month(), 1406 * 12 - 1);
        assert_eq!(Day::first_of_jalali_month(1406 * 12), nowruz);
        assert_eq!(Day::first_of_jalali_month(1404 * 12), day("2025-03-21"));
        assert_eq!(Day::first_of_jalali_month(i32::MAX), Day::from_number(i32::MAX));
    }

    proptest! {
        #[test]
        fn a_day_lies_between_the_firsts_of_its_month_and_the_next(number in -40_000_i32..400_000) {
            let day = Day::from_number(number);
            let month = day.jalali_month();
            prop_assert!(Day::first_of_jalali_month(month) <= day);
            prop_assert!(day < Day::first_of_jalali_month(month + 1));
        }
    }
}
