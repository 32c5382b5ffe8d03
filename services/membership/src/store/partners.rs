//! Partners and their keys.

use anyhow::anyhow;
use kernel::{KeyId, PartnerCode, Scope, Timestamp};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};
use store::Tx;

use super::{
    coded, instant,
    tables::{partner_keys, partners},
};
use crate::{
    domain::partner::{Partner, PartnerKey, PartnerName, PartnerTerms},
    error::Error,
};

/// The partner, when there is one.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, code: &PartnerCode) -> Result<Option<Partner>, Error> {
    partners::Entity::find_by_id(code.to_string()).one(on).await?.as_ref().map(partner).transpose()
}

/// The partner, when there is one, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, code: &PartnerCode) -> Result<Option<Partner>, Error> {
    let row = partners::Entity::find_by_id(code.to_string()).lock_exclusive().one(tx).await?;
    row.as_ref().map(partner).transpose()
}

/// Up to `limit` partners whose codes come after `after`, in order.
///
/// # Errors
/// A fault of the database.
pub async fn list(
    on: &impl ConnectionTrait,
    after: Option<&PartnerCode>,
    limit: u64,
) -> Result<Vec<Partner>, Error> {
    let mut query = partners::Entity::find().order_by_asc(partners::Column::Code).limit(limit);
    if let Some(after) = after {
        query = query.filter(partners::Column::Code.gt(after.as_str()));
    }
    query.all(on).await?.iter().map(partner).collect()
}

/// Stores a new partner; `false` when another writer was first.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, partner: &Partner) -> Result<bool, Error> {
    let first = OnConflict::column(partners::Column::Code).do_nothing().to_owned();
    let insert = partners::Entity::insert(row(partner).into_active_model()).on_conflict(first);
    Ok(insert.exec_without_returning(tx).await? == 1)
}

/// Stores what a partner is that the transaction holds.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, partner: &Partner) -> Result<(), Error> {
    let changed = row(partner).into_active_model().reset_all();
    partners::Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// The keys that these partners have or had, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn keys_of(on: &impl ConnectionTrait, codes: &[PartnerCode]) -> Result<Vec<PartnerKey>, Error> {
    let query = partner_keys::Entity::find()
        .filter(partner_keys::Column::Partner.is_in(codes.iter().map(PartnerCode::as_str)))
        .order_by_asc(partner_keys::Column::IssuedAt)
        .order_by_asc(partner_keys::Column::Id);
    query.all(on).await?.iter().map(key).collect()
}

/// The key, good or not, when there ever was one.
///
/// # Errors
/// A fault of the database.
pub async fn load_key(on: &impl ConnectionTrait, id: KeyId) -> Result<Option<PartnerKey>, Error> {
    partner_keys::Entity::find_by_id(id.as_uuid()).one(on).await?.as_ref().map(key).transpose()
}

/// The key with this digest, good or not, when there ever was one.
///
/// # Errors
/// A fault of the database.
pub async fn find_key(on: &impl ConnectionTrait, digest: &[u8; 32]) -> Result<Option<PartnerKey>, Error> {
    let query = partner_keys::Entity::find().filter(partner_keys::Column::Digest.eq(digest.to_vec()));
    query.one(on).await?.as_ref().map(key).transpose()
}

/// Stores a key of a partner that the transaction holds.
///
/// # Errors
/// A fault of the database.
pub async fn insert_key(tx: &Tx, key: &PartnerKey) -> Result<(), Error> {
    let row = partner_keys::Model {
        id: key.id.as_uuid(),
        partner: key.partner.to_string(),
        digest: key.digest.to_vec(),
        issued_at: key.issued_at.micros(),
        ends_at: key.ends_at.map(Timestamp::micros),
    };
    partner_keys::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Stores when a key ends, of a partner that the transaction holds.
///
/// # Errors
/// A fault of the database.
pub async fn update_key_end(tx: &Tx, key: &PartnerKey) -> Result<(), Error> {
    let changed = partner_keys::ActiveModel {
        id: Set(key.id.as_uuid()),
        ends_at: Set(key.ends_at.map(Timestamp::micros)),
        ..Default::default()
    };
    partner_keys::Entity::update(changed).exec(tx).await?;
    Ok(())
}

fn row(partner: &Partner) -> partners::Model {
    let words: Vec<&str> = partner.terms.scopes.iter().map(|scope| scope.word()).collect();
    partners::Model {
        code: partner.code.to_string(),
        name: partner.terms.name.text().to_owned(),
        scopes: words.join(","),
        networks: partner.terms.networks.join(","),
        since: partner.since.micros(),
    }
}

fn partner(row: &partners::Model) -> Result<Partner, Error> {
    let broken = |what: &str| Error::Fault(anyhow!("the {what} of partner {} is broken", row.code));
    let listed = |text: &'_ str| -> Vec<String> {
        text.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let scopes: Option<Vec<Scope>> = listed(&row.scopes).iter().map(|word| Scope::from_word(word)).collect();
    let name = PartnerName::parse(&row.name).map_err(|_| broken("name"))?;
    let terms = PartnerTerms::new(name, scopes.ok_or_else(|| broken("scopes"))?, listed(&row.networks));
    Ok(Partner { code: coded(&row.code)?, terms, since: instant(row.since) })
}

fn key(row: &partner_keys::Model) -> Result<PartnerKey, Error> {
    let digest = <[u8; 32]>::try_from(row.digest.as_slice());
    Ok(PartnerKey {
        id: KeyId::from_uuid(row.id),
        partner: coded(&row.partner)?,
        digest: digest.map_err(|_| Error::Fault(anyhow!("the digest of key {} is broken", row.id)))?,
        issued_at: instant(row.issued_at),
        ends_at: row.ends_at.map(instant),
    })
}
