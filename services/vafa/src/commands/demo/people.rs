//! The sample members: ninety people with Persian, Arabic and English names and phones that reach nobody.

use kernel::Language;
use locale::phone::test_number;

const PERSIAN: &[&str] = &[
    "زهرا",
    "علی",
    "مریم",
    "رضا",
    "فاطمه",
    "حسین",
    "نرگس",
    "امیر",
    "سارا",
    "مهدی",
    "لیلا",
    "آرش",
    "شیرین",
    "کاوه",
    "نسرین",
    "بهرام",
    "پریسا",
    "سیاوش",
    "مینا",
    "داریوش",
    "الهام",
    "فرهاد",
    "رویا",
    "کیان",
    "نگار",
    "پویا",
    "محمدرضا",
    "هانیه",
    "سامان",
    "یلدا",
];
const ARABIC: &[&str] = &[
    "فاطمة",
    "محمد",
    "عائشة",
    "يوسف",
    "ليلى",
    "عمر",
    "مريم",
    "خالد",
    "نور",
    "أحمد",
    "هدى",
    "سلمان",
    "ريم",
    "عبدالله",
    "سلمى",
    "حمد",
    "دانة",
    "طارق",
    "منى",
    "فيصل",
    "شيخة",
    "ماجد",
    "لطيفة",
    "سعود",
    "موزة",
    "راشد",
    "جواهر",
    "بدر",
    "حصة",
    "زايد",
];
const ENGLISH: &[&str] = &[
    "Emma", "James", "Olivia", "William", "Sophia", "Noah", "Amelia", "Jack", "Grace", "Thomas", "Hannah",
    "Daniel", "Chloe", "Samuel", "Ruby", "Oliver", "Alice", "Henry", "Lucy", "Arthur", "Nora", "George",
    "Ella", "Leo", "Maya", "Adam", "Isla", "Ryan", "Clara", "Max",
];

/// The first of the test phones that the demo uses.
const FIRST_PHONE: u64 = 7_700_000;

/// A sample member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// First name.
    pub name: &'static str,
    /// The language to speak to them.
    pub language: Language,
    /// Test phone.
    pub phone: String,
}

/// All of them, the languages in turn.
pub fn people() -> Vec<Person> {
    let mut all = Vec::new();
    let rows = PERSIAN.iter().zip(ARABIC).zip(ENGLISH);
    for ((fa, ar), en) in rows {
        for (name, language) in [(fa, Language::Fa), (ar, Language::Ar), (en, Language::En)] {
            let ordinal = FIRST_PHONE + u64::try_from(all.len()).unwrap_or_default();
            all.push(Person { name, language, phone: test_number(ordinal) });
        }
    }
    all
}

/// A test phone that none of them has, for trying things out.
pub fn spare_phone() -> String {
    test_number(FIRST_PHONE + 900)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ninety_people_speak_three_languages_and_share_no_phone() {
        let all = people();
        let phones: BTreeSet<_> = all.iter().map(|person| &person.phone).collect();
        assert_eq!((all.len(), phones.len()), (90, 90));
        for language in Language::ALL {
            assert_eq!(all.iter().filter(|person| person.language == language).count(), 30);
        }
        assert!(!phones.contains(&spare_phone()));
    }
}
