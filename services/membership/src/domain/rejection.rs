//! What the business says no to, in order of precedence.

use thiserror::Error;

/// A command that is well formed, of things that exist, and still not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Rejection {
    /// The till has as many valid keys as it may have; one must be revoked first.
    #[error("the till has {limit} valid keys already")]
    TillKeysTooMany {
        /// Keys allowed.
        limit: usize,
    },
    /// The member has as many cards as they may have.
    #[error("the member has {limit} cards already")]
    CardsTooMany {
        /// Cards allowed.
        limit: usize,
    },
    /// The card leads to another member.
    #[error("the card leads to another member")]
    CardTaken,
    /// The member belongs to another household, and must leave it first.
    #[error("the member belongs to another household")]
    InOtherHousehold,
    /// The household has as many members as it may have.
    #[error("the household has {limit} members already")]
    HouseholdFull {
        /// Members allowed.
        limit: u32,
    },
}
