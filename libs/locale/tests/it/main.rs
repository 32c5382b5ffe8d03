//! Properties of digits, dates, phone numbers and negotiation.

use kernel::{Day, Language};
use locale::phone::{self, Country};
use locale::{calendar, digits, negotiate, number};
use proptest::prelude::*;

proptest! {
    #[test]
    fn digits_survive_the_way_there_and_back(text in "[0-9 a-z،٬-]{0,40}") {
        for language in Language::ALL {
            let local = digits::to_local(&text, language);
            prop_assert_eq!(digits::to_latin(&local), text.as_str());
        }
    }

    #[test]
    fn a_written_number_is_that_number(value in any::<i64>()) {
        for language in Language::ALL {
            let written = number(value, language);
            let read: String = digits::to_latin(&written)
                .chars()
                .filter_map(|letter| match letter {
                    '-' | '\u{2212}' => Some('-'),
                    digit if digit.is_ascii_digit() => Some(digit),
                    _ => None,
                })
                .collect();
            prop_assert_eq!(read.parse::<i64>(), Ok(value));
        }
    }

    #[test]
    fn each_day_has_one_jalali_date(number in -30_000_i32..60_000) {
        let day = Day::from_number(number);
        let date = calendar::jalali(day);
        prop_assert_eq!(calendar::from_jalali(date.year, date.month, date.day), Some(day));
        prop_assert!(calendar::jalali(Day::from_number(number + 1)) > date);
    }

    #[test]
    fn a_normal_form_is_its_own_normal_form(rest in 100_000_000_u64..999_999_999) {
        if let Ok(form) = phone::normalise(&format!("09{rest}"), Country::IRAN) {
            prop_assert!(phone::is_e164(&form));
            prop_assert_eq!(phone::normalise(&form, Country::IRAN), Ok(form));
        }
    }

    #[test]
    fn no_text_whatever_breaks_a_reader(text in "\\PC{0,80}") {
        if let Ok(form) = phone::normalise(&text, Country::IRAN) {
            prop_assert!(phone::is_e164(&form));
        }
        let _ = negotiate(&text);
    }

    #[test]
    fn nearly_phone_numbers_break_no_reader(text in "[+0-9۰-۹ ()*#;=,a-f\u{200e}.-]{0,40}") {
        if let Ok(form) = phone::normalise(&text, Country::IRAN) {
            prop_assert!(phone::is_e164(&form));
        }
    }

    #[test]
    fn every_test_number_passes(ordinal in any::<u64>()) {
        let number = phone::test_number(ordinal);
        prop_assert_eq!(phone::normalise(&number, Country::IRAN), Ok(number));
    }
}
