//! Texts with gaps: what a provider is sent, as the chain wrote it down, with what a message says in the places that it named.
//!
//! A gap is `{{ name }}`. Values are put into finished structures (a JSON string, a pair of a form, a piece of an address), each
//! escaped as it must be there: **nothing that a message says can become a part of the structure.**

use form_urlencoded::byte_serialize;

use crate::domain::sending::Outgoing;

/// What can stand in a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    To,
    Digits,
    Text,
    Title,
    Id,
    Language,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Gap(Gap),
}

/// A text with gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase(Vec<Piece>);

const NAMES: [(&str, Gap); 6] = [
    ("to", Gap::To),
    ("digits", Gap::Digits),
    ("text", Gap::Text),
    ("title", Gap::Title),
    ("id", Gap::Id),
    ("language", Gap::Language),
];

impl Phrase {
    /// Reads a text.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut pieces, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) = after.split_once("}}").ok_or("a gap {{ … }} does not end")?;
            let gap = NAMES.iter().find(|(known, _)| *known == name.trim()).map(|(_, gap)| *gap);
            let gap = gap.ok_or_else(|| {
                format!("there is no {{{{ {} }}}}: use to, digits, text, title, id or language", name.trim())
            })?;
            pieces.extend([Piece::Literal(before.to_owned()), Piece::Gap(gap)]);
            rest = after;
        }
        pieces.push(Piece::Literal(rest.to_owned()));
        Ok(Self(pieces))
    }

    /// The text for a message.
    #[must_use]
    pub fn say(&self, message: &Outgoing) -> String {
        self.filled(message, str::to_owned)
    }

    /// The text for a message, its values escaped for an address.
    #[must_use]
    pub fn say_in_url(&self, message: &Outgoing) -> String {
        // A space is %20 in every part of an address, and + only in some.
        self.filled(message, |value| byte_serialize(value.as_bytes()).collect::<String>().replace('+', "%20"))
    }

    fn filled(&self, message: &Outgoing, escape: impl Fn(&str) -> String) -> String {
        let say = |piece: &Piece| match piece {
            Piece::Literal(text) => text.clone(),
            Piece::Gap(gap) => escape(&value(*gap, message)),
        };
        self.0.iter().map(say).collect()
    }
}

fn value(gap: Gap, message: &Outgoing) -> String {
    match gap {
        Gap::To => message.to.text().to_owned(),
        Gap::Digits => message.to.text().chars().filter(char::is_ascii_digit).collect(),
        Gap::Text => message.text.expose().clone(),
        Gap::Title => message.title.expose().clone(),
        Gap::Id => message.id.to_string(),
        Gap::Language => message.language.to_string(),
    }
}
