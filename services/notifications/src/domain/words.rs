//! Words for values: numbers in local digits, days of the language's own calendar, things by their names.

use std::collections::BTreeMap;

use kernel::{Currency, Day, Language, LocalMoment, Timestamp};
use locale::{
    Arg,
    calendar::{self, Calendar},
    digits,
};

use super::value::{ThingKind, Value, Values};

/// What a reader sees of values.
pub struct Reader<'a> {
    /// Their language.
    pub language: Language,
    /// The calendar of their days.
    pub calendar: Calendar,
    /// The money of the chain.
    pub currency: Currency,
    /// The wall clock that they go by.
    pub clock: &'a (dyn Fn(Timestamp) -> LocalMoment + Send + Sync),
    /// Names of things, where they are known.
    pub names: &'a Names,
}

/// The calendar of days in each language, as the chain has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendars {
    /// In Persian.
    pub fa: Calendar,
    /// In Arabic.
    pub ar: Calendar,
    /// In English.
    pub en: Calendar,
}

impl Calendars {
    /// The calendar of a language.
    #[must_use]
    pub const fn of(self, language: Language) -> Calendar {
        match language {
            Language::Fa => self.fa,
            Language::Ar => self.ar,
            Language::En => self.en,
        }
    }
}

/// Names of things in three languages, by what they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(BTreeMap<(ThingKind, String), BTreeMap<Language, String>>);

/// Keeps what stands in a text of the other direction together, and in its place: a right-to-left mark on both sides. Isolates
/// (U+2066 to U+2069) say it better, and older phones show boxes for them.
const RIGHT_TO_LEFT: char = '\u{200F}';

impl Names {
    /// Notes the name of a thing.
    pub fn add(&mut self, kind: ThingKind, code: &str, language: Language, name: String) {
        self.0.entry((kind, code.to_owned())).or_default().insert(language, name);
    }

    /// The name in the language, else in another one, else the code.
    #[must_use]
    pub fn of<'a>(&'a self, kind: ThingKind, code: &'a str, language: Language) -> &'a str {
        let Some(names) = self.0.get(&(kind, code.to_owned())) else { return code };
        let by_language = std::iter::once(language).chain(Language::ALL);
        by_language.filter_map(|one| names.get(&one)).map(String::as_str).next().unwrap_or(code)
    }
}

impl Reader<'_> {
    /// What a text is said with.
    #[must_use]
    pub fn args<'v>(&self, values: &'v Values) -> Vec<(&'v str, Arg)> {
        values.iter().map(|(name, value)| (name, self.arg(value))).collect()
    }

    /// A name or a code as it stands in a text of the language.
    #[must_use]
    pub fn name(&self, name: &str) -> Arg {
        let turns = self.language != Language::En && name.chars().any(|letter| letter.is_ascii_alphabetic());
        Arg::Text(if turns { format!("{RIGHT_TO_LEFT}{name}{RIGHT_TO_LEFT}") } else { name.to_owned() })
    }

    fn arg(&self, value: &Value) -> Arg {
        match value {
            Value::Number(number) => Arg::Number(*number),
            Value::Money(minor) => Arg::Text(self.money(*minor)),
            Value::Day(day) => Arg::Text(self.day(*day)),
            Value::Moment(at) => Arg::Text(self.moment(*at)),
            Value::Choice(word) => Arg::Text(word.clone()),
            Value::Thing { kind, code } => self.name(self.names.of(*kind, code, self.language)),
        }
    }

    /// A day in their calendar.
    #[must_use]
    pub fn day(&self, day: Day) -> String {
        calendar::format_date_in(day, self.calendar, self.language)
    }

    /// Money as they write it.
    #[must_use]
    pub fn money(&self, minor: i64) -> String {
        let amount = digits::amount(minor, self.currency.exponent(), self.language);
        format!("{amount} {}", currency_name(&self.currency, self.language))
    }

    fn moment(&self, at: Timestamp) -> String {
        let LocalMoment { day, minute, .. } = (self.clock)(at);
        let time = format!("{:02}:{:02}", minute / 60, minute % 60);
        let time = digits::to_local(&time, self.language);
        format!("{} {time}", self.day(day))
    }
}

/// What people of the language call a currency; its code where this list has no name for it.
fn currency_name(currency: &Currency, language: Language) -> &str {
    let names = match currency.code() {
        "IRR" => ["ریال", "ريال إيراني", "IRR"],
        "AED" => ["درهم", "درهم", "AED"],
        "SAR" => ["ریال سعودی", "ريال", "SAR"],
        "IQD" => ["دینار", "دينار", "IQD"],
        "EUR" => ["یورو", "يورو", "EUR"],
        "USD" => ["دلار", "دولار", "USD"],
        _ => return currency.code(),
    };
    match language {
        Language::Fa => names[0],
        Language::Ar => names[1],
        Language::En => names[2],
    }
}

#[cfg(test)]
mod tests {
    use kernel::Weekday;

    use super::*;

    fn noon(_: Timestamp) -> LocalMoment {
        let day = Day::parse("2026-11-21").expect("a day");
        LocalMoment { day, weekday: Weekday::Sat, minute: 12 * 60 + 5 }
    }

    fn said(language: Language, value: &Value) -> String {
        let mut names = Names::default();
        names.add(ThingKind::Reward, "coffee", Language::Fa, "قهوه".to_owned());
        let currency = Currency::parse("IRR").expect("a currency");
        let reader =
            Reader { language, calendar: Calendar::of(language), currency, clock: &noon, names: &names };
        match reader.arg(value) {
            Arg::Text(text) => text,
            Arg::Number(number) => number.to_string(),
        }
    }

    #[test]
    fn each_reader_sees_their_own_digits_calendar_and_names() {
        let at = Value::Moment(Timestamp::from_micros(0));
        assert_eq!(said(Language::Fa, &at), "۳۰ آبان ۱۴۰۵ ۱۲:۰۵");
        assert_eq!(said(Language::En, &at), "21 November 2026 12:05");
        assert_eq!(said(Language::Fa, &Value::Money(1_250_000)), "۱۲٬۵۰۰ ریال");
        assert_eq!(said(Language::En, &Value::Money(1_250_000)), "12,500 IRR");
        let thing = |code: &str| Value::Thing { kind: ThingKind::Reward, code: code.to_owned() };
        assert_eq!(said(Language::Fa, &thing("coffee")), "قهوه");
        // A name in another language is better than a code, and a code better than nothing; both keep their place.
        assert_eq!(said(Language::En, &thing("coffee")), "قهوه");
        assert_eq!(said(Language::Ar, &thing("tea")), "\u{200F}tea\u{200F}");
    }
}
