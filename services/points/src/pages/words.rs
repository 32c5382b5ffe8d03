//! Finding the words for a value, in one language.

use kernel::{Currency, Day, Language};
use locale::{Arg, calendar, digits};
use serde_json::{Map, Value};
use web::Texts;

use super::Codes;

/// Fields that are amounts of money, in minor units.
const AMOUNTS: [&str; 4] = ["amount", "minimum_basket", "maximum_basket", "minimum_amount"];

/// Speaks one language about one programme.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    texts: &'a Texts,
    codes: Option<&'a Codes<'a>>,
    /// The language.
    pub language: Language,
    /// What amounts are in.
    pub currency: Currency,
}

impl<'a> Words<'a> {
    /// Words of these texts.
    #[must_use]
    pub const fn new(texts: &'a Texts, language: Language, currency: Currency) -> Self {
        Self { texts, codes: None, language, currency }
    }

    /// The same words, where things are called as these codes say.
    #[must_use]
    pub const fn knowing<'b>(self, codes: &'b Codes<'b>) -> Words<'b>
    where
        'a: 'b,
    {
        Words { codes: Some(codes), ..self }
    }

    /// What people read in place of a code that stands under a field; the code itself where it has no name.
    #[must_use]
    pub fn named(&self, field: &str, code: &str) -> String {
        let name = self.codes.and_then(|codes| codes.name(field, code, self.language.tag()));
        name.map_or_else(|| self.word(code), str::to_owned)
    }

    /// The text of this id; `None` where there is none.
    #[must_use]
    pub fn find(&self, id: &str, args: &[(&str, Arg)]) -> Option<String> {
        self.texts.find(self.language, id, args)
    }

    /// The text of this id, which a test knows to be there in all languages.
    #[must_use]
    pub fn say(&self, id: &str, args: &[(&str, Arg)]) -> String {
        self.find(id, args).unwrap_or_else(|| id.to_owned())
    }

    /// The text of this id about the fields of an object.
    ///
    /// Each field is an argument by its name, whole numbers once more as money: `from` and `from_money`, and what is so or not as
    /// a word to choose by: `from_is`, which is `yes` or `no`. The argument
    /// `fields` names those that there are, so that a text can tell what was left out.
    #[must_use]
    pub fn find_about(&self, id: &str, fields: &Map<String, Value>) -> Option<String> {
        let mut names: Vec<&str> = fields.keys().map(String::as_str).collect();
        names.sort_unstable();
        let money: Vec<(String, i64)> =
            fields.iter().filter_map(|(name, v)| Some((format!("{name}_money"), v.as_i64()?))).collect();
        let mut args: Vec<(&str, Arg)> =
            fields.iter().map(|(name, v)| (name.as_str(), self.arg(name, v))).collect();
        args.extend(money.iter().map(|(name, minor)| (name.as_str(), self.money(*minor).into())));
        let choices = |(name, value): (&String, &Value)| {
            Some((format!("{name}_is"), if value.as_bool()? { "yes" } else { "no" }))
        };
        let choices: Vec<(String, &str)> = fields.iter().filter_map(choices).collect();
        args.extend(choices.iter().map(|(name, word)| (name.as_str(), (*word).into())));
        args.push(("fields", names.join("_").into()));
        self.find(id, &args)
    }

    /// A value as an argument: numbers decide between singular and plural, words can be chosen by.
    fn arg(&self, field: &str, value: &Value) -> Arg {
        match value {
            Value::Number(number) if !AMOUNTS.contains(&field) => match number.as_i64() {
                Some(number) => Arg::Number(number),
                None => Arg::Text(number.to_string()),
            },
            Value::String(text) => match self.codes.and_then(|c| c.name(field, text, self.language.tag())) {
                Some(name) => Arg::Text(name.to_owned()),
                None => Arg::Text(self.day_or_digits(text)),
            },
            value => Arg::Text(self.value(field, value)),
        }
    }

    /// A value of a field as people read it.
    #[must_use]
    pub fn value(&self, field: &str, value: &Value) -> String {
        match value {
            Value::Null => self.say("programme-word-nothing", &[]),
            Value::Bool(yes) => self.say(if *yes { "programme-word-yes" } else { "programme-word-no" }, &[]),
            Value::Number(number) => match number.as_i64() {
                Some(minor) if AMOUNTS.contains(&field) => self.money(minor),
                Some(number) => digits::number(number, self.language),
                None => self.digits(&number.to_string()),
            },
            Value::String(text) => self.named(field, text),
            Value::Array(items) => self.list(items.iter().map(|item| self.item(field, item))),
            Value::Object(fields) => match fields.get(self.language.tag()).and_then(Value::as_str) {
                Some(text) => text.to_owned(),
                None => self.list(
                    fields.iter().map(|(name, v)| format!("{}: {}", self.label(name), self.value(name, v))),
                ),
            },
        }
    }

    /// A word of the document in the reader's language; codes are shown as they are.
    #[must_use]
    pub fn word(&self, text: &str) -> String {
        let plain =
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        let known = plain.then(|| self.find(&format!("programme-word-{text}"), &[])).flatten();
        known.unwrap_or_else(|| self.day_or_digits(text))
    }

    /// One of a list of things.
    fn item(&self, field: &str, item: &Value) -> String {
        let about =
            item.as_object().and_then(|fields| self.find_about(&format!("programme-one-{field}"), fields));
        about.unwrap_or_else(|| self.value(field, item))
    }

    fn day_or_digits(&self, text: &str) -> String {
        Day::parse(text).map_or_else(|_| self.digits(text), |day| self.day(day))
    }

    /// The name of a field; the field itself where it has none.
    #[must_use]
    pub fn label(&self, field: &str) -> String {
        self.find(&format!("programme-label-{field}"), &[]).unwrap_or_else(|| self.digits(field))
    }

    /// Things one after the other.
    #[must_use]
    pub fn list(&self, items: impl Iterator<Item = String>) -> String {
        let between = match self.language {
            Language::Fa | Language::Ar => "، ",
            Language::En => ", ",
        };
        items.collect::<Vec<_>>().join(between)
    }

    /// An amount with the currency's name.
    #[must_use]
    pub fn money(&self, minor: i64) -> String {
        let amount = digits::amount(minor, self.currency.exponent(), self.language);
        let code = self.currency.code();
        let name = self.find(&format!("programme-currency-{}", code.to_lowercase()), &[]);
        let name = name.unwrap_or_else(|| code.to_owned());
        self.say("programme-money", &[("amount", amount.into()), ("currency", name.into())])
    }

    /// A day in the reader's calendar.
    #[must_use]
    pub fn day(&self, day: Day) -> String {
        calendar::format_date(day, self.language)
    }

    /// A text with the reader's digits.
    #[must_use]
    pub fn digits(&self, text: &str) -> String {
        digits::to_local(text, self.language).into_owned()
    }
}
