//! Secrets that sign, sealed with AES-256-GCM by the installation's master keys, each bound to its webhook.
//!
//! A sealed secret is `format version (1) · key id (1) · nonce (12) · ciphertext and tag`. The first master key seals, all of
//! them open; what an older one sealed is sealed anew by the service itself, soon after it started with a newer one.

use anyhow::{Context as _, anyhow, ensure};
use kernel::WebhookId;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::error::Error;

const FORMAT: u8 = 1;
const HEADER: usize = 2 + NONCE_LEN;
/// Bytes of a secret that signs.
pub const SECRET_LEN: usize = 32;

/// A secret that signs. It has no `Debug`: it is for the webhook's owner alone.
pub type Secret = [u8; SECRET_LEN];

/// Seals and opens secrets.
pub struct Seal {
    /// The one that seals first.
    keys: Vec<(u8, LessSafeKey)>,
}

impl Seal {
    /// A seal of these master keys.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(keys: &[(u8, [u8; 32])]) -> anyhow::Result<Self> {
        ensure!(!keys.is_empty(), "there is no master key");
        let ready = |(id, secret): &(u8, [u8; 32])| {
            let key = UnboundKey::new(&AES_256_GCM, secret).map_err(|_| anyhow!("no key of AES-256"))?;
            Ok((*id, LessSafeKey::new(key)))
        };
        Ok(Self { keys: keys.iter().map(ready).collect::<anyhow::Result<_>>()? })
    }

    /// Whether it was sealed by the key that seals now.
    #[must_use]
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        sealed.get(1) == Some(&self.keys[0].0)
    }

    /// Seals a webhook's secret. `nonce` must be fresh randomness.
    ///
    /// # Errors
    /// None that can be provoked: the secret is short.
    pub fn seal(&self, of: WebhookId, secret: &Secret, nonce: [u8; NONCE_LEN]) -> Result<Vec<u8>, Error> {
        let (id, key) = &self.keys[0];
        let mut text = secret.to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound_to(of, *id), &mut text)
            .map_err(|_| anyhow!("a secret does not let itself be sealed"))?;
        Ok([&[FORMAT, *id], nonce.as_slice(), &text].concat())
    }

    /// Opens a webhook's secret.
    ///
    /// # Errors
    /// One that was changed, is another webhook's, or was sealed by a key that is not there.
    pub fn open(&self, of: WebhookId, sealed: &[u8]) -> Result<Secret, Error> {
        let (head, text) = sealed.split_at_checked(HEADER).context("a secret is cut off")?;
        let key = self.keys.iter().find(|(id, _)| head[0] == FORMAT && *id == head[1]);
        let (id, key) =
            key.with_context(|| format!("a secret was sealed with the unknown key {}", head[1]))?;
        let nonce = <[u8; NONCE_LEN]>::try_from(&head[2..]).context("a nonce has 12 bytes")?;
        let mut text = text.to_vec();
        let plain = key
            .open_in_place(Nonce::assume_unique_for_key(nonce), bound_to(of, *id), &mut text)
            .map_err(|_| anyhow!("the seal of webhook {of}'s secret is broken"))?;
        Ok(Secret::try_from(&*plain).context("a secret has 32 bytes")?)
    }
}

fn bound_to(of: WebhookId, key: u8) -> Aad<Vec<u8>> {
    Aad::from([&[FORMAT, key], b"webhooks.secret\0".as_slice(), of.as_uuid().as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(last: char) -> WebhookId {
        format!("0192f3a1-7c00-7000-8000-00000000000{last}").parse().unwrap()
    }

    #[test]
    fn a_secret_opens_for_its_own_webhook_and_by_every_master_key_that_is_there() {
        let (old, new) = ((1, [1; 32]), (2, [2; 32]));
        let sealed = Seal::new(&[old]).unwrap().seal(id('1'), &[7; 32], [3; 12]).unwrap();
        let both = Seal::new(&[new, old]).unwrap();
        assert_eq!(both.open(id('1'), &sealed).unwrap(), [7; 32]);
        assert!(!both.is_current(&sealed));
        assert!(both.open(id('2'), &sealed).is_err(), "another webhook's");
        assert!(Seal::new(&[new]).unwrap().open(id('1'), &sealed).is_err(), "the key is gone");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(both.open(id('1'), &changed).is_err(), "byte {at}");
        }
        assert!(both.open(id('1'), &sealed[..9]).is_err() && Seal::new(&[]).is_err());
        let fresh = both.seal(id('1'), &[7; 32], [4; 12]).unwrap();
        assert!(both.is_current(&fresh));
    }
}
