//! What the chain calls things, asked of the service that owns them by whoever names them to members.

use std::collections::BTreeMap;

use kernel::Language;
use serde::{Deserialize, Serialize};

/// Where each of them is asked: `POST`, by services alone.
pub const NAMES_PATH: &str = "/internal/v1/names";
/// Codes of one question.
pub const NAMES_MOST: usize = 100;

/// What are things of a kind called?
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamesQuestion {
    /// The kind: `reward`, `event`, `draw`, `challenge`, `tier`, `plan`.
    pub kind: String,
    /// Their codes, [`NAMES_MOST`] at most; those behind them are not answered.
    pub codes: Vec<String>,
}

/// What they are called, by code; those that are unknown are left out.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct NamesAnswer {
    /// Each in the languages in which it has a name.
    pub names: BTreeMap<String, BTreeMap<Language, String>>,
}

impl NamesAnswer {
    /// Notes what a thing is called.
    pub fn add(&mut self, code: &str, names: impl IntoIterator<Item = (Language, Option<String>)>) {
        let names = names.into_iter().filter_map(|(language, name)| Some((language, name?)));
        self.names.insert(code.to_owned(), names.collect());
    }
}
