//! Why a rule gave nothing, in words that an agent can read out.

use std::collections::HashMap;

use kernel::Language;
use web::Texts;

use crate::domain::Skip;

/// The words for each reason in each language, made once.
pub struct Reasons(HashMap<(Language, Skip), String>);

impl Reasons {
    /// The words as these texts have them.
    #[must_use]
    pub fn new(texts: &Texts) -> Self {
        let all = Language::ALL
            .into_iter()
            .flat_map(|language| Skip::ALL.iter().map(move |skip| (language, *skip)));
        let words = all.filter_map(|(language, skip)| {
            Some(((language, skip), texts.find(language, &text_id(skip), &[])?))
        });
        Self(words.collect())
    }

    /// The words for a reason.
    #[must_use]
    pub fn text(&self, language: Language, skip: Skip) -> &str {
        self.0.get(&(language, skip)).map_or("", String::as_str)
    }
}

/// The id of a reason's text: `points-skipped-basket-too-small`.
fn text_id(skip: Skip) -> String {
    let name = serde_json::to_value(skip).ok();
    let word = name.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
    format!("points-skipped-{}", word.replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::LOCALES;

    #[test]
    fn every_reason_has_words_in_every_language() {
        let reasons = Reasons::new(&Texts::new(&[LOCALES]));
        for language in Language::ALL {
            for skip in Skip::ALL {
                assert!(!reasons.text(language, *skip).is_empty(), "{language} {}", text_id(*skip));
            }
        }
    }
}
