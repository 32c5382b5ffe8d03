//! Somebody who joins in an app (J1).

use kernel::Language;

use super::{name::FirstName, phone::Phone};

/// What they say of themselves, until there is a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newcomer {
    /// The phone they will be known by.
    pub phone: Phone,
    /// What to call them.
    pub first_name: FirstName,
    /// The language to speak to them.
    pub language: Language,
}
