//! A service's part of an archive, in one language, as it goes from service to service.

use std::collections::BTreeMap;

use kernel::Language;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use web::Texts;

use super::{Given, Kept, Kind, Place, Reading, Sheet};

/// What a service is asked about a member.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartQuestion {
    /// In which language people read the answer.
    pub language: Language,
    /// Where the page begins; at the first row when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Place>,
}

/// A page of what a service keeps of a member.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    /// What people call it.
    pub title: String,
    /// Rows, sheet by sheet; a sheet may go on from the page before.
    pub pieces: Vec<Piece>,
    /// Where the next page begins; absent behind the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Place>,
}

/// Rows of a sheet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Piece {
    /// The sheet's name.
    pub sheet: String,
    /// What people call it.
    pub title: String,
    /// Whether people read each row as a list of its own.
    pub wide: bool,
    /// The columns that people see.
    pub heads: Vec<Head>,
    /// Words of ours that are in the rows, by column and word, as people read them.
    pub words: BTreeMap<String, BTreeMap<String, String>>,
    /// The rows, whole.
    pub rows: Vec<Map<String, Value>>,
}

/// A column that people see.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Head {
    /// Its name in the rows.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// How its values are written for people.
    pub shape: Shape,
}

/// How a value is written for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// As it is.
    Text,
    /// A whole number.
    Whole,
    /// An amount in minor units of the row's `currency`.
    Money,
    /// Yes or no.
    Truth,
    /// An instant.
    Time,
    /// A day.
    Day,
    /// By a word of the piece's.
    Word,
}

impl Kind {
    const fn shape(self) -> Shape {
        match self {
            Self::Whole => Shape::Whole,
            Self::Money => Shape::Money,
            Self::Truth => Shape::Truth,
            Self::Time => Shape::Time,
            Self::Day => Shape::Day,
            Self::Word | Self::Coded(_) => Shape::Word,
            Self::Id | Self::Bytes | Self::Text | Self::Document | Self::Sealed | Self::SealedDocument => {
                Shape::Text
            }
        }
    }
}

/// The text of the first of these ids that there is one of.
fn first_of(texts: &Texts, language: Language, ids: &[String; 2]) -> Option<String> {
    ids.iter().find_map(|id| texts.find(language, id, &[]))
}

fn label(texts: &Texts, language: Language, sheet: &Sheet, column: &str) -> Option<String> {
    let ids = [format!("archive-{}-{column}", sheet.name), format!("archive-field-{column}")];
    first_of(texts, language, &ids)
}

fn word(texts: &Texts, language: Language, column: &str, word: &str) -> Option<String> {
    first_of(texts, language, &[format!("archive-word-{column}-{word}"), format!("archive-word-{word}")])
}

impl Reading {
    /// The page in the words of these texts.
    #[must_use]
    pub fn told(self, texts: &Texts, language: Language) -> Part {
        let said = |id: String| texts.find(language, &id, &[]).unwrap_or(id);
        let pieces = self.sheets.into_iter().map(|read| {
            let sheet = read.sheet;
            let mut words: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
            let mut heads = Vec::new();
            for field in sheet.fields.iter().filter(|field| field.given == Given::Shown) {
                let (name, shape) = (field.column, field.kind.shape());
                let label = label(texts, language, sheet, name).unwrap_or_else(|| name.to_owned());
                heads.push(Head { name: name.to_owned(), label, shape });
                for value in read.rows.iter().filter(|_| shape == Shape::Word).filter_map(|row| row.get(name))
                {
                    let known = value.as_str().and_then(|own| Some((own, word(texts, language, name, own)?)));
                    if let Some((own, word)) = known {
                        words.entry(name.to_owned()).or_default().insert(own.to_owned(), word);
                    }
                }
            }
            Piece {
                sheet: sheet.name.to_owned(),
                title: said(format!("archive-{}", sheet.name)),
                wide: sheet.wide,
                heads,
                words,
                rows: read.rows,
            }
        });
        let pieces = pieces.collect();
        Part { title: said("archive-title".to_owned()), pieces, next: self.next }
    }
}

/// The words that a service's part lacks, as `language: id`; empty when people can read all of it in all languages.
/// `words` are those of ours that stand in columns.
#[must_use]
pub fn unsaid(kept: &Kept, texts: &Texts, words: &[(&str, &str)]) -> Vec<String> {
    let mut unsaid = Vec::new();
    for language in Language::ALL {
        let mut lacking = |id: String| unsaid.push(format!("{}: {id}", language.tag()));
        for sheet in kept.sheets {
            let title = format!("archive-{}", sheet.name);
            if texts.find(language, &title, &[]).is_none() {
                lacking(title);
            }
            let shown = sheet.fields.iter().filter(|field| field.given == Given::Shown);
            for field in shown.filter(|field| label(texts, language, sheet, field.column).is_none()) {
                lacking(format!("archive-{}-{}", sheet.name, field.column));
            }
        }
        for (column, own) in words.iter().filter(|(column, own)| word(texts, language, column, own).is_none())
        {
            lacking(format!("archive-word-{column}-{own}"));
        }
    }
    unsaid
}
