//! Issues a key to a till. It is shown once, here, and kept as a digest only.

use kernel::{BranchCode, KeyId, TillCode};

use super::Desk;
use crate::{
    domain::till::{TillKey, issue_key},
    error::{Error, Missing},
    store::tills,
};

/// What every till key begins with, so that a leaked one is recognised.
pub const KEY_PREFIX: &str = "vt_";

/// A fresh key. It has no `Debug`: the text is for the till alone.
pub struct IssuedKey {
    /// The key's row.
    pub key: TillKey,
    /// The key itself: `vt_` and 256 random bits as 64 hexadecimal characters.
    pub text: String,
}

/// Issues one more key to a till.
///
/// # Errors
/// [`Missing::Till`], [`crate::domain::rejection::Rejection::TillKeysTooMany`], or a fault of the database.
pub async fn issue_till_key(desk: &Desk, branch: BranchCode, code: TillCode) -> Result<IssuedKey, Error> {
    let tx = desk.vault.database.begin().await?;
    let Some(till) = tills::hold_till(&tx, &branch, &code).await? else {
        return Err(Missing::Till(branch, code).into());
    };
    issue_key(tills::count_valid_keys(&tx, &till).await?)?;
    let (text, digest) = desk.fresh_secret(KEY_PREFIX);
    let key = TillKey {
        id: KeyId::from_uuid(desk.ids.uuid()),
        branch,
        till: code,
        digest,
        public_key: None,
        issued_at: desk.clock.now(),
        revoked_at: None,
    };
    tills::insert_key(&tx, &key).await?;
    tx.commit().await?;
    Ok(IssuedKey { key, text })
}
