//! The languages that Vafa speaks.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text names no language of Vafa.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a language is fa, ar or en")]
pub struct LanguageError;

/// A language that every text for people exists in.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Persian, right to left, Jalali calendar.
    Fa,
    /// Arabic, right to left.
    Ar,
    /// English.
    En,
}

impl Language {
    /// Every language, in the order documents show them.
    pub const ALL: [Self; 3] = [Self::Fa, Self::Ar, Self::En];

    /// The two-letter tag (ISO 639-1).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Fa => "fa",
            Self::Ar => "ar",
            Self::En => "en",
        }
    }

    /// The language behind a tag such as `fa`, `fa-IR` or `AR`.
    ///
    /// # Errors
    /// [`LanguageError`] for a language that Vafa does not speak.
    pub fn parse(tag: &str) -> Result<Self, LanguageError> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|l| l.tag().eq_ignore_ascii_case(primary)).ok_or(LanguageError)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}
