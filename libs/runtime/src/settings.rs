//! Settings: every one stands in a table with its default, what is allowed, and a sentence; the tables make the
//! defaults, the checks and `docs/settings.md`.
//!
//! Sources, later ones win: the tables' defaults, a TOML file, variables `VAFA_<SECTION>__<NAME>`. A secret may be
//! given by a file: `<name>_file`. What no table names is refused, so that a misspelt setting is not silently
//! without effect.

mod allowed;
mod load;
mod network;

pub use allowed::Allowed;
pub use load::{SettingsError, Values, load};
pub use network::Network;

/// One setting of a table.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// `section.name`; as a variable `VAFA_SECTION__NAME`.
    pub name: &'static str,
    /// The default as text; empty means unset.
    pub default: &'static str,
    /// What is allowed.
    pub allowed: Allowed,
    /// What it is for, in a sentence, with its unit.
    pub about: &'static str,
    /// Whether its value is never shown.
    pub secret: bool,
}

impl Setting {
    /// A setting whose value may be shown.
    #[must_use]
    pub const fn new(
        name: &'static str,
        default: &'static str,
        allowed: Allowed,
        about: &'static str,
    ) -> Self {
        Self { name, default, allowed, about, secret: false }
    }

    /// A setting whose value is never shown or logged, and that may come from a file named by `<name>_file`.
    #[must_use]
    pub const fn secret(name: &'static str, allowed: Allowed, about: &'static str) -> Self {
        Self { name, default: "", allowed, about, secret: true }
    }
}
