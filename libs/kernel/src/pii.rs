//! Personal data, wrapped so that it cannot slip into a log, a fact or an answer by accident.

use std::fmt;

/// A piece of personal data (name, phone, e-mail).
///
/// It has no `Display` and no `Serialize`, and its `Debug` shows dots: whoever wants the text says so by calling
/// [`Pii::expose`], which is easy to find in a review (G6).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    /// Wraps a piece of personal data.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The personal data itself, for encrypting it or showing it to whoever may see it.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// Takes the personal data out of its wrapping.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for Pii<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_nothing_of_it() {
        let name = Pii::new("Zahra".to_owned());
        assert!(!format!("{name:?} {:#?}", Some(&name)).contains("Zahra"));
        assert_eq!(name.expose(), "Zahra");
    }
}
