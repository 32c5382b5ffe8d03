//! The blind index: a keyed hash by which an identifier is found without being readable where it is looked up.

use kernel::{Digest16, IdentifierKind};
use ring::hmac;

/// The key of the blind index, shared by `membership` (which links identifiers) and `points` (which looks them up).
#[derive(Clone)]
pub struct BlindKey(hmac::Key);

impl BlindKey {
    /// A key from 32 secret bytes.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The first 16 bytes of HMAC-SHA-256 over `kind:value`; `value` is the normalised identifier (E.164 phone,
    /// card digits).
    #[must_use]
    pub fn digest(&self, kind: IdentifierKind, value: &str) -> Digest16 {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(kind.word().as_bytes());
        context.update(b":");
        context.update(value.as_bytes());
        Digest16::first_of(context.sign().as_ref()).expect("HMAC-SHA-256 has 32 bytes")
    }

    /// A key of its own for another purpose, which says nothing about this one. No kind of identifier begins like it.
    #[must_use]
    pub fn derived(&self, purpose: &str) -> hmac::Key {
        let seed = hmac::sign(&self.0, format!("derived key:{purpose}").as_bytes());
        hmac::Key::new(hmac::HMAC_SHA256, seed.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_as_phone_and_as_card_has_two_digests_and_another_key_another_one() {
        let key = BlindKey::new(&[1; 32]);
        let phone = key.digest(IdentifierKind::Phone, "+989121234567");
        assert_eq!(phone, key.digest(IdentifierKind::Phone, "+989121234567"));
        assert_ne!(phone, key.digest(IdentifierKind::Card, "+989121234567"));
        assert_ne!(phone, BlindKey::new(&[2; 32]).digest(IdentifierKind::Phone, "+989121234567"));
    }
}
