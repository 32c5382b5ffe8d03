//! Tills and their keys.

use anyhow::anyhow;
use kernel::{BranchCode, KeyId, TillCode};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::OnConflict,
};
use store::Tx;

use super::{
    coded, counted, instant, signed,
    tables::{till_keys, tills},
};
use crate::{
    domain::till::{PublicKey, Till, TillKey},
    error::Error,
};

/// The till, when it exists.
///
/// # Errors
/// A fault of the database.
pub async fn load_till(
    on: &impl ConnectionTrait,
    branch: &BranchCode,
    code: &TillCode,
) -> Result<Option<Till>, Error> {
    let key = (branch.to_string(), code.to_string());
    tills::Entity::find_by_id(key).one(on).await?.as_ref().map(till).transpose()
}

/// The till, when it exists, held against other writers until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold_till(tx: &Tx, branch: &BranchCode, code: &TillCode) -> Result<Option<Till>, Error> {
    let key = (branch.to_string(), code.to_string());
    tills::Entity::find_by_id(key).lock_exclusive().one(tx).await?.as_ref().map(till).transpose()
}

/// The tills of a branch, by code.
///
/// # Errors
/// A fault of the database.
pub async fn list_tills(on: &impl ConnectionTrait, branch: &BranchCode) -> Result<Vec<Till>, Error> {
    let query = tills::Entity::find().filter(tills::Column::Branch.eq(branch.as_str()));
    query.order_by_asc(tills::Column::Code).all(on).await?.iter().map(till).collect()
}

/// Stores a till; `false` when another writer was first.
///
/// # Errors
/// A fault of the database.
pub async fn insert_till(tx: &Tx, till: &Till) -> Result<bool, Error> {
    let row = tills::ActiveModel {
        branch: Set(till.branch.to_string()),
        code: Set(till.code.to_string()),
        enrolled_at: Set(till.enrolled_at.micros()),
        version: Set(signed(till.version)?),
    };
    let first = OnConflict::columns([tills::Column::Branch, tills::Column::Code]).do_nothing().to_owned();
    let inserted = tills::Entity::insert(row).on_conflict(first).exec_without_returning(tx).await?;
    Ok(inserted == 1)
}

/// Stores how many facts were told about a till that the transaction holds.
///
/// # Errors
/// A fault of the database.
pub async fn update_till_version(tx: &Tx, till: &Till) -> Result<(), Error> {
    let changed = tills::ActiveModel {
        branch: Set(till.branch.to_string()),
        code: Set(till.code.to_string()),
        version: Set(signed(till.version)?),
        ..Default::default()
    };
    tills::Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// The key, when it exists.
///
/// # Errors
/// A fault of the database.
pub async fn load_key(on: &impl ConnectionTrait, id: KeyId) -> Result<Option<TillKey>, Error> {
    till_keys::Entity::find_by_id(id.as_uuid()).one(on).await?.as_ref().map(till_key).transpose()
}

/// The key with this digest, when it exists.
///
/// # Errors
/// A fault of the database.
pub async fn find_key(on: &impl ConnectionTrait, digest: &[u8; 32]) -> Result<Option<TillKey>, Error> {
    let query = till_keys::Entity::find().filter(till_keys::Column::Digest.eq(digest.to_vec()));
    query.one(on).await?.as_ref().map(till_key).transpose()
}

/// The keys of a branch's tills, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn list_keys(on: &impl ConnectionTrait, branch: &BranchCode) -> Result<Vec<TillKey>, Error> {
    let query = till_keys::Entity::find().filter(till_keys::Column::Branch.eq(branch.as_str()));
    query.order_by_asc(till_keys::Column::Id).all(on).await?.iter().map(till_key).collect()
}

/// How many of a till's keys are valid.
///
/// # Errors
/// A fault of the database.
pub async fn count_valid_keys(on: &impl ConnectionTrait, till: &Till) -> Result<usize, Error> {
    let query = till_keys::Entity::find()
        .filter(till_keys::Column::Branch.eq(till.branch.as_str()))
        .filter(till_keys::Column::Till.eq(till.code.as_str()))
        .filter(till_keys::Column::RevokedAt.is_null());
    let count = query.count(on).await?;
    usize::try_from(count).map_err(|_| Error::Fault(anyhow!("more keys than a machine has memory")))
}

/// Stores a key.
///
/// # Errors
/// A fault of the database.
pub async fn insert_key(tx: &Tx, key: &TillKey) -> Result<(), Error> {
    let row = till_keys::ActiveModel {
        id: Set(key.id.as_uuid()),
        branch: Set(key.branch.to_string()),
        till: Set(key.till.to_string()),
        digest: Set(key.digest.to_vec()),
        public_key: Set(key.public_key.map(|public| public.to_vec())),
        issued_at: Set(key.issued_at.micros()),
        revoked_at: Set(key.revoked_at.map(kernel::Timestamp::micros)),
    };
    till_keys::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Stores since when a key is not valid any more.
///
/// # Errors
/// A fault of the database.
pub async fn update_key_revoked(tx: &Tx, key: &TillKey) -> Result<(), Error> {
    let changed = till_keys::ActiveModel {
        id: Set(key.id.as_uuid()),
        revoked_at: Set(key.revoked_at.map(kernel::Timestamp::micros)),
        ..Default::default()
    };
    till_keys::Entity::update(changed).exec(tx).await?;
    Ok(())
}

fn till(row: &tills::Model) -> Result<Till, Error> {
    Ok(Till {
        branch: coded(&row.branch)?,
        code: coded(&row.code)?,
        enrolled_at: instant(row.enrolled_at),
        version: counted(row.version)?,
    })
}

fn till_key(row: &till_keys::Model) -> Result<TillKey, Error> {
    let broken = |what: &str| Error::Fault(anyhow!("the {what} of key {} is broken", row.id));
    let digest = <[u8; 32]>::try_from(row.digest.as_slice());
    let public_key = row.public_key.as_deref().map(PublicKey::try_from).transpose();
    Ok(TillKey {
        id: KeyId::from_uuid(row.id),
        branch: coded(&row.branch)?,
        till: coded(&row.till)?,
        digest: digest.map_err(|_| broken("digest"))?,
        public_key: public_key.map_err(|_| broken("public half"))?,
        issued_at: instant(row.issued_at),
        revoked_at: row.revoked_at.map(instant),
    })
}
