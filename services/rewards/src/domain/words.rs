//! Texts in the languages of the club.

use std::collections::BTreeMap;

use kernel::Language;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A text in up to three languages.
// Read as a map, since a derived reader would take a list for it as well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(from = "BTreeMap<Language, Option<String>>", deny_unknown_fields)]
#[schema(as = RewardTexts)]
pub struct Words {
    /// In Persian.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fa: Option<String>,
    /// In Arabic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ar: Option<String>,
    /// In English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl From<BTreeMap<Language, Option<String>>> for Words {
    fn from(mut texts: BTreeMap<Language, Option<String>>) -> Self {
        let mut of = |language| texts.remove(&language).flatten();
        Self { fa: of(Language::Fa), ar: of(Language::Ar), en: of(Language::En) }
    }
}

impl Words {
    /// The text in this very language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> Option<&str> {
        match language {
            Language::Fa => self.fa.as_deref(),
            Language::Ar => self.ar.as_deref(),
            Language::En => self.en.as_deref(),
        }
    }

    /// The text in this language, or else in the first of Persian, Arabic and English that there is, with the language that it
    /// really is in.
    #[must_use]
    pub fn told(&self, language: Language) -> Option<(&str, Language)> {
        let mut ways = std::iter::once(language).chain(Language::ALL);
        ways.find_map(|language| Some((self.in_language(language)?, language)))
    }

    /// Every text that there is, after the tag of its language.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, &str)> {
        Language::ALL.into_iter().filter_map(|language| Some((language.tag(), self.in_language(language)?)))
    }
}
