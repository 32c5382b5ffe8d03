//! What differs between two documents: generic over their JSON, so that a new part of the programme needs nothing here.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What happened to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// It is only in the newer document.
    Added,
    /// It is only in the older document.
    Removed,
    /// It says something else.
    Changed,
}

/// A difference between two documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub kind: ChangeKind,
    /// JSON pointer: into the newer document, for what was removed into the older one.
    pub pointer: String,
    /// The names on the way: fields, and codes in place of positions where things have codes.
    pub path: Vec<String>,
    /// What it said; `None` when it was added.
    pub old: Option<Value>,
    /// What it says; `None` when it was removed.
    pub new: Option<Value>,
}

/// Every difference, in the order of the newer document.
///
/// Things with a `code` are the same thing under the same code, wherever they stand; lists of plain values are compared as
/// sets. **Two documents without a difference are equal**, but for the order of such sets.
#[must_use]
pub fn changes(old: &Value, new: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    Place::default().compare(old, new, &mut found);
    found
}

/// The parts that these differences are in, each once: a field of the document, or with its code a thing in one.
#[must_use]
pub fn parts(changes: &[Change]) -> Vec<String> {
    let part = |change: &Change| match change.path.as_slice() {
        [list, code, ..] if change.pointer.split('/').nth(2).is_some_and(is_position) => {
            format!("{list}/{code}")
        }
        [field, ..] => field.clone(),
        [] => String::new(),
    };
    let named: BTreeSet<String> = changes.iter().map(part).collect();
    named.into_iter().collect()
}

fn is_position(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_digit())
}

#[derive(Clone, Default)]
struct Place {
    pointer: String,
    path: Vec<String>,
}

impl Place {
    fn field(&self, name: &str) -> Self {
        self.below(&name.replace('~', "~0").replace('/', "~1"), name)
    }

    fn below(&self, segment: &str, name: &str) -> Self {
        let mut path = self.path.clone();
        path.push(name.to_owned());
        Self { pointer: format!("{}/{segment}", self.pointer), path }
    }

    fn note(self, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<Change>) {
        let kind = match (old, new) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            _ => ChangeKind::Changed,
        };
        found.push(Change {
            kind,
            pointer: self.pointer,
            path: self.path,
            old: old.cloned(),
            new: new.cloned(),
        });
    }

    fn compare(self, old: &Value, new: &Value, found: &mut Vec<Change>) {
        match (old, new) {
            _ if old == new => {}
            (Value::Object(before), Value::Object(after)) => {
                for (name, value) in after {
                    match before.get(name) {
                        Some(was) => self.field(name).compare(was, value, found),
                        None => self.field(name).note(None, Some(value), found),
                    }
                }
                for (name, was) in before.iter().filter(|(name, _)| !after.contains_key(*name)) {
                    self.field(name).note(Some(was), None, found);
                }
            }
            (Value::Array(before), Value::Array(after)) => match (codes(before), codes(after)) {
                (Some(was), Some(is)) => self.things((before, &was), (after, &is), found),
                _ => self.values(before, after, found),
            },
            _ => self.note(Some(old), Some(new), found),
        }
    }

    /// Lists of things that have codes.
    fn things(&self, old: (&[Value], &[&str]), new: (&[Value], &[&str]), found: &mut Vec<Change>) {
        for (i, (thing, code)) in new.0.iter().zip(new.1).enumerate() {
            let place = self.below(&i.to_string(), code);
            match old.1.iter().position(|was| was == code) {
                Some(was) => place.compare(&old.0[was], thing, found),
                None => place.note(None, Some(thing), found),
            }
        }
        for (i, (thing, code)) in old.0.iter().zip(old.1).enumerate() {
            if !new.1.contains(code) {
                self.below(&i.to_string(), code).note(Some(thing), None, found);
            }
        }
        let kept = |mine: &[&str], others: &[&str]| -> Vec<String> {
            mine.iter().filter(|code| others.contains(code)).map(|code| (*code).to_owned()).collect()
        };
        let (was, is) = (kept(old.1, new.1), kept(new.1, old.1));
        if was != is {
            self.clone().note(Some(&was.into()), Some(&is.into()), found);
        }
    }

    /// Lists of plain values.
    fn values(&self, old: &[Value], new: &[Value], found: &mut Vec<Change>) {
        for (i, value) in new.iter().enumerate().filter(|(_, value)| !old.contains(value)) {
            self.below(&i.to_string(), &i.to_string()).note(None, Some(value), found);
        }
        for (i, value) in old.iter().enumerate().filter(|(_, value)| !new.contains(value)) {
            self.below(&i.to_string(), &i.to_string()).note(Some(value), None, found);
        }
    }
}

/// The codes of a list whose things all have one of their own.
fn codes(list: &[Value]) -> Option<Vec<&str>> {
    let codes: Vec<&str> =
        list.iter().map(|thing| thing.get("code")?.as_str()).collect::<Option<Vec<_>>>()?;
    let once: BTreeSet<&str> = codes.iter().copied().collect();
    (once.len() == codes.len()).then_some(codes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(old: &Value, new: &Value) -> Vec<String> {
        let text = |value: &Option<Value>| value.as_ref().map_or_else(|| "-".to_owned(), Value::to_string);
        let line = |c: &Change| {
            format!("{:?} {} [{}] {} {}", c.kind, c.pointer, c.path.join(" "), text(&c.old), text(&c.new))
        };
        changes(old, new).iter().map(line).collect()
    }

    #[test]
    fn each_difference_is_told_with_its_place_and_both_values() {
        let old = json!({
            "expiry": {"months": 12}, "debt": {"recovered_percent": 50},
            "rules": [
                {"code": "base", "give": {"fixed": {"points": 1}}},
                {"code": "gone", "give": {"fixed": {"points": 2}}},
                {"code": "here", "when": {"branches": ["a", "b"]}},
            ],
        });
        let new = json!({
            "expiry": {"months": 6}, "a/b": 1,
            "rules": [
                {"code": "here", "when": {"branches": ["c", "a"]}},
                {"code": "new"},
                {"code": "base", "give": {"fixed": {"points": 3}}},
            ],
        });
        let all = told(&old, &new);
        let expected = [
            "Added /a~1b [a/b] - 1",
            "Changed /expiry/months [expiry months] 12 6",
            "Added /rules/0/when/branches/0 [rules here when branches 0] - \"c\"",
            "Removed /rules/0/when/branches/1 [rules here when branches 1] \"b\" -",
            "Added /rules/1 [rules new] - {\"code\":\"new\"}",
            "Changed /rules/2/give/fixed/points [rules base give fixed points] 1 3",
            "Changed /rules [rules] [\"base\",\"here\"] [\"here\",\"base\"]",
        ];
        for line in expected {
            assert!(all.iter().any(|told| told == line), "{line} is not in {all:#?}");
        }
        assert_eq!(all.len(), expected.len() + 2, "and what was removed: {all:#?}");
        let named = parts(&changes(&old, &new));
        assert_eq!(
            named,
            ["a/b", "debt", "expiry", "rules", "rules/base", "rules/gone", "rules/here", "rules/new"]
        );
    }

    #[test]
    fn equal_documents_differ_in_nothing() {
        let document = json!({"rules": [{"code": "a"}, {"code": "b"}], "list": [1, 2]});
        assert!(changes(&document, &document).is_empty());
        assert!(
            changes(&document, &json!({"rules": [{"code": "a"}, {"code": "b"}], "list": [2, 1]})).is_empty()
        );
    }
}
