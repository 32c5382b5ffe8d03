//! Which partners does the chain have, with which keys, and whose is this key?

use kernel::{PartnerCode, Timestamp};

use super::list_places::Page;
use crate::{
    domain::{
        partner::{Partner, PartnerKey, PartnerRefusal},
        rejection::Rejection,
    },
    error::{Error, Missing},
    store::{Vault, partners},
};

/// A partner with the keys that it has or had, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyed {
    /// The partner.
    pub partner: Partner,
    /// Its keys.
    pub keys: Vec<PartnerKey>,
}

/// Up to `limit` partners whose codes come after `after`, in order.
///
/// # Errors
/// A fault of the database.
pub async fn list_partners(
    vault: &Vault,
    after: Option<&PartnerCode>,
    limit: u64,
) -> Result<Page<Keyed>, Error> {
    let on = vault.database.connection();
    let found = partners::list(on, after, limit + 1).await?;
    let codes: Vec<PartnerCode> = found.iter().map(|partner| partner.code.clone()).collect();
    let keys = partners::keys_of(on, &codes).await?;
    let theirs = |code| keys.iter().filter(|key| key.partner == code).cloned().collect();
    let keyed = |partner: Partner| Keyed { keys: theirs(partner.code.clone()), partner };
    Ok(Page::cut(found.into_iter().map(keyed).collect(), limit))
}

/// The partner with this code.
///
/// # Errors
/// [`Missing::Partner`], or a fault of the database.
pub async fn partner(vault: &Vault, code: &PartnerCode) -> Result<Keyed, Error> {
    let on = vault.database.connection();
    let partner = partners::load(on, code).await?.ok_or_else(|| Missing::Partner(code.clone()))?;
    Ok(Keyed { keys: partners::keys_of(on, std::slice::from_ref(code)).await?, partner })
}

/// The partner whose key has this digest, and the key. Asked by the gateway, which keeps the answer for a few seconds.
///
/// # Errors
/// [`Missing::PartnerKey`], [`PartnerRefusal::KeyOver`], or a fault of the database.
pub async fn resolve_key(
    vault: &Vault,
    digest: &[u8; 32],
    now: Timestamp,
) -> Result<(Partner, PartnerKey), Error> {
    let on = vault.database.connection();
    let key = partners::find_key(on, digest).await?.ok_or(Missing::PartnerKey)?;
    if !key.is_good(now) {
        return Err(Rejection::from(PartnerRefusal::KeyOver).into());
    }
    let partner = partners::load(on, &key.partner).await?;
    let partner = partner.ok_or_else(|| Missing::Partner(key.partner.clone()))?;
    Ok((partner, key))
}
