//! Registers a till's public key: by a code from the back office, or by a call that the till's present key signed.

use kernel::{BranchCode, KeyId, TillCode};
use ring::digest::{SHA256, digest};
use store::Tx;

use super::{Desk, Put};
use crate::{
    domain::{
        enrolment::{Attempt, EnrolmentCode, attempt},
        rejection::Rejection,
        till::{PublicKey, TillKey, issue_key},
    },
    error::{Error, Missing},
    store::{enrolments, tills},
};

/// Registers the public key of the till that the code was made for.
///
/// The same code with the same key again answers the same key, for a till that lost the answer.
///
/// # Errors
/// [`Rejection::EnrolmentRefused`], [`Rejection::TillKeysTooMany`], [`Rejection::PublicKeyTaken`], or a fault of the
/// database.
pub async fn enrol_key(
    desk: &Desk,
    code: &EnrolmentCode,
    public_key: PublicKey,
) -> Result<Put<TillKey>, Error> {
    let now = desk.clock.now();
    let tx = desk.vault.database.begin().await?;
    let held = enrolments::hold(&tx, code.locator()).await?;
    let mut enrolment = held.ok_or(Rejection::EnrolmentRefused)?;
    let judged = attempt(&enrolment, desk.vault.enrols(&enrolment, code), now)?;
    if let Attempt::Wrong { left } = judged {
        enrolment.tries_left = left;
        enrolments::update(&tx, &enrolment).await?;
        tx.commit().await?;
        return Err(Rejection::EnrolmentRefused.into());
    }
    let registered = register(desk, &tx, &enrolment.branch, &enrolment.till, public_key).await?;
    if judged == Attempt::Again && matches!(registered, Put::New(_)) {
        return Err(Rejection::EnrolmentRefused.into());
    }
    enrolment.used_at = Some(now);
    enrolments::update(&tx, &enrolment).await?;
    tx.commit().await?;
    Ok(registered)
}

/// Registers one more public key of the till whose call the key `present` signed.
///
/// # Errors
/// [`Rejection::TillKeyPlain`], [`Rejection::TillKeysTooMany`], [`Rejection::PublicKeyTaken`], or a fault of the database.
pub async fn succeed_key(desk: &Desk, present: KeyId, public_key: PublicKey) -> Result<Put<TillKey>, Error> {
    let tx = desk.vault.database.begin().await?;
    let present = tills::load_key(&tx, present).await?.ok_or(Missing::TillKey(present))?;
    if present.public_key.is_none() || present.revoked_at.is_some() {
        return Err(Rejection::TillKeyPlain.into());
    }
    let registered = register(desk, &tx, &present.branch, &present.till, public_key).await?;
    tx.commit().await?;
    Ok(registered)
}

/// A key that the same till registered before is known; one that another till has, or that was revoked, is taken.
async fn register(
    desk: &Desk,
    tx: &Tx,
    branch: &BranchCode,
    code: &TillCode,
    public_key: PublicKey,
) -> Result<Put<TillKey>, Error> {
    let till = tills::hold_till(tx, branch, code).await?;
    let till = till.ok_or_else(|| Missing::Till(branch.clone(), code.clone()))?;
    let digest = public_key_digest(&public_key);
    if let Some(known) = tills::find_key(tx, &digest).await? {
        let same = known.branch == *branch && known.till == *code && known.revoked_at.is_none();
        return if same { Ok(Put::Known(known)) } else { Err(Rejection::PublicKeyTaken.into()) };
    }
    issue_key(tills::count_valid_keys(tx, &till).await?)?;
    let key = TillKey {
        id: KeyId::from_uuid(desk.ids.uuid()),
        branch: branch.clone(),
        till: code.clone(),
        digest,
        public_key: Some(public_key),
        issued_at: desk.clock.now(),
        revoked_at: None,
    };
    tills::insert_key(tx, &key).await?;
    Ok(Put::New(key))
}

/// The digest under which a public key is kept and by which signatures name it: SHA-256 of its 32 bytes.
fn public_key_digest(key: &PublicKey) -> [u8; 32] {
    digest(&SHA256, key).as_ref().try_into().expect("SHA-256 has 32 bytes")
}
