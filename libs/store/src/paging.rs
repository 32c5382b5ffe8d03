//! Page cursors: where the next page begins, as a word that callers hand back and must not read.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

use crate::StoreError;

/// An opaque place in a list. It carries a small struct of the query that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

/// No cursor of ours is longer.
const LONGEST: usize = 512;

impl Cursor {
    /// A cursor that carries `place`.
    ///
    /// # Panics
    /// When `place` cannot be written as JSON: it has maps with keys that are not text, a mistake in the calling code.
    #[must_use]
    pub fn of<T: Serialize>(place: &T) -> Self {
        let json = serde_json::to_vec(place).expect("a place in a list is plain data");
        Self(URL_SAFE_NO_PAD.encode(json))
    }

    /// The word for the caller.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads the place out of a word that a caller handed back.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] when it is not one that was given out for such a list.
    pub fn parse<T: DeserializeOwned>(word: &str) -> Result<T, StoreError> {
        if word.len() > LONGEST {
            return Err(StoreError::Cursor);
        }
        let json = URL_SAFE_NO_PAD.decode(word).map_err(|_| StoreError::Cursor)?;
        serde_json::from_slice(&json).map_err(|_| StoreError::Cursor)
    }
}
