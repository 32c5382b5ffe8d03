//! What a person calls the app or device of a session, so that they know it again in the list of their sessions; and what the app
//! calls itself on it, so that two members on one device are recognised.

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

/// The fewest characters of what an app calls itself on a device.
pub const INSTALLATION_LEAST: usize = 16;
/// The most of them.
pub const INSTALLATION_MOST: usize = 64;

/// What an app calls itself on one device: random characters that it makes when it is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation(Pii<String>);

/// The text is not 16 to 64 visible ASCII characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not {INSTALLATION_LEAST} to {INSTALLATION_MOST} visible characters")]
pub struct InstallationFlaw;

impl Installation {
    /// Reads it as the app sent it.
    ///
    /// # Errors
    /// [`InstallationFlaw`].
    pub fn parse(text: &str) -> Result<Self, InstallationFlaw> {
        let long = (INSTALLATION_LEAST..=INSTALLATION_MOST).contains(&text.len());
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if long && visible { Ok(Self(Pii::new(text.to_owned()))) } else { Err(InstallationFlaw) }
    }

    /// The characters, for whoever hashes them.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.expose()
    }
}

/// The app in which somebody signs in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct App {
    /// What the person calls the device.
    pub device: Option<DeviceName>,
    /// What the app calls itself there.
    pub installation: Option<Installation>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installation_is_random_characters_of_the_app() {
        let good = "0192f3a1-7c00-7000-8000-0000000000ab";
        assert_eq!(Installation::parse(good).expect("good").text(), good);
        for bad in ["", "0123456789abcde", &"a".repeat(65), "0123456789 abcdef", "۰۱۲۳۴۵۶۷۸۹۰۱۲۳۴۵"]
        {
            assert_eq!(Installation::parse(bad), Err(InstallationFlaw), "{bad}");
        }
    }
}
