//! What a member is recognised by: a phone number or a card.

use kernel::{Digest16, IdentifierKind};

use super::{card::CardNumber, phone::Phone};

/// A phone number or a card number, in its one normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identifier {
    /// A phone number in E.164.
    Phone(Phone),
    /// A card number whose check digit is right.
    Card(CardNumber),
}

impl Identifier {
    /// What kind it is.
    #[must_use]
    pub const fn kind(&self) -> IdentifierKind {
        match self {
            Self::Phone(_) => IdentifierKind::Phone,
            Self::Card(_) => IdentifierKind::Card,
        }
    }

    /// The normal form, which is what is encrypted and hashed.
    #[must_use]
    pub fn normal(&self) -> &str {
        match self {
            Self::Phone(phone) => phone.e164(),
            Self::Card(card) => card.digits(),
        }
    }

    /// What may be shown of it.
    #[must_use]
    pub fn masked(&self) -> String {
        match self {
            Self::Phone(phone) => phone.masked(),
            Self::Card(card) => card.masked(),
        }
    }
}

/// An identifier together with the keyed hash by which it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indexed {
    /// The identifier.
    pub identifier: Identifier,
    /// Its keyed hash (blind index), which says nothing without the key.
    pub digest: Digest16,
    /// Its keyed hashes under other keys: it may be kept under one of them while the key changes.
    pub also: Vec<Digest16>,
}

impl Indexed {
    /// Every keyed hash under which it may be kept.
    pub fn every(&self) -> impl Iterator<Item = Digest16> {
        std::iter::once(self.digest).chain(self.also.iter().copied())
    }
}
