//! The archive as people read it: one page in the member's language, with the dates, digits and direction of it.

use std::fmt::Write as _;

use kernel::{Currency, Day, Language, Timestamp};
use locale::{calendar, digits};
use runtime::{
    Chain,
    archive::{Head, Piece, Shape},
};
use serde_json::{Map, Value};
use web::{
    Arg, Catalog, Texts,
    html::{self, escaped},
};

/// The words of the archive.
pub(super) const ARCHIVE_WORDS: &Catalog = &[
    (Language::En, include_str!("../../locales/archive/en.ftl")),
    (Language::Fa, include_str!("../../locales/archive/fa.ftl")),
    (Language::Ar, include_str!("../../locales/archive/ar.ftl")),
];

/// Writes for whoever reads this language.
#[derive(Clone, Copy)]
pub(super) struct Reader<'r> {
    pub texts: &'r Texts,
    pub chain: &'r Chain,
    pub language: Language,
}

/// What stands before the part of a service.
pub(super) fn service_opening(title: &str) -> String {
    format!("<h1>{}</h1>\n", escaped(title))
}

/// What stands before the rows of a list.
pub(super) fn list_opening(piece: &Piece) -> String {
    let mut html =
        format!("<section>\n<h2>{}</h2>\n<div style=\"overflow-x:auto\">\n<table>\n", escaped(&piece.title));
    if !piece.wide {
        html.push_str("<tr>");
        for head in &piece.heads {
            let _ = write!(html, "<th>{}</th>", escaped(&head.label));
        }
        html.push_str("</tr>\n");
    }
    html
}

impl Reader<'_> {
    fn say(&self, id: &str, args: &[(&str, Arg)]) -> String {
        self.texts.find(self.language, id, args).unwrap_or_else(|| id.to_owned())
    }

    /// What stands before all parts.
    pub(super) fn opening(&self, name: &str, now: Timestamp) -> String {
        let title = self
            .say("archive-page-title", &[("club", self.chain.name.clone().into()), ("name", name.into())]);
        let made = self.say("archive-page-made", &[("time", self.time(now).into())]);
        let about = self.say("archive-page-about", &[]);
        format!(
            "{}<h1>{}</h1>\n<p class=\"note\">{}</p>\n<p class=\"note\">{}</p>\n",
            html::opening(self.language, &title),
            escaped(&title),
            escaped(&made),
            escaped(&about),
        )
    }

    /// A row of a list.
    pub(super) fn row(&self, piece: &Piece, row: &Map<String, Value>) -> String {
        let told = |head: &Head| {
            let value = row.get(&head.name).map(|value| self.value(piece, head, row, value));
            format!("<td><bdi>{}</bdi></td>", escaped(&value.unwrap_or_default()))
        };
        if !piece.wide {
            let cells: String = piece.heads.iter().map(told).collect();
            return format!("<tr>{cells}</tr>\n");
        }
        let mut html = String::new();
        for head in piece.heads.iter().filter(|head| row.contains_key(&head.name)) {
            let _ = writeln!(html, "<tr><th>{}</th>{}</tr>", escaped(&head.label), told(head));
        }
        html
    }

    /// What stands behind the rows of a list, of which `more` are only in the file.
    pub(super) fn list_closing(&self, more: usize) -> String {
        let count = i64::try_from(more).unwrap_or(i64::MAX);
        let note = match more {
            0 => String::new(),
            _ => format!(
                "<p class=\"note\">{}</p>\n",
                escaped(&self.say("archive-page-more", &[("count", Arg::Number(count))]))
            ),
        };
        format!("</table>\n</div>\n{note}</section>\n")
    }

    fn time(&self, at: Timestamp) -> String {
        let there = self.chain.local(at, None);
        let clock = format!("{:02}:{:02}", there.minute / 60, there.minute % 60);
        let between = if self.language == Language::En { ", " } else { "، " };
        format!(
            "{}{between}{}",
            calendar::format_date(there.day, self.language),
            digits::to_local(&clock, self.language)
        )
    }

    fn value(&self, piece: &Piece, head: &Head, row: &Map<String, Value>, value: &Value) -> String {
        match (head.shape, value) {
            (Shape::Time, Value::String(text)) => {
                Timestamp::parse(text).map_or_else(|_| text.clone(), |at| self.time(at))
            }
            (Shape::Day, Value::String(text)) => Day::parse(text)
                .map_or_else(|_| text.clone(), |day| calendar::format_date(day, self.language)),
            (Shape::Word, Value::String(own)) => {
                let words = piece.words.get(&head.name);
                words.and_then(|words| words.get(own)).unwrap_or(own).clone()
            }
            (Shape::Money, Value::Number(minor)) => {
                let currency =
                    row.get("currency").and_then(Value::as_str).and_then(|code| Currency::parse(code).ok());
                match (minor.as_i64(), currency) {
                    (Some(minor), Some(currency)) => {
                        let amount = digits::amount(minor, currency.exponent(), self.language);
                        format!("{amount} {}", currency.code())
                    }
                    _ => minor.to_string(),
                }
            }
            _ => self.plain(value),
        }
    }

    /// A value as it is, in the reader's digits.
    fn plain(&self, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::Bool(yes) => self.say(if *yes { "archive-page-yes" } else { "archive-page-no" }, &[]),
            Value::Number(number) => match number.as_i64() {
                Some(whole) => digits::number(whole, self.language),
                None => digits::to_local(&number.to_string(), self.language).into_owned(),
            },
            // Codes and receipts stay as they are printed; what is digits alone is read in the reader's own.
            Value::String(text) if text.chars().all(|letter| letter.is_ascii_digit() || letter == '+') => {
                digits::to_local(text, self.language).into_owned()
            }
            Value::String(text) => text.clone(),
            Value::Array(items) => self.together(items.iter()),
            Value::Object(fields) => self.together(fields.values()),
        }
    }

    fn together<'v>(&self, values: impl Iterator<Item = &'v Value>) -> String {
        values.map(|value| self.plain(value)).collect::<Vec<_>>().join(" · ")
    }
}
