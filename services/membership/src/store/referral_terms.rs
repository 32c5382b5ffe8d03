//! What the chain promises for referrals, version by version.

use anyhow::anyhow;
use kernel::Timestamp;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, QueryOrder, sea_query::OnConflict};
use store::Tx;

use super::{counted, instant, signed, tables::referral_terms};
use crate::{domain::referral_terms::ReferralTerms, error::Error};

/// Terms with their version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned {
    /// From 1.
    pub version: u64,
    /// What they say.
    pub terms: ReferralTerms,
    /// Since when.
    pub since: Timestamp,
}

/// The terms that hold; `None` while there were never any.
///
/// # Errors
/// A fault of the database.
pub async fn newest(on: &impl ConnectionTrait) -> Result<Option<Versioned>, Error> {
    let query = referral_terms::Entity::find().order_by_desc(referral_terms::Column::Version);
    let Some(row) = query.one(on).await? else { return Ok(None) };
    let terms = serde_json::from_str(&row.terms);
    let terms = terms.map_err(|error| anyhow!("referral terms {}: {error}", row.version))?;
    Ok(Some(Versioned { version: counted(row.version)?, terms, since: instant(row.since) }))
}

/// Stores the next version; `false` when somebody else was faster.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, next: &Versioned) -> Result<bool, Error> {
    let row = referral_terms::Model {
        version: signed(next.version)?,
        terms: serde_json::to_string(&next.terms).map_err(|error| Error::Fault(anyhow!(error)))?,
        since: next.since.micros(),
    };
    let insert = referral_terms::Entity::insert(row.into_active_model());
    let first = insert.on_conflict(OnConflict::new().do_nothing().to_owned());
    Ok(first.exec_without_returning(tx).await? == 1)
}
