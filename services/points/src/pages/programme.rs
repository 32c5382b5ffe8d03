//! The programme explained to members, in plain sentences made from the document.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Codes, Words};

/// The programme in plain sentences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Page {
    /// The language: `fa`, `ar` or `en`.
    pub language: String,
    /// The heading.
    pub title: String,
    /// What there is to know, part by part.
    pub sections: Vec<Section>,
}

/// One part of the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Section {
    /// The part of the document that it explains: `rules`, `expiry`, `debt`, …
    pub part: String,
    /// Its heading.
    pub title: String,
    /// What it says.
    pub sentences: Vec<String>,
}

/// Parts that are said even where the document leaves them out, in the order in which members ask.
const ALWAYS: [&str; 3] = ["rules", "expiry", "debt"];
/// Parts that are no section of their own.
const NO_SECTION: [&str; 3] = ["name", "currency", "names"];
/// How a list of rules is worded: ids of its texts, the field with the conditions, and fields that its sentences are made of
/// or that are nobody's business.
pub struct Wording {
    id: &'static str,
    give: &'static str,
    when: &'static str,
    when_id: &'static str,
    silent: &'static [&'static str],
}

const OF_RULES: Wording = Wording {
    id: "programme-rule",
    give: "programme-give",
    when: "when",
    when_id: "programme-when",
    silent: &["code", "name", "when", "give", "priority"],
};

const OF_ACTIONS: Wording = Wording {
    id: "programme-action",
    give: "programme-action-give",
    when: "on",
    when_id: "programme-on",
    silent: &["code", "name", "on", "give", "funder"],
};

/// The wording of a part that is a list of rules.
#[must_use]
pub fn wording(part: &str) -> Option<&'static Wording> {
    match part {
        "rules" => Some(&OF_RULES),
        "actions" => Some(&OF_ACTIONS),
        _ => None,
    }
}

/// Explains a document.
#[must_use]
pub fn page(words: &Words<'_>, document: &Value) -> Page {
    let (nothing, documents) = (Map::new(), [document]);
    let codes = Codes::of(&documents);
    let words = &words.knowing(&codes);
    let fields = document.as_object().unwrap_or(&nothing);
    let more = fields.keys().map(String::as_str);
    let more = more.filter(|part| !ALWAYS.contains(part) && !NO_SECTION.contains(part));
    let sections = ALWAYS.into_iter().chain(more).filter_map(|part| {
        let sentences = part_sentences(words, part, fields.get(part));
        let title = words.find(&format!("programme-title-{part}"), &[]).unwrap_or_else(|| words.label(part));
        (!sentences.is_empty()).then(|| Section { part: part.to_owned(), title, sentences })
    });
    let club = fields.get("name").map(|name| words.value("name", name)).unwrap_or_default();
    Page {
        language: words.language.tag().to_owned(),
        title: words.say("programme-title", &[("club", club.into())]),
        sections: sections.collect(),
    }
}

/// What a part of the document says.
#[must_use]
pub fn part_sentences(words: &Words<'_>, part: &str, value: Option<&Value>) -> Vec<String> {
    let id = format!("programme-{part}");
    match value {
        None => words.find(&format!("{id}-none"), &[]).into_iter().collect(),
        Some(Value::Array(things)) => match wording(part) {
            Some(wording) => things.iter().map(|thing| rule_sentence(words, wording, thing)).collect(),
            None => things.iter().map(|thing| thing_sentence(words, &id, thing)).collect(),
        },
        Some(Value::Object(fields)) => match words.find_about(&id, fields) {
            Some(sentence) => vec![sentence],
            None => fields.iter().map(|(name, value)| field_sentence(words, &id, name, value)).collect(),
        },
        Some(value) => vec![field_sentence(words, "programme", part, value)],
    }
}

/// What a rule says: what it gives, when, and for how long.
#[must_use]
pub fn rule_sentence(words: &Words<'_>, wording: &Wording, rule: &Value) -> String {
    let nothing = Map::new();
    let fields = rule.as_object().unwrap_or(&nothing);
    let name = fields.get("name").map(|name| words.value("name", name)).unwrap_or_default();
    let gives = fields.get("give").map(|give| chosen(words, wording.give, give)).unwrap_or_default();
    let when = fields.get(wording.when).and_then(Value::as_object).unwrap_or(&nothing);
    let phrases = std::iter::once(gives).chain(
        when.iter()
            .map(|(field, value)| phrase(words, &format!("{}-{field}", wording.when_id), field, value)),
    );
    let said = words.list(phrases);
    let mut sentence = words.say("programme-rule", &[("name", name.into()), ("said", said.into())]);
    let more = fields.iter().filter(|(field, _)| !wording.silent.contains(&field.as_str()));
    for (field, value) in more {
        sentence.push(' ');
        sentence.push_str(&field_sentence(words, wording.id, field, value));
    }
    sentence
}

/// What one of several kinds says: `{"per_amount": {…}}` under the name of its kind.
fn chosen(words: &Words<'_>, id: &str, value: &Value) -> String {
    match value.as_object().and_then(|kinds| kinds.iter().next()) {
        Some((kind, value)) => phrase(words, &format!("{id}-{kind}"), kind, value),
        None => words.value("", value),
    }
}

/// A part of a sentence; the bare field and value where nobody found words for them yet.
fn phrase(words: &Words<'_>, id: &str, field: &str, value: &Value) -> String {
    let said = match value {
        Value::Object(fields) => words.find_about(id, fields),
        value => {
            let mut one = Map::new();
            one.insert(field.to_owned(), value.clone());
            words.find_about(id, &one)
        }
    };
    if let Some(said) = said {
        return said;
    }
    let nested = value.as_object().filter(|fields| {
        !fields.is_empty() && fields.keys().all(|name| words.find(&format!("{id}-{name}"), &[]).is_some())
    });
    match nested {
        Some(fields) => {
            words.list(fields.iter().map(|(name, value)| phrase(words, &format!("{id}-{name}"), name, value)))
        }
        None => format!("{}: {}", words.label(field), words.value(field, value)),
    }
}

fn field_sentence(words: &Words<'_>, id: &str, field: &str, value: &Value) -> String {
    phrase(words, &format!("{id}-{field}"), field, value)
}

/// What one of a list of things says.
fn thing_sentence(words: &Words<'_>, id: &str, thing: &Value) -> String {
    let said = thing.as_object().and_then(|fields| words.find_about(&format!("{id}-one"), fields));
    said.unwrap_or_else(|| words.value("", thing))
}
