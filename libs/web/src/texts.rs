//! The words of problems in the three languages.

use std::sync::Arc;

use kernel::Language;
use locale::Arg;

use crate::ErrorCode;

/// The texts of one crate: for each language its Fluent catalog.
pub type Catalog = [(Language, &'static str)];

/// The texts of this crate.
pub const LOCALES: &Catalog = &[
    (Language::En, include_str!("../locales/en.ftl")),
    (Language::Fa, include_str!("../locales/fa.ftl")),
    (Language::Ar, include_str!("../locales/ar.ftl")),
];

/// Every text that a service can say, and the language it speaks to callers who name none. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Texts {
    messages: Arc<locale::Messages>,
    default: Language,
}

impl Texts {
    /// The texts of these crates and of this one; English for callers who name no language.
    ///
    /// # Panics
    /// When a catalog is not valid Fluent or says a thing twice: the catalogs are part of the program, and every
    /// crate's tests read them.
    #[must_use]
    pub fn new(catalogs: &[&'static Catalog]) -> Self {
        let mut messages = locale::Messages::new();
        for catalog in std::iter::once(&LOCALES).chain(catalogs) {
            for (language, source) in *catalog {
                let added = messages.add_catalog(*language, source);
                added.expect("catalogs are part of the program and checked by the tests of their crate");
            }
        }
        Self { messages: Arc::new(messages), default: Language::En }
    }

    /// The same texts, speaking this language to callers who name none.
    #[must_use]
    pub fn speaking(mut self, default: Language) -> Self {
        self.default = default;
        self
    }

    /// The text of this id in this language; `None` when it is missing there.
    #[must_use]
    pub fn find(&self, language: Language, id: &str, args: &[(&str, Arg)]) -> Option<String> {
        self.messages.find(language, id, args)
    }

    /// The language for a caller who names none.
    #[must_use]
    pub fn default_language(&self) -> Language {
        self.default
    }

    /// The texts that these codes lack, as `language: id`; empty when every title and detail is there in all three.
    #[must_use]
    pub fn missing(&self, codes: &[&ErrorCode]) -> Vec<String> {
        let ids = codes.iter().flat_map(|code| [code.text_id(), code.detail_id()]);
        let everywhere = ids.flat_map(|id| Language::ALL.map(|language| (language, id.clone())));
        everywhere
            .filter(|(language, id)| !self.messages.has(*language, id))
            .map(|(language, id)| format!("{language}: {id}"))
            .collect()
    }
}
