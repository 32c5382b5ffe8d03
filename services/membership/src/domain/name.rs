//! Names: a member's first name, and what a region or branch is called in the chain's languages.

use kernel::{Language, Pii};

use super::line::{LineFlaw, read_line};

/// The most characters of a first name.
pub const FIRST_NAME_LIMIT: usize = 40;
/// The most characters of a place's name.
pub const PLACE_NAME_LIMIT: usize = 80;

/// A member's first name, in any script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstName(Pii<String>);

impl FirstName {
    /// Reads a first name: one line of at most [`FIRST_NAME_LIMIT`] characters.
    ///
    /// # Errors
    /// [`LineFlaw`].
    pub fn parse(text: &str) -> Result<Self, LineFlaw> {
        read_line(text, FIRST_NAME_LIMIT).map(|line| Self(Pii::new(line)))
    }

    /// The name.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.expose()
    }
}

/// What a place is called, in one to three languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceNames(Vec<(Language, String)>);

/// Why the names of a place are not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceNamesFlaw {
    /// No name in any language.
    Missing,
    /// The name in this language is not accepted.
    Line(Language, LineFlaw),
}

impl PlaceNames {
    /// Reads the names that are given, one per language.
    ///
    /// # Errors
    /// [`PlaceNamesFlaw`].
    pub fn parse<'a>(names: impl IntoIterator<Item = (Language, &'a str)>) -> Result<Self, PlaceNamesFlaw> {
        let mut read = Vec::with_capacity(3);
        for (language, text) in names {
            let line =
                read_line(text, PLACE_NAME_LIMIT).map_err(|flaw| PlaceNamesFlaw::Line(language, flaw))?;
            read.push((language, line));
        }
        if read.is_empty() { Err(PlaceNamesFlaw::Missing) } else { Ok(Self(read)) }
    }

    /// The name in a language, when there is one.
    #[must_use]
    pub fn text(&self, language: Language) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == language).map(|(_, text)| text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_name_does_not_show_itself() {
        let name = FirstName::parse("Zahra").expect("a name");
        assert_eq!(name.text(), "Zahra");
        assert!(!format!("{name:?}").contains("Zahra"));
    }

    #[test]
    fn a_place_needs_a_name_in_some_language() {
        assert_eq!(PlaceNames::parse([]), Err(PlaceNamesFlaw::Missing));
        let names = PlaceNames::parse([(Language::Fa, " ونک "), (Language::En, "Vanak")]).expect("names");
        assert_eq!(names.text(Language::Fa), Some("ونک"));
        assert_eq!(names.text(Language::Ar), None);
        assert_eq!(
            PlaceNames::parse([(Language::En, "a\u{202E}b")]),
            Err(PlaceNamesFlaw::Line(Language::En, LineFlaw::Forbidden { code: 0x202E }))
        );
    }
}
