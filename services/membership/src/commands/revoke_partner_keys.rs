//! Revokes a partner's key, or all of them; from then on they open nothing.

use kernel::{KeyId, PartnerCode};

use super::Desk;
use crate::{
    error::{Error, Missing},
    store::partners,
};

/// Makes sure that the key is not good any more.
///
/// # Errors
/// [`Missing::PartnerKey`], or a fault of the database.
pub async fn revoke_partner_key(desk: &Desk, id: KeyId) -> Result<(), Error> {
    let key = partners::load_key(desk.vault.database.connection(), id).await?;
    end(desk, &key.ok_or(Missing::PartnerKey)?.partner, Some(id)).await
}

/// Makes sure that none of the partner's keys is good any more.
///
/// # Errors
/// [`Missing::Partner`], or a fault of the database.
pub async fn revoke_partner_keys(desk: &Desk, code: &PartnerCode) -> Result<(), Error> {
    end(desk, code, None).await
}

/// Ends the keys of a partner, or the one that is meant.
async fn end(desk: &Desk, code: &PartnerCode, only: Option<KeyId>) -> Result<(), Error> {
    let tx = desk.vault.database.begin().await?;
    if partners::hold(&tx, code).await?.is_none() {
        return Err(Missing::Partner(code.clone()).into());
    }
    let now = desk.clock.now();
    let keys = partners::keys_of(&tx, std::slice::from_ref(code)).await?;
    let meant = keys.iter().filter(|key| only.is_none_or(|only| only == key.id));
    for ended in meant.filter_map(|key| key.ending(now)) {
        partners::update_key_end(&tx, &ended).await?;
    }
    Ok(tx.commit().await?)
}
