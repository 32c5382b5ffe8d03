//! What makes a purchase the same purchase: its id, its idempotency key, its fingerprint.

use kernel::{BranchCode, Digest16, JournalId, TillCode};
use ring::digest::{Context, SHA256};
use uuid::Builder;

/// The id of a purchase, made from its business key, so that the key is unique for as long as the row exists.
///
/// The first 16 bytes of SHA-256 over the parts, as a UUID of version 8 (RFC 9562).
#[must_use]
pub fn journal_id(branch: &BranchCode, till: &TillCode, receipt: &str, operation: &str) -> JournalId {
    let digest = digest_of("purchase", &[branch.as_str(), till.as_str(), receipt, operation]);
    JournalId::from_uuid(Builder::from_custom_bytes(digest.0).into_uuid())
}

/// The digest of an idempotency key in the scope of the till that sent it.
#[must_use]
pub fn idempotency_digest(branch: &BranchCode, till: &TillCode, key: &str) -> Digest16 {
    digest_of("key", &[branch.as_str(), till.as_str(), key])
}

/// The digest of an idempotency key that the operator sent.
#[must_use]
pub fn operator_digest(key: &str) -> Digest16 {
    digest_of("operator's key", &[key])
}

/// The digest of everything that a request says; two requests with one fingerprint ask for the same.
#[must_use]
pub fn fingerprint(parts: &[&str]) -> Digest16 {
    digest_of("asked", parts)
}

fn digest_of(purpose: &str, parts: &[&str]) -> Digest16 {
    let mut context = Context::new(&SHA256);
    for part in std::iter::once(&purpose).chain(parts) {
        // The length first, so that parts cannot run into each other.
        context.update(&(part.len() as u64).to_le_bytes());
        context.update(part.as_bytes());
    }
    Digest16::first_of(context.finish().as_ref()).expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let branch = |text| BranchCode::parse(text).unwrap();
        let till = TillCode::parse("1").unwrap();
        let id = |b, receipt, operation| journal_id(&branch(b), &till, receipt, operation);
        assert_eq!(id("a", "12", "sale"), id("a", "12", "sale"));
        assert_ne!(id("a", "12", "sale"), id("a", "1", "2sale"));
        assert_ne!(id("a", "12", "sale"), id("b", "12", "sale"));
    }
}
