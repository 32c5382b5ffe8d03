//! Revokes a till's key; from then on it opens nothing.

use kernel::{BranchCode, KeyId, TillCode};

use super::Desk;
use crate::{
    domain::till::revoke,
    error::{Error, Missing},
    store::{telling::Telling, tills},
};

/// Makes sure that the key is not valid any more. For a till, the key must be one of its own: `own` names the till.
///
/// # Errors
/// [`Missing::TillKey`], or a fault of the database.
pub async fn revoke_till_key(
    desk: &Desk,
    id: KeyId,
    own: Option<(&BranchCode, &TillCode)>,
) -> Result<(), Error> {
    let now = desk.clock.now();
    let tx = desk.vault.database.begin().await?;
    let key = tills::load_key(&tx, id).await?.ok_or(Missing::TillKey(id))?;
    if own.is_some_and(|own| own != (&key.branch, &key.till)) {
        return Err(Missing::TillKey(id).into());
    }
    let till = tills::hold_till(&tx, &key.branch, &key.till).await?;
    let mut till = till.ok_or_else(|| Missing::Till(key.branch.clone(), key.till.clone()))?;
    // Read again under the till's lock: a parallel call may have revoked it meanwhile.
    let mut key = tills::load_key(&tx, id).await?.ok_or(Missing::TillKey(id))?;
    let Some(fact) = revoke(&key) else { return Ok(()) };
    key.revoked_at = Some(now);
    till.version += 1;
    tills::update_key_revoked(&tx, &key).await?;
    tills::update_till_version(&tx, &till).await?;
    let mut telling = Telling::new(&*desk.ids, now);
    telling.tell(till.subject(), till.version, &fact);
    desk.conclude(tx, telling).await
}
