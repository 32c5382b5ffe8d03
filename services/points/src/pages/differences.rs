//! What changes from one version to another, in sentences.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    Codes, Words,
    programme::{part_sentences, rule_sentence, wording},
};
use crate::domain::{Change, ChangeKind, changes};

/// A difference between two versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Difference {
    /// What happened.
    pub kind: ChangeKind,
    /// JSON pointer: into the newer document, for what was removed into the older one.
    pub pointer: String,
    /// What it said; left out when it was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// What it says; left out when it was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
    /// The same in words.
    pub sentence: String,
}

/// Names on the way that say nothing to a reader.
const SILENT: [&str; 6] = ["rules", "actions", "when", "on", "give", "name"];

/// Every difference between two documents, the newer one's words first.
#[must_use]
pub fn differences(words: &Words<'_>, old: &Value, new: &Value) -> Vec<Difference> {
    let (found, documents) = (changes(old, new), [new, old]);
    let codes = Codes::of(&documents);
    let words = &words.knowing(&codes);
    found
        .into_iter()
        .map(|change| Difference {
            sentence: sentence(words, (old, new), &change),
            kind: change.kind,
            pointer: change.pointer,
            old: change.old,
            new: change.new,
        })
        .collect()
}

fn sentence(words: &Words<'_>, documents: (&Value, &Value), change: &Change) -> String {
    let whole = || change.new.as_ref().or(change.old.as_ref());
    if let Some((wording, rule)) = rules(change).and_then(wording).zip(whole()) {
        let id = format!("programme-{}-rule", if change.new.is_some() { "added" } else { "removed" });
        return words.say(&id, &[("rule", rule_sentence(words, wording, rule).into())]);
    }
    let place = place(words, documents, change);
    let said = |value: &Option<Value>| {
        let value = value.as_ref().unwrap_or(&Value::Null);
        said(words, change, value)
    };
    let (id, old, new) = match change.kind {
        ChangeKind::Added => ("programme-added", String::new(), said(&change.new)),
        ChangeKind::Removed => ("programme-removed", said(&change.old), String::new()),
        ChangeKind::Changed => ("programme-changed", said(&change.old), said(&change.new)),
    };
    words.say(id, &[("place", place.into()), ("old", old.into()), ("new", new.into())])
}

/// The list that a whole rule came into or went from: it names itself.
fn rules(change: &Change) -> Option<&str> {
    match change.path.as_slice() {
        [part, _] if change.kind != ChangeKind::Changed => Some(part),
        _ => None,
    }
}

/// Where it is, by the names that readers know.
fn place(words: &Words<'_>, (old, new): (&Value, &Value), change: &Change) -> String {
    let document = if change.kind == ChangeKind::Removed { old } else { new };
    let mut at = document;
    let mut names = Vec::new();
    for (segment, name) in change.pointer.split('/').skip(1).zip(&change.path) {
        let segment = segment.replace("~1", "/").replace("~0", "~");
        let below = match at {
            Value::Array(items) => segment.parse::<usize>().ok().and_then(|i| items.get(i)),
            value => value.get(&segment),
        };
        let in_list = at.is_array();
        at = below.unwrap_or(&Value::Null);
        match at.get("name").filter(|_| in_list) {
            Some(own) => names.push(words.value("name", own)),
            None if in_list => {}
            None if SILENT.contains(&name.as_str()) && change.path.len() > 1 => {}
            None => names.push(words.label(name)),
        }
    }
    names.join(" › ")
}

/// A value as the place makes it readable: a whole part by its sentences.
fn said(words: &Words<'_>, change: &Change, value: &Value) -> String {
    match change.path.as_slice() {
        [part] if value.is_object() || is_rules(part, value) => {
            part_sentences(words, part, Some(value)).join(" ")
        }
        path => {
            let field = path.iter().rev().find(|name| !name.bytes().all(|b| b.is_ascii_digit()));
            words.value(field.map_or("", String::as_str), value)
        }
    }
}

/// Whether a value is a list of whole rules; their order alone is a list of codes.
fn is_rules(part: &str, value: &Value) -> bool {
    let whole = |rules: &Vec<Value>| rules.iter().all(Value::is_object);
    wording(part).is_some() && value.as_array().is_some_and(whole)
}
