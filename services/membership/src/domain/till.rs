//! Tills and their keys.
//!
//! A key is either shown once and kept as a digest, or the till made it and brought its public half; several keys of one till are valid together, so that a key can be
//! changed without a stop. **A revoked key never becomes valid again.**

use contracts::membership::{TillEnrolled, TillKeyRevoked};
use kernel::{BranchCode, KeyId, TillCode, Timestamp};

use super::rejection::Rejection;

/// The most keys of one till that are valid together.
pub const KEYS_PER_TILL: usize = 8;

/// A till: a point of sale at a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Till {
    /// The branch where it stands.
    pub branch: BranchCode,
    /// Its code within the branch.
    pub code: TillCode,
    /// When it was set up.
    pub enrolled_at: Timestamp,
    /// The number of facts told about it.
    pub version: u64,
}

impl Till {
    /// What facts about it are about: branch and till.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("{}/{}", self.branch, self.code)
    }
}

/// The public half of a key that signs: Ed25519.
pub type PublicKey = [u8; 32];

/// One key of a till, without the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TillKey {
    /// By which it is revoked.
    pub id: KeyId,
    /// The branch where the till stands.
    pub branch: BranchCode,
    /// The till.
    pub till: TillCode,
    /// SHA-256 of the key's text, or of its public half.
    pub digest: [u8; 32],
    /// The public half of a key that signs; `None` for one that is sent with each call.
    pub public_key: Option<PublicKey>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it stopped being valid.
    pub revoked_at: Option<Timestamp>,
}

/// Sets up a till.
#[must_use]
pub fn enrol(branch: BranchCode, code: TillCode, now: Timestamp) -> (Till, TillEnrolled) {
    let fact = TillEnrolled { branch: branch.clone(), till: code.clone() };
    (Till { branch, code, enrolled_at: now, version: 1 }, fact)
}

/// Decides whether a till that has `valid` keys may have one more.
///
/// # Errors
/// [`Rejection::TillKeysTooMany`].
pub const fn issue_key(valid: usize) -> Result<(), Rejection> {
    if valid >= KEYS_PER_TILL { Err(Rejection::TillKeysTooMany { limit: KEYS_PER_TILL }) } else { Ok(()) }
}

/// Revokes a key; `None` when that happened before.
#[must_use]
pub fn revoke(key: &TillKey) -> Option<TillKeyRevoked> {
    key.revoked_at.is_none().then(|| TillKeyRevoked {
        branch: key.branch.clone(),
        till: key.till.clone(),
        key_id: key.id,
    })
}
