//! Texts that the chain writes itself, with names such as `{ $points }` in them: what they may not say is found before they are said.
//!
//! They are Fluent patterns: text, names, and choices by number or word. They refer to no other text and call no function.

use std::collections::BTreeSet;

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser,
};
use kernel::Language;

use crate::{Arg, Messages};

/// The name of the only message of a catalogue that is made of one pattern.
const ONLY: &str = "text";

/// Why a pattern is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternFlaw {
    /// It says nothing.
    #[error("the text is empty")]
    Empty,
    /// It is no pattern; what the parser says about it.
    #[error("the text cannot be read: {0}")]
    Syntax(String),
    /// It refers to another text, or calls a function.
    #[error("the text refers to something that is not a name: {0}")]
    Reference(String),
}

/// A text with names in it, in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    source: String,
    names: BTreeSet<String>,
}

impl Phrase {
    /// Reads it.
    ///
    /// # Errors
    /// [`PatternFlaw`].
    pub fn parse(text: &str) -> Result<Self, PatternFlaw> {
        let text = text.trim();
        if text.is_empty() {
            return Err(PatternFlaw::Empty);
        }
        let source = message(ONLY, text);
        let resource = parser::parse(source.as_str()).map_err(|(_, mistakes)| {
            let said: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            PatternFlaw::Syntax(said.join("; "))
        })?;
        let [Entry::Message(only)] = resource.body.as_slice() else {
            return Err(PatternFlaw::Syntax("it is more than one text".to_owned()));
        };
        let (Some(pattern), []) = (&only.value, only.attributes.as_slice()) else {
            return Err(PatternFlaw::Syntax("it has attributes".to_owned()));
        };
        let mut names = BTreeSet::new();
        look_at(pattern, &mut names)?;
        drop(resource);
        Ok(Self { source, names })
    }

    /// The names in it, without their signs.
    #[must_use]
    pub const fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// It as an entry of a catalogue, under an id of letters, digits, `-` and `_`.
    #[must_use]
    pub fn entry(&self, id: &str) -> String {
        // What it was read from begins with the id of its own.
        format!("{id}{}", &self.source[ONLY.len()..])
    }

    /// What it says with these values, in the digits of the language.
    #[must_use]
    pub fn say(&self, language: Language, values: &[(&str, Arg)]) -> String {
        let mut messages = Messages::new();
        // It was read before.
        let _ = messages.add_catalog(language, &self.source);
        messages.find(language, ONLY, values).unwrap_or_default()
    }
}

/// A catalogue of one message: lines of a pattern are set in.
fn message(id: &str, text: &str) -> String {
    let mut source = format!("{id} =\n");
    for line in text.lines() {
        source.push_str("    ");
        source.push_str(line.trim_end());
        source.push('\n');
    }
    source
}

fn look_at(pattern: &Pattern<&str>, names: &mut BTreeSet<String>) -> Result<(), PatternFlaw> {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            look_into(expression, names)?;
        }
    }
    Ok(())
}

fn look_into(expression: &Expression<&str>, names: &mut BTreeSet<String>) -> Result<(), PatternFlaw> {
    match expression {
        Expression::Inline(inline) => look_inside(inline, names),
        Expression::Select { selector, variants } => {
            look_inside(selector, names)?;
            variants.iter().try_for_each(|variant| look_at(&variant.value, names))
        }
    }
}

fn look_inside(inline: &InlineExpression<&str>, names: &mut BTreeSet<String>) -> Result<(), PatternFlaw> {
    let refused = |what: &str| Err(PatternFlaw::Reference(what.to_owned()));
    match inline {
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => Ok(()),
        InlineExpression::VariableReference { id } => {
            names.insert(id.name.to_owned());
            Ok(())
        }
        InlineExpression::Placeable { expression } => look_into(expression, names),
        InlineExpression::FunctionReference { id, .. }
        | InlineExpression::MessageReference { id, .. }
        | InlineExpression::TermReference { id, .. } => refused(id.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        Phrase::parse(text).expect("a phrase").names().iter().cloned().collect()
    }

    #[test]
    fn names_are_found_wherever_they_stand() {
        assert_eq!(names("Nothing but words."), [""; 0]);
        assert_eq!(names("{ $points } points at { $branch }"), ["branch", "points"]);
        assert_eq!(
            names("{ $n ->\n  [one] one { $thing }\n *[other] { $n } things\n} of { \"{\" }"),
            ["n", "thing"]
        );
        assert_eq!(names("first line\n\nsecond { $b }\n"), ["b"]);
    }

    #[test]
    fn what_is_no_pattern_or_says_more_than_a_pattern_may_is_refused() {
        assert_eq!(Phrase::parse(" \n "), Err(PatternFlaw::Empty));
        for text in ["{ $points", "}", "{ $n -> [one] x }", "{ }"] {
            assert!(matches!(Phrase::parse(text), Err(PatternFlaw::Syntax(_))), "{text}");
        }
        for text in ["{ other }", "{ -brand }", "{ NUMBER($n) }", "{ $n ->\n *[other] { other }\n}"] {
            assert!(matches!(Phrase::parse(text), Err(PatternFlaw::Reference(_))), "{text}");
        }
        // Neither a second message nor an attribute comes in by a line of its own.
        assert_eq!(names("hello\nsecond = { $x }"), ["x"]);
        assert!(Phrase::parse("hello\n.title = x").is_err());
    }

    #[test]
    fn as_an_entry_it_says_the_same() {
        let phrase = Phrase::parse("one { $n }\n\ntwo").expect("a phrase");
        let mut all = Messages::new();
        all.add_catalog(Language::En, &(phrase.entry("a-text") + &phrase.entry("b_text")))
            .expect("two entries");
        let values = [("n", Arg::from(2_i64))];
        assert_eq!(all.find(Language::En, "b_text", &values), Some("one 2\n\ntwo".to_owned()));
        assert_eq!(all.find(Language::En, "a-text", &values), Some(phrase.say(Language::En, &values)));
    }

    #[test]
    fn it_is_said_in_the_digits_of_the_language() {
        let phrase = Phrase::parse("{ $points } امتیاز\nدر { $branch }").expect("a phrase");
        let values = [("points", Arg::from(1_250_i64)), ("branch", Arg::from("vanak"))];
        assert_eq!(phrase.say(Language::Fa, &values), "۱٬۲۵۰ امتیاز\nدر vanak");
    }
}
