//! What a person calls the app or device of a session, so that they know it again in the list of their sessions.

use kernel::Pii;

use super::line::{LineFlaw, read_line};

/// The most characters of a device's name.
pub const DEVICE_CHARACTERS: usize = 60;

/// A device's name. People put their own names into it, so it is kept like one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceName(Pii<String>);

impl DeviceName {
    /// Reads a name as the app sent it.
    ///
    /// # Errors
    /// A [`LineFlaw`].
    pub fn parse(text: &str) -> Result<Self, LineFlaw> {
        read_line(text, DEVICE_CHARACTERS).map(|line| Self(Pii::new(line)))
    }

    /// The name.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.expose()
    }
}
