//! Secrets that sign, sealed by the installation's master keys, each bound to its webhook.

use anyhow::Context as _;
use kernel::WebhookId;
use ring::aead::NONCE_LEN;

use crate::error::Error;

/// Bytes of a secret that signs.
pub const SECRET_LEN: usize = 32;

/// A secret that signs. It has no `Debug`: it is for the webhook's owner alone.
pub type Secret = [u8; SECRET_LEN];

/// Seals and opens secrets.
pub struct Seal(runtime::Seal);

impl Seal {
    /// A seal of these master keys.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(keys: &[(u8, [u8; 32])]) -> anyhow::Result<Self> {
        runtime::Seal::new("webhooks.secret", keys).map(Self)
    }

    /// Whether it was sealed by the key that seals now.
    #[must_use]
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        self.0.is_current(sealed)
    }

    /// Seals a webhook's secret. `nonce` must be fresh randomness.
    ///
    /// # Errors
    /// None that can be provoked: the secret is short.
    pub fn seal(&self, of: WebhookId, secret: &Secret, nonce: [u8; NONCE_LEN]) -> Result<Vec<u8>, Error> {
        Ok(self.0.seal(of.as_uuid().as_bytes(), secret, nonce)?)
    }

    /// Opens a webhook's secret.
    ///
    /// # Errors
    /// One that was changed, is another webhook's, or was sealed by a key that is not there.
    pub fn open(&self, of: WebhookId, sealed: &[u8]) -> Result<Secret, Error> {
        let plain = self.0.open(of.as_uuid().as_bytes(), sealed);
        let plain = plain.with_context(|| format!("the secret of webhook {of}"))?;
        Ok(Secret::try_from(plain.as_slice()).context("a secret has 32 bytes")?)
    }
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
