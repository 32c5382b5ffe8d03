//! What a kind of message says, in three languages: built in, or as the chain has written it.
//!
//! **What cannot be said is refused when it is written**, not when it is sent: a language that is missing, a name that the kind of
//! message does not have, a text that no parser reads, a text message that is too long.

use std::collections::BTreeMap;

use kernel::Language;
use locale::{
    Arg,
    pattern::{PatternFlaw, Phrase},
};

use super::trigger::Trigger;

/// The longest text as it is written, in characters.
pub const LONGEST_TEXT: usize = 2_000;
/// The longest title as it is written, in characters.
pub const LONGEST_TITLE: usize = 300;

/// What a message says in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What stands above it where there is room: the subject of a letter, the title of a notification.
    pub title: Phrase,
    /// What it says.
    pub text: Phrase,
}

/// What a kind of message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(BTreeMap<Language, Words>);

/// As it is written: title and text for each language.
pub type Written = BTreeMap<Language, (String, String)>;

/// Why a template is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// In which language.
    pub language: Language,
    /// In the title, or else in the text.
    pub in_title: bool,
    /// What is wrong.
    pub what: WhatIsWrong,
}

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhatIsWrong {
    /// There is none.
    Missing,
    /// It is too long.
    TooLong {
        /// The most characters.
        most: usize,
    },
    /// It cannot be read.
    Pattern(PatternFlaw),
    /// It names what this kind of message does not have.
    Unknown {
        /// The name.
        name: String,
    },
    /// As a text message it takes too many parts.
    TooManyParts {
        /// So many, with values as they may come.
        parts: usize,
        /// The most.
        most: usize,
    },
}

impl Template {
    /// Reads what somebody wrote.
    ///
    /// # Errors
    /// The first [`Flaw`], by language, the title's before the text's.
    pub fn read(trigger: Trigger, written: &Written) -> Result<Self, Flaw> {
        let mut all = BTreeMap::new();
        for language in Language::ALL {
            let flaw = |in_title, what| Flaw { language, in_title, what };
            let (title, text) = written.get(&language).ok_or_else(|| flaw(false, WhatIsWrong::Missing))?;
            let title = phrase(trigger, title, LONGEST_TITLE).map_err(|what| flaw(true, what))?;
            let text = phrase(trigger, text, LONGEST_TEXT).map_err(|what| flaw(false, what))?;
            all.insert(language, Words { title, text });
        }
        Ok(Self(all))
    }

    /// What it says in a language: title and text.
    #[must_use]
    pub fn say(&self, language: Language, values: &[(&str, Arg)]) -> (String, String) {
        self.0.get(&language).map_or_else(Default::default, |words| {
            (words.title.say(language, values), words.text.say(language, values))
        })
    }

    /// Its words as entries of a catalogue of the language, under `{word}-title` and `{word}-text`.
    #[must_use]
    pub fn entries(&self, trigger: Trigger, language: Language) -> String {
        let word = trigger.word();
        self.0.get(&language).map_or_else(String::new, |words| {
            words.title.entry(&format!("{word}-title")) + &words.text.entry(&format!("{word}-text"))
        })
    }
}

fn phrase(trigger: Trigger, text: &str, most: usize) -> Result<Phrase, WhatIsWrong> {
    if text.chars().count() > most {
        return Err(WhatIsWrong::TooLong { most });
    }
    let phrase = Phrase::parse(text).map_err(WhatIsWrong::Pattern)?;
    match phrase.names().iter().find(|name| trigger.sort_of(name).is_none()) {
        Some(name) => Err(WhatIsWrong::Unknown { name: name.clone() }),
        None => Ok(phrase),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::trigger::EARNED;

    fn written(title: &str, text: &str) -> Written {
        Language::ALL.into_iter().map(|language| (language, (title.to_owned(), text.to_owned()))).collect()
    }

    fn wrong(title: &str, text: &str) -> WhatIsWrong {
        Template::read(EARNED, &written(title, text)).expect_err("a flaw").what
    }

    #[test]
    fn what_cannot_be_said_is_refused_when_it_is_written() {
        assert!(Template::read(EARNED, &written("{ $chain }", "{ $points } of { $balance }")).is_ok());
        let mut two = written("a", "b");
        two.remove(&Language::Ar);
        let flaw = Template::read(EARNED, &two).expect_err("a language is missing");
        assert_eq!((flaw.language, flaw.what), (Language::Ar, WhatIsWrong::Missing));
        assert_eq!(wrong("a", "{ $tier }"), WhatIsWrong::Unknown { name: "tier".to_owned() });
        assert_eq!(wrong("{ $code }", "b"), WhatIsWrong::Unknown { name: "code".to_owned() });
        assert_eq!(wrong("a", ""), WhatIsWrong::Pattern(PatternFlaw::Empty));
        assert!(matches!(wrong("{", "b"), WhatIsWrong::Pattern(PatternFlaw::Syntax(_))));
        assert_eq!(wrong("a", &"x".repeat(2_001)), WhatIsWrong::TooLong { most: 2_000 });
    }
}
