//! What things are called that a document names by their codes.

use serde_json::Value;

/// The names of levels and rules, and those that the document gives to things that are kept elsewhere.
pub struct Codes<'a>(Vec<(&'static str, &'a str, &'a Value)>);

/// Under which field a code of `names` stands.
const KEPT_ELSEWHERE: [(&str, &str); 3] =
    [("segments", "segments"), ("rewards", "reward"), ("draws", "draw")];
/// Where things with codes are defined, and under which field others name them.
const DEFINED: [(&str, &str); 3] = [("/tiers/levels", "tiers"), ("/rules", "rules"), ("/rules", "of")];

impl<'a> Codes<'a> {
    /// Those of some documents; the first that names a code counts.
    #[must_use]
    pub fn of(documents: &[&'a Value]) -> Self {
        let mut codes = Vec::new();
        for document in documents {
            for (place, field) in DEFINED {
                let things = document.pointer(place).and_then(Value::as_array).into_iter().flatten();
                let named =
                    things.filter_map(|thing| Some((field, thing["code"].as_str()?, thing.get("name")?)));
                codes.extend(named);
            }
            for (kind, field) in KEPT_ELSEWHERE {
                let names = document["names"][kind].as_object().into_iter().flatten();
                codes.extend(names.map(|(code, name)| (field, code.as_str(), name)));
            }
        }
        Self(codes)
    }

    /// What a code under a field is called, in the language of a tag.
    #[must_use]
    pub fn name(&self, field: &str, code: &str, language: &str) -> Option<&'a str> {
        let found = self.0.iter().find(|(of, known, _)| *of == field && *known == code);
        found.and_then(|(.., name)| name[language].as_str())
    }
}
