//! Message catalogs in three languages (Fluent).

use std::borrow::Cow;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use kernel::Language;

use crate::digits::number;

type Bundle = FluentBundle<FluentResource>;

/// A value that a message names, such as `{ $balance }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    /// Shown as it is: codes, names, formatted dates.
    Text(String),
    /// Shown in the digits of the language, and decides between singular and plural.
    Number(i64),
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Arg {
    fn from(value: i64) -> Self {
        Self::Number(value)
    }
}

impl From<u32> for Arg {
    fn from(value: u32) -> Self {
        Self::Number(value.into())
    }
}

impl From<u64> for Arg {
    fn from(value: u64) -> Self {
        Self::Number(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<usize> for Arg {
    fn from(value: usize) -> Self {
        Self::Number(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

/// Why a catalog was not taken.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The text is not Fluent; all of its mistakes.
    #[error("the {language} catalog is not valid Fluent: {mistakes}")]
    Syntax {
        /// Whose catalog.
        language: Language,
        /// What the parser said.
        mistakes: String,
    },
    /// A message is there already.
    #[error("the {language} catalog repeats a message: {mistakes}")]
    Repeated {
        /// Whose catalog.
        language: Language,
        /// Which messages.
        mistakes: String,
    },
}

/// All messages in all languages. Build it once, share it between threads.
///
/// Texts are plain: Fluent's isolation marks around arguments are off, as answers of an API go into other
/// people's pages; numbers are shown in the digits of the language.
pub struct Messages {
    persian: Bundle,
    arabic: Bundle,
    english: Bundle,
}

impl Messages {
    /// No messages yet.
    #[must_use]
    pub fn new() -> Self {
        Self { persian: bundle(Language::Fa), arabic: bundle(Language::Ar), english: bundle(Language::En) }
    }

    /// Adds the messages of one crate in one language.
    ///
    /// # Errors
    /// When the source is not valid Fluent, or says a message that another catalog has said already.
    pub fn add_catalog(&mut self, language: Language, source: &str) -> Result<(), CatalogError> {
        let resource = FluentResource::try_new(source.to_owned()).map_err(|(_, mistakes)| {
            let mistakes = listed(&mistakes);
            CatalogError::Syntax { language, mistakes }
        })?;
        let bundle = match language {
            Language::Fa => &mut self.persian,
            Language::Ar => &mut self.arabic,
            Language::En => &mut self.english,
        };
        bundle.add_resource(resource).map_err(|mistakes| {
            let mistakes = listed(&mistakes);
            CatalogError::Repeated { language, mistakes }
        })
    }

    /// Whether the language itself has the message.
    #[must_use]
    pub fn has(&self, language: Language, id: &str) -> bool {
        self.bundle(language).has_message(id)
    }

    /// The message in the language itself; none when the language lacks it.
    #[must_use]
    pub fn find(&self, language: Language, id: &str, args: &[(&str, Arg)]) -> Option<String> {
        let bundle = self.bundle(language);
        let pattern = bundle.get_message(id)?.value()?;
        let mut fluent = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            fluent.set(*name, fluent_value(value));
        }
        // An argument that the caller did not give is shown by its name, so that the rest is still said.
        let mut unresolved = Vec::new();
        Some(bundle.format_pattern(pattern, Some(&fluent), &mut unresolved).into_owned())
    }

    /// The message in the language, else in English, else its id.
    #[must_use]
    pub fn text(&self, language: Language, id: &str, args: &[(&str, Arg)]) -> String {
        let in_english = || self.find(Language::En, id, args);
        self.find(language, id, args).or_else(in_english).unwrap_or_else(|| id.to_owned())
    }

    fn bundle(&self, language: Language) -> &Bundle {
        match language {
            Language::Fa => &self.persian,
            Language::Ar => &self.arabic,
            Language::En => &self.english,
        }
    }
}

impl Default for Messages {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Messages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Messages").finish_non_exhaustive()
    }
}

fn bundle(language: Language) -> Bundle {
    let identifier = language.tag().parse().expect("a two-letter tag is a language identifier");
    let mut bundle = Bundle::new_concurrent(vec![identifier]);
    bundle.set_use_isolating(false);
    match language {
        Language::Fa => bundle.set_formatter(Some(|value, _| local(value, Language::Fa))),
        Language::Ar => bundle.set_formatter(Some(|value, _| local(value, Language::Ar))),
        Language::En => bundle.set_formatter(Some(|value, _| local(value, Language::En))),
    }
    bundle
}

/// Whole numbers in local digits; Fluent formats all else.
fn local(value: &FluentValue<'_>, language: Language) -> Option<String> {
    let FluentValue::Number(shown) = value else { return None };
    shown.as_string().parse().ok().map(|whole| number(whole, language))
}

fn fluent_value(arg: &Arg) -> FluentValue<'_> {
    match arg {
        Arg::Text(text) => FluentValue::String(Cow::Borrowed(text)),
        Arg::Number(value) => FluentValue::from(*value),
    }
}

fn listed<E: std::fmt::Display>(mistakes: &[E]) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages() -> Messages {
        let mut messages = Messages::new();
        let english = "low = You have { $balance } points, { $till }.\nonly-english = Only here\n\
                       lots = { $n ->\n    [one] one lot\n   *[other] { $n } lots\n }\n";
        messages.add_catalog(Language::En, english).expect("valid Fluent");
        messages
            .add_catalog(Language::Fa, "low = { $balance } امتیاز دارید، { $till }.\n")
            .expect("valid Fluent");
        messages
    }

    #[test]
    fn a_message_is_said_in_the_language_with_its_digits_and_without_marks() {
        let args = [("balance", Arg::from(1500_i64)), ("till", Arg::from("t-1"))];
        assert_eq!(messages().text(Language::Fa, "low", &args), "۱٬۵۰۰ امتیاز دارید، t-1.");
        assert_eq!(messages().text(Language::En, "low", &args), "You have 1,500 points, t-1.");
    }

    #[test]
    fn a_missing_message_falls_back_to_english_and_then_to_its_id() {
        let messages = messages();
        assert_eq!(messages.text(Language::Ar, "only-english", &[]), "Only here");
        assert_eq!(messages.text(Language::Ar, "nowhere", &[]), "nowhere");
        assert!(messages.has(Language::En, "only-english") && !messages.has(Language::Ar, "only-english"));
        assert_eq!(messages.find(Language::Ar, "only-english", &[]), None);
    }

    #[test]
    fn a_missing_argument_does_not_silence_the_message() {
        let said = messages().text(Language::En, "low", &[("balance", Arg::from(3_i64))]);
        assert_eq!(said, "You have 3 points, {$till}.");
    }

    #[test]
    fn numbers_choose_the_plural() {
        let said = |n: i64| messages().text(Language::En, "lots", &[("n", Arg::from(n))]);
        assert_eq!((said(1), said(2000)), ("one lot".to_owned(), "2,000 lots".to_owned()));
    }

    #[test]
    fn bad_and_repeated_catalogs_are_refused() {
        let mut messages = messages();
        assert!(matches!(messages.add_catalog(Language::En, "not fluent"), Err(CatalogError::Syntax { .. })));
        assert!(matches!(messages.add_catalog(Language::En, "low = x"), Err(CatalogError::Repeated { .. })));
    }

    #[test]
    fn messages_are_shared_between_threads() {
        fn shared<T: Send + Sync>(_: &T) {}
        shared(&messages());
    }
}
