//! Makes codes of vouchers, finds vouchers by them, and opens them for their members.

use kernel::{Digest16, Ids};
use ring::hmac;
use runtime::{BlindKey, Seal, SealNonce};

use crate::{
    domain::code::{ENTROPY, VoucherCode},
    error::Error,
    store::vouchers::CodeRow,
};

/// What codes are made and opened with.
pub struct Codes {
    found_by: hmac::Key,
    seal: Seal,
}

impl Codes {
    /// Codes found by a key of this installation, and sealed by these master keys.
    ///
    /// # Errors
    /// When there is no master key.
    pub fn new(blind_key: &BlindKey, master_keys: &[(u8, [u8; 32])]) -> anyhow::Result<Self> {
        Ok(Self {
            found_by: blind_key.derived("voucher code"),
            seal: Seal::new("rewards.code", master_keys)?,
        })
    }

    /// A fresh code.
    pub fn mint(ids: &dyn Ids) -> VoucherCode {
        let mut random = [0; ENTROPY];
        ids.secret(&mut random);
        VoucherCode::of(&random)
    }

    /// The keyed hash by which a code is found.
    #[must_use]
    pub fn hash(&self, code: &str) -> Digest16 {
        let tag = hmac::sign(&self.found_by, code.as_bytes());
        Digest16::first_of(tag.as_ref()).expect("HMAC-SHA-256 has 32 bytes")
    }

    /// A code as the row of a voucher or a coupon holds it.
    ///
    /// # Errors
    /// None that can be provoked: codes are short.
    pub fn row(&self, of: uuid::Uuid, code: &str, nonce: SealNonce) -> Result<CodeRow, Error> {
        Ok(CodeRow {
            hash: self.hash(code),
            sealed: self.seal.seal(of.as_bytes(), code.as_bytes(), nonce)?,
            sealed_by: self.seal.current(),
        })
    }

    /// The code that was sealed for the voucher or coupon of this id.
    ///
    /// # Errors
    /// One that was changed, is another's, or was sealed by a key that is not there.
    pub fn open(&self, of: uuid::Uuid, sealed: &[u8]) -> Result<String, Error> {
        let plain = self.seal.open(of.as_bytes(), sealed)?;
        Ok(String::from_utf8(plain).map_err(anyhow::Error::from)?)
    }

    /// The number of the master key that seals now.
    #[must_use]
    pub fn current(&self) -> u8 {
        self.seal.current()
    }
}
