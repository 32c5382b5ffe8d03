//! What a message names, kept until it is said: numbers, moments and codes, never a person's data.

use std::collections::BTreeMap;

use kernel::{Day, Timestamp};
use serde::{Deserialize, Serialize};

use super::trigger::{Sort, Trigger};

/// Of what kind a thing is, so that its name is asked of whoever owns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThingKind {
    /// A reward of the catalogue.
    Reward,
    /// An event.
    Event,
    /// A draw.
    Draw,
    /// A challenge or a contest.
    Challenge,
    /// A tier of the programme.
    Tier,
    /// A paid plan.
    Plan,
}

/// A value that a message names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A whole number.
    Number(i64),
    /// Money in minor units of the chain's currency.
    Money(i64),
    /// A day.
    Day(Day),
    /// A moment.
    Moment(Timestamp),
    /// One of few words.
    Choice(String),
    /// A thing of the chain's, by its code.
    Thing {
        /// Of what kind it is.
        kind: ThingKind,
        /// Its code.
        code: String,
    },
}

impl Value {
    /// Whether it is a value of this kind.
    #[must_use]
    pub fn is_of(&self, sort: Sort) -> bool {
        match (self, sort) {
            (Self::Choice(word), Sort::Choice(words)) => words.contains(&word.as_str()),
            (Self::Number(_), Sort::Number)
            | (Self::Money(_), Sort::Money)
            | (Self::Day(_), Sort::Day)
            | (Self::Moment(_), Sort::Moment)
            | (Self::Thing { .. }, Sort::Thing) => true,
            _ => false,
        }
    }
}

/// Values by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Values(BTreeMap<String, Value>);

impl Values {
    /// No values.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// These, and one more.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// These, and a number.
    #[must_use]
    pub fn number(self, name: &str, number: i64) -> Self {
        self.with(name, Value::Number(number))
    }

    /// These, and one of few words.
    #[must_use]
    pub fn choice(self, name: &str, word: impl Into<String>) -> Self {
        self.with(name, Value::Choice(word.into()))
    }

    /// These, and a thing of the chain's.
    #[must_use]
    pub fn thing(self, name: &str, kind: ThingKind, code: &str) -> Self {
        self.with(name, Value::Thing { kind, code: code.to_owned() })
    }

    /// Each with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The things among them.
    pub fn things(&self) -> impl Iterator<Item = (ThingKind, &str)> {
        self.0.values().filter_map(|value| match value {
            Value::Thing { kind, code } => Some((*kind, code.as_str())),
            _ => None,
        })
    }

    /// Whether they are those that a kind of message has, each of its sort.
    #[must_use]
    pub fn fit(&self, trigger: Trigger) -> bool {
        let names = trigger.terms().names;
        self.0.len() == names.len()
            && names.iter().all(|(name, sort)| self.0.get(*name).is_some_and(|value| value.is_of(*sort)))
    }
}
