//! A first name that came as a text message, and what is none (J1, N6).
//!
//! Whoever texts their first name to the club's number joins, so that what is not meant as a name must not become one: words that
//! telephone companies and members send for other ends, links, digits, whole sentences.

use kernel::Language;
use thiserror::Error;

use super::{
    code::OneTimeCode,
    name::{FIRST_NAME_LIMIT, FirstName},
};

/// The most words of a first name in a text.
const WORDS: usize = 3;

/// What a text says: a first name, perhaps followed by the code that was sent to this phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texted {
    /// The name.
    pub first_name: FirstName,
    /// The code.
    pub code: Option<OneTimeCode>,
}

/// Why a text is no first name, in order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TextFlaw {
    /// There is nothing in it.
    #[error("empty")]
    Empty,
    /// It asks for something else: to stop, for help.
    #[error("keyword")]
    Keyword,
    /// It has a link or an address in it.
    #[error("link")]
    Link,
    /// It has digits in it that are no code.
    #[error("digits")]
    Digits,
    /// It is longer than names are.
    #[error("too_long")]
    TooLong,
    /// It has other characters than the letters of one script: Persian and Arabic, or Latin.
    #[error("letters")]
    Letters,
}

/// What cannot be made of a text message, in order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TextRefusal {
    /// The provider's id came with other contents before.
    #[error("another text had the id")]
    Taken,
    /// The phone sent as many texts as count in a day.
    #[error("too many texts; the next one in {seconds} s")]
    TooMany {
        /// When to send again.
        seconds: u64,
    },
    /// It is no first name.
    #[error("the text is no name: {0}")]
    NoName(TextFlaw),
}

impl TextRefusal {
    /// The word of it, in answers to services.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Taken => "refused",
            Self::TooMany { .. } => "too_many",
            Self::NoName(_) => "no_name",
        }
    }
}

/// What people and telephone companies text for other ends than joining, as [`plain`] writes it.
const KEYWORDS: [&str; 40] = [
    "stop",
    "stopall",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "off",
    "out",
    "optout",
    "help",
    "info",
    "start",
    "join",
    "yes",
    "no",
    "ok",
    "balance",
    "points",
    "لغو",
    "توقف",
    "پایان",
    "انصراف",
    "کنسل",
    "خاموش",
    "راهنما",
    "کمک",
    "شروع",
    "عضویت",
    "بله",
    "خیر",
    "مانده",
    "امتیاز",
    "الغا",
    "ایقاف",
    "مساعده",
    "نعم",
    "بد",
    "رصید",
    "نقاط",
    "اشتراک",
];

impl Texted {
    /// Reads a text whose digits are Latin ones, as the language of the chain writes names.
    ///
    /// # Errors
    /// [`TextFlaw`].
    pub fn read(text: &str, language: Language) -> Result<Self, TextFlaw> {
        let mut words: Vec<&str> = text.split(is_space).filter(|word| !word.is_empty()).collect();
        let code = words.last().and_then(|word| OneTimeCode::parse(word).ok()).filter(|_| words.len() > 1);
        if code.is_some() {
            words.pop();
        }
        let whole = words.join(" ");
        if whole.is_empty() {
            return Err(TextFlaw::Empty);
        }
        let first = plain(words.first().copied().unwrap_or_default());
        if KEYWORDS.contains(&plain(&whole).as_str()) || KEYWORDS.contains(&first.as_str()) {
            return Err(TextFlaw::Keyword);
        }
        if is_link(&whole) {
            return Err(TextFlaw::Link);
        }
        if whole.chars().any(char::is_numeric) {
            return Err(TextFlaw::Digits);
        }
        if words.len() > WORDS || whole.chars().count() > FIRST_NAME_LIMIT {
            return Err(TextFlaw::TooLong);
        }
        let name: String = whole.chars().map(|c| written(c, language)).collect();
        let of_one_script = name.chars().all(is_arabic) || name.chars().all(is_latin);
        let named = of_one_script && name.chars().any(char::is_alphabetic);
        let first_name = FirstName::parse(&name).ok().filter(|_| named).ok_or(TextFlaw::Letters)?;
        Ok(Self { first_name, code })
    }
}

/// The keyboard's direction marks at the edges of words count as spaces.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{FEFF}')
}

fn is_link(text: &str) -> bool {
    let lower = text.to_lowercase();
    let dotted = text.split(is_space).any(|word| {
        let inner = word.trim_matches('.');
        inner.contains('.') && inner.split('.').all(|part| part.chars().count() > 1)
    });
    lower.contains("://") || lower.starts_with("www.") || text.contains(['@', '/', '\\']) || dotted
}

/// How the chain's language writes a letter that keyboards of both languages have: ی and ک in Persian, ي and ك in Arabic.
const fn written(c: char, language: Language) -> char {
    match (language, c) {
        (Language::Ar, 'ی') => 'ي',
        (Language::Ar, 'ک') => 'ك',
        (Language::Fa | Language::En, 'ي' | 'ى') => 'ی',
        (Language::Fa | Language::En, 'ك') => 'ک',
        _ => c,
    }
}

/// A text as it is compared with [`KEYWORDS`]: lower case, letters of both keyboards alike, and nothing but letters.
fn plain(text: &str) -> String {
    let letters = text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase);
    letters
        .filter_map(|c| match c {
            'أ' | 'إ' | 'آ' | 'ٱ' => Some('ا'),
            'ة' => Some('ه'),
            'ء' => None,
            _ => Some(written(c, Language::Fa)),
        })
        .collect()
}

/// Letters of Persian and Arabic, their marks, and what stands between them in names.
fn is_arabic(c: char) -> bool {
    matches!(c, '\u{0620}'..='\u{065F}' | '\u{0670}'..='\u{06D3}' | '\u{06D5}' | '\u{06EE}' | '\u{06EF}' | '\u{06FA}'..='\u{06FC}'
        | '\u{0750}'..='\u{077F}' | '\u{200C}' | '\u{200D}' | ' ' | '-')
}

/// Letters of Latin script, their marks, and what stands between them in names.
fn is_latin(c: char) -> bool {
    let letter = c.is_ascii_alphabetic()
        || matches!(c, '\u{00C0}'..='\u{024F}' | '\u{1E00}'..='\u{1EFF}' | '\u{0300}'..='\u{036F}');
    (letter && !matches!(c, '×' | '÷')) || matches!(c, '\'' | '’' | ' ' | '-' | '.')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str, language: Language) -> Result<String, TextFlaw> {
        Texted::read(text, language).map(|texted| texted.first_name.text().to_owned())
    }

    #[test]
    fn names_of_three_scripts_are_read_as_the_chain_writes_them() {
        for (text, language, kept) in [
            (" زهرا ", Language::Fa, "زهرا"),
            ("\u{200F}علي", Language::Fa, "علی"),
            ("كامران", Language::Fa, "کامران"),
            ("علی", Language::Ar, "علي"),
            ("محمد\u{200C}رضا", Language::Fa, "محمد\u{200C}رضا"),
            ("فاطِمة", Language::Ar, "فاطِمة"),
            ("Zahra", Language::Fa, "Zahra"),
            ("O’Connor", Language::En, "O’Connor"),
            ("José  María", Language::En, "José María"),
            ("J. Paul", Language::En, "J. Paul"),
        ] {
            assert_eq!(name(text, language).as_deref(), Ok(kept), "{text}");
        }
    }

    #[test]
    fn what_is_no_name_becomes_none() {
        for (text, flaw) in [
            ("", TextFlaw::Empty),
            (" \u{200F} ", TextFlaw::Empty),
            ("STOP", TextFlaw::Keyword),
            ("Stop!", TextFlaw::Keyword),
            ("stop all of it please", TextFlaw::Keyword),
            ("لغو", TextFlaw::Keyword),
            ("إلغاء", TextFlaw::Keyword),
            ("إيقاف", TextFlaw::Keyword),
            ("رصيد", TextFlaw::Keyword),
            ("کمک", TextFlaw::Keyword),
            ("كمك", TextFlaw::Keyword),
            ("http://a.example", TextFlaw::Link),
            ("bit.ly/x", TextFlaw::Link),
            ("example.com", TextFlaw::Link),
            ("a@b", TextFlaw::Link),
            ("Zahra 12", TextFlaw::Digits),
            ("123456", TextFlaw::Digits),
            ("my name is Zahra Karimi", TextFlaw::TooLong),
            ("زهرا Zahra", TextFlaw::Letters),
            ("Zahra 🌸", TextFlaw::Letters),
            ("Захра", TextFlaw::Letters),
            ("--", TextFlaw::Letters),
            ("Za\u{202E}hra", TextFlaw::Letters),
        ] {
            assert_eq!(name(text, Language::Fa).err(), Some(flaw), "{text:?}");
        }
        assert_eq!(name(&"a".repeat(41), Language::Fa), Err(TextFlaw::TooLong));
    }

    #[test]
    fn a_code_follows_the_name() {
        let read = Texted::read("زهرا 042719", Language::Fa).expect("a name and a code");
        assert_eq!((read.first_name.text(), read.code), ("زهرا", OneTimeCode::parse("042719").ok()));
        assert_eq!(Texted::read("زهرا 04271", Language::Fa).err(), Some(TextFlaw::Digits));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_what_is_read_has_letters(text in ".{0,60}") {
            if let Ok(read) = Texted::read(&text, Language::Ar) {
                prop_assert!(read.first_name.text().chars().any(char::is_alphabetic));
                prop_assert!(!read.first_name.text().chars().any(char::is_numeric));
            }
        }
    }
}
