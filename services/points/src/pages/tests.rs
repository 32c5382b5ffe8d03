//! Every part of the document has words.

use kernel::{Currency, Language};
use serde_json::Value;
use web::Texts;

use super::{LOCALES, Words};
use crate::{domain::Assumed, http::programme_schema};

/// The names of a definition's fields, or of the kinds that it chooses from.
fn names(schema: &Value, definition: &str) -> Vec<String> {
    let defined = &schema["$defs"][definition];
    let fields =
        |value: &Value| value["properties"].as_object().map(|f| f.keys().cloned().collect::<Vec<_>>());
    match defined["oneOf"].as_array() {
        Some(kinds) => kinds.iter().filter_map(fields).flatten().collect(),
        None => fields(defined).unwrap_or_default(),
    }
}

#[test]
fn every_part_of_the_document_has_words_in_every_language() {
    let (schema, texts) = (programme_schema(), Texts::new(&[LOCALES]));
    let mut ids = Vec::new();
    for (definition, id, but) in [
        ("Give", "programme-give", &[][..]),
        ("When", "programme-when", &["member"]),
        ("OfMember", "programme-when-member", &[]),
        ("Rule", "programme-rule", &["code", "name", "when", "give", "priority"]),
        ("ActionGive", "programme-action-give", &[]),
        ("ActionOn", "programme-on", &[]),
        ("ActionRule", "programme-action", &["code", "name", "on", "give", "funder"]),
        ("ProgrammeDocument", "programme-title", &["name", "currency"]),
    ] {
        let found = names(&schema, definition);
        assert!(!found.is_empty(), "{definition}");
        let said = found.iter().filter(|name| !but.contains(&name.as_str()));
        ids.extend(said.map(|name| format!("{id}-{name}")));
    }
    for definition in schema["$defs"].as_object().expect("definitions").keys() {
        ids.extend(names(&schema, definition).iter().map(|name| format!("programme-label-{name}")));
    }
    ids.extend(Assumed::ALL.map(|assumed| format!("simulation-assumed-{}", assumed.word())));
    // What readers never see by its name.
    ids.retain(|id| {
        !["programme-label-when", "programme-label-on", "programme-label-give"].contains(&id.as_str())
    });
    let currency = Currency::parse("IRR").expect("a currency");
    let mut lacking = Vec::new();
    for language in Language::ALL {
        let words = Words::new(&texts, language, currency);
        lacking.extend(
            ids.iter().filter(|id| words.find(id, &[]).is_none()).map(|id| format!("{language}: {id}")),
        );
    }
    assert!(lacking.is_empty(), "locales/programme lacks {lacking:#?}");
}
