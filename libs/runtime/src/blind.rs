//! The blind index: a keyed hash by which an identifier is found without being readable where it is looked up.
//!
//! While its key changes there are two keys ([decision 90](../../../docs/decisions/0090-the-blind-index-changes-its-key.md)): whoever looks
//! somebody up does so under both, in one look. Former keys may be kept for what only a hash was kept of.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use kernel::{Digest16, Digests, IdentifierKind};
use ring::hmac;

/// One key of the blind index.
#[derive(Clone)]
pub struct BlindKey {
    id: u8,
    key: hmac::Key,
}

impl BlindKey {
    /// A key from 32 secret bytes, with its id.
    #[must_use]
    pub fn new(id: u8, secret: &[u8; 32]) -> Self {
        Self { id, key: hmac::Key::new(hmac::HMAC_SHA256, secret) }
    }

    /// By which rows name it.
    #[must_use]
    pub const fn id(&self) -> u8 {
        self.id
    }

    /// The first 16 bytes of HMAC-SHA-256 over `kind:value`; `value` is the normalised identifier (E.164 phone,
    /// card digits).
    #[must_use]
    pub fn digest(&self, kind: IdentifierKind, value: &str) -> Digest16 {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(kind.word().as_bytes());
        context.update(b":");
        context.update(value.as_bytes());
        Digest16::first_of(context.sign().as_ref()).expect("HMAC-SHA-256 has 32 bytes")
    }

    /// A key of its own for another purpose, which says nothing about this one. No kind of identifier begins like it.
    #[must_use]
    pub fn derived(&self, purpose: &str) -> hmac::Key {
        let seed = hmac::sign(&self.key, format!("derived key:{purpose}").as_bytes());
        hmac::Key::new(hmac::HMAC_SHA256, seed.as_ref())
    }

    /// What tells this key from another one that was given the same id.
    #[must_use]
    pub fn sign(&self) -> Digest16 {
        let tag = hmac::sign(&self.derived("sign of the key"), b"the key of the blind index");
        Digest16::first_of(tag.as_ref()).expect("HMAC-SHA-256 has 32 bytes")
    }
}

/// The keys of the blind index, shared by `membership` (which links identifiers) and `points` (which looks them up).
#[derive(Clone)]
pub struct BlindKeys {
    sought: Arc<[BlindKey]>,
    former: Arc<[BlindKey]>,
}

impl BlindKeys {
    /// How many keys members can be found by at a time.
    pub const MOST_SOUGHT: usize = 2;

    /// The key of an installation that never had another one; its id is 1.
    #[must_use]
    pub fn one(secret: &[u8; 32]) -> Self {
        Self { sought: Arc::new([BlindKey::new(1, secret)]), former: Arc::default() }
    }

    /// Keys with their ids: those that members are found by, the wanted one first, and former ones.
    ///
    /// # Errors
    /// No key, too many, or two with one id.
    pub fn new(sought: &[(u8, [u8; 32])], former: &[(u8, [u8; 32])]) -> anyhow::Result<Self> {
        if sought.is_empty() || sought.len() > Self::MOST_SOUGHT {
            bail!("secrets.blind_index_key has one key, or two while it changes");
        }
        if sought.len() + former.len() > Digests::MOST {
            bail!("secrets.former_blind_index_keys has too many keys: {} in all at most", Digests::MOST);
        }
        let mut ids: Vec<u8> = sought.iter().chain(former).map(|(id, _)| *id).collect();
        ids.sort_unstable();
        if let Some([twice, _]) = ids.array_windows::<2>().find(|[one, next]| one == next) {
            bail!("two keys of the blind index have the id {twice}");
        }
        let keys = |pairs: &[(u8, [u8; 32])]| pairs.iter().map(|(id, key)| BlindKey::new(*id, key)).collect();
        Ok(Self { sought: keys(sought), former: keys(former) })
    }

    /// The keys that members are found by, the wanted one first.
    #[must_use]
    pub fn sought(&self) -> &[BlindKey] {
        &self.sought
    }

    /// The key that all rows are to hang on.
    #[must_use]
    pub fn wanted(&self) -> &BlindKey {
        &self.sought[0]
    }

    /// The key of this id, among those that members are found by.
    ///
    /// # Errors
    /// It is not there.
    pub fn of(&self, id: u8) -> anyhow::Result<&BlindKey> {
        let found = self.sought.iter().find(|key| key.id == id);
        found.with_context(|| format!("members are found by key {id} of the blind index, which secrets.blind_index_key does not have"))
    }

    /// The oldest key that is there, which is the one with the lowest id: what outlives the look-ups hangs on it.
    #[must_use]
    pub fn oldest(&self) -> &BlindKey {
        let all = self.sought.iter().chain(&*self.former);
        all.min_by_key(|key| key.id).unwrap_or(&self.sought[0])
    }

    /// The keyed hashes of an identifier under every key, the oldest of those that it is sought by first: so processes agree on it that
    /// are told of the next key one after the other.
    #[must_use]
    pub fn digests(&self, kind: IdentifierKind, value: &str) -> Digests {
        let under = |key: &BlindKey| key.digest(kind, value);
        let former = self.former.iter().map(under);
        match &*self.sought {
            [one, other] if one.id > other.id => Digests::new([other, one].into_iter().map(under), former),
            sought => Digests::new(sought.iter().map(under), former),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: &str = "+989121234567";

    #[test]
    fn the_same_number_as_phone_and_as_card_has_two_digests_and_another_key_another_one() {
        let key = BlindKey::new(1, &[1; 32]);
        let phone = key.digest(IdentifierKind::Phone, PHONE);
        assert_eq!(phone, key.digest(IdentifierKind::Phone, PHONE));
        assert_ne!(phone, key.digest(IdentifierKind::Card, PHONE));
        assert_ne!(phone, BlindKey::new(1, &[2; 32]).digest(IdentifierKind::Phone, PHONE));
        assert_ne!(key.sign(), BlindKey::new(1, &[2; 32]).sign());
    }

    #[test]
    fn an_identifier_is_sought_under_both_keys_and_under_no_former_one() {
        let one = BlindKeys::one(&[1; 32]);
        let old = one.digests(IdentifierKind::Phone, PHONE).sought()[0];
        let both = BlindKeys::new(&[(2, [2; 32]), (1, [1; 32])], &[]).unwrap();
        let digests = both.digests(IdentifierKind::Phone, PHONE);
        assert_eq!((digests.sought().len(), digests.sought()[0]), (2, old));
        assert_eq!((both.wanted().id(), both.oldest().id()), (2, 1));
        let after = BlindKeys::new(&[(2, [2; 32])], &[(1, [1; 32])]).unwrap();
        let digests = after.digests(IdentifierKind::Phone, PHONE);
        assert_eq!((digests.sought().len(), digests.all()[1]), (1, old));
        assert_eq!(after.oldest().id(), 1);
        assert!(after.of(1).is_err() && after.of(2).is_ok());
    }

    #[test]
    fn keys_are_few_and_each_has_an_id_of_its_own() {
        let key = |id: u8| (id, [id; 32]);
        assert!(BlindKeys::new(&[], &[]).is_err());
        assert!(BlindKeys::new(&[key(1), key(2), key(3)], &[]).is_err());
        assert!(BlindKeys::new(&[key(1)], &[key(1)]).is_err());
        assert!(BlindKeys::new(&[key(5)], &[key(1), key(2), key(3), key(4)]).is_err());
        assert!(BlindKeys::new(&[key(5), key(4)], &[key(1), key(3)]).is_ok());
    }
}
