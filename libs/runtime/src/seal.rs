//! Small secrets of a service (keys that sign, codes that are worth money), sealed with AES-256-GCM by the installation's master keys,
//! each bound to what it is for and whose it is.
//!
//! A sealed secret is `format version (1) · key id (1) · nonce (12) · ciphertext and tag`. The first master key seals, all of
//! them open; what an older one sealed, its service seals anew soon after it started with a newer one.

use anyhow::{Context as _, anyhow, ensure};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

const FORMAT: u8 = 1;
const HEADER: usize = 2 + NONCE_LEN;

/// Fresh randomness for one sealing.
pub type SealNonce = [u8; NONCE_LEN];

/// Seals and opens secrets of one purpose.
pub struct Seal {
    purpose: &'static str,
    /// The one that seals first.
    keys: Vec<(u8, LessSafeKey)>,
}

impl Seal {
    /// A seal of these master keys.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(purpose: &'static str, keys: &[(u8, [u8; 32])]) -> anyhow::Result<Self> {
        ensure!(!keys.is_empty(), "there is no master key");
        let ready = |(id, secret): &(u8, [u8; 32])| {
            let key = UnboundKey::new(&AES_256_GCM, secret).map_err(|_| anyhow!("no key of AES-256"))?;
            Ok((*id, LessSafeKey::new(key)))
        };
        Ok(Self { purpose, keys: keys.iter().map(ready).collect::<anyhow::Result<_>>()? })
    }

    /// The number of the key that seals now.
    #[must_use]
    pub fn current(&self) -> u8 {
        self.keys[0].0
    }

    /// Whether it was sealed by the key that seals now.
    #[must_use]
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        sealed.get(1) == Some(&self.current())
    }

    /// Seals what belongs to `of`. `nonce` must be fresh randomness.
    ///
    /// # Errors
    /// None that can be provoked: secrets are short.
    pub fn seal(&self, of: &[u8], secret: &[u8], nonce: SealNonce) -> anyhow::Result<Vec<u8>> {
        let (id, key) = &self.keys[0];
        let mut text = secret.to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), self.bound_to(of, *id), &mut text)
            .map_err(|_| anyhow!("a secret does not let itself be sealed"))?;
        Ok([&[FORMAT, *id], nonce.as_slice(), &text].concat())
    }

    /// Opens what belongs to `of`.
    ///
    /// # Errors
    /// What was changed, is another's, or was sealed by a key that is not there.
    pub fn open(&self, of: &[u8], sealed: &[u8]) -> anyhow::Result<Vec<u8>> {
        let (head, text) = sealed.split_at_checked(HEADER).context("a secret is cut off")?;
        let key = self.keys.iter().find(|(id, _)| head[0] == FORMAT && *id == head[1]);
        let (id, key) =
            key.with_context(|| format!("a secret was sealed with the unknown key {}", head[1]))?;
        let nonce = <SealNonce>::try_from(&head[2..]).context("a nonce has 12 bytes")?;
        let mut text = text.to_vec();
        let plain = key.open_in_place(Nonce::assume_unique_for_key(nonce), self.bound_to(of, *id), &mut text);
        plain.map(|plain| plain.to_vec()).map_err(|_| anyhow!("the seal of a {} is broken", self.purpose))
    }

    fn bound_to(&self, of: &[u8], key: u8) -> Aad<Vec<u8>> {
        Aad::from([&[FORMAT, key], self.purpose.as_bytes(), &[0], of].concat())
    }
}
