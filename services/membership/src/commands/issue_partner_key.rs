//! Issues a key to a partner, or one in place of another. It is shown once, here, and kept as a digest only.

use kernel::{KeyId, PartnerCode};
use store::Tx;

use super::Desk;
use crate::{
    domain::{
        partner::{PartnerKey, issue_key, replace_key},
        rejection::Rejection,
    },
    error::{Error, Missing},
    store::partners,
};

/// What every partner key begins with, so that a leaked one is recognised.
pub const PARTNER_KEY_PREFIX: &str = "vp_";

/// A fresh key. It has no `Debug`: the text is for the partner alone.
pub struct IssuedPartnerKey {
    /// The key's row.
    pub key: PartnerKey,
    /// The key itself: `vp_` and 256 random bits as 64 hexadecimal characters.
    pub text: String,
    /// The key in whose place it comes, with its end.
    pub replaces: Option<PartnerKey>,
}

/// Issues one more key to a partner.
///
/// # Errors
/// [`Missing::Partner`], [`crate::domain::partner::PartnerRefusal::KeysTooMany`], or a fault of the database.
pub async fn issue_partner_key(desk: &Desk, code: PartnerCode) -> Result<IssuedPartnerKey, Error> {
    let tx = desk.vault.database.begin().await?;
    if partners::hold(&tx, &code).await?.is_none() {
        return Err(Missing::Partner(code).into());
    }
    let (key, text) = issue(desk, &tx, code).await?;
    tx.commit().await?;
    Ok(IssuedPartnerKey { key, text, replaces: None })
}

/// Issues a key in place of another one, which stays good for the overlap.
///
/// # Errors
/// [`Missing::PartnerKey`], [`crate::domain::partner::PartnerRefusal`], or a fault of the database.
pub async fn rotate_partner_key(desk: &Desk, id: KeyId, overlap_s: u32) -> Result<IssuedPartnerKey, Error> {
    let tx = desk.vault.database.begin().await?;
    let code = partners::load_key(&tx, id).await?.ok_or(Missing::PartnerKey)?.partner;
    partners::hold(&tx, &code).await?;
    // Read again under the partner's lock: a parallel call may have ended it meanwhile.
    let old = partners::load_key(&tx, id).await?.ok_or(Missing::PartnerKey)?;
    let replaced = replace_key(&old, overlap_s, desk.clock.now()).map_err(Rejection::from)?;
    partners::update_key_end(&tx, &replaced).await?;
    let (key, text) = issue(desk, &tx, code).await?;
    tx.commit().await?;
    Ok(IssuedPartnerKey { key, text, replaces: Some(replaced) })
}

/// One more key of a partner that the transaction holds.
async fn issue(desk: &Desk, tx: &Tx, partner: PartnerCode) -> Result<(PartnerKey, String), Error> {
    let (id, issued_at) = (KeyId::from_uuid(desk.ids.uuid()), desk.clock.now());
    let keys = partners::keys_of(tx, std::slice::from_ref(&partner)).await?;
    issue_key(&keys, issued_at).map_err(Rejection::from)?;
    let (text, digest) = desk.fresh_secret(PARTNER_KEY_PREFIX);
    let key = PartnerKey { id, partner, digest, issued_at, ends_at: None };
    partners::insert_key(tx, &key).await?;
    Ok((key, text))
}
