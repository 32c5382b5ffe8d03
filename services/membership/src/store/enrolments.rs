//! Codes by which tills bring their public keys.

use anyhow::anyhow;
use kernel::{BranchCode, TillCode, Timestamp};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::OnConflict,
};
use store::Tx;

use super::{Vault, coded, instant, tables::till_enrolments};
use crate::{
    domain::enrolment::{Enrolment, EnrolmentCode},
    error::Error,
};

impl Vault {
    /// The keyed hash under which a till's code is kept.
    #[must_use]
    pub fn enrolment_digest(&self, code: &EnrolmentCode) -> [u8; 32] {
        self.code_digest_of(&enrolment_bytes(code))
    }

    /// Whether this is the code; takes as long for a wrong one as for the right one.
    #[must_use]
    pub fn enrols(&self, enrolment: &Enrolment, code: &EnrolmentCode) -> bool {
        self.is_code_digest(&enrolment_bytes(code), &enrolment.code)
    }
}

fn enrolment_bytes(code: &EnrolmentCode) -> Vec<u8> {
    [b"till enrolment:".as_slice(), code.text().as_bytes()].concat()
}

/// Removes a till's earlier codes: one is good at a time.
///
/// # Errors
/// A fault of the database.
pub async fn remove_of_till(tx: &Tx, branch: &BranchCode, till: &TillCode) -> Result<(), Error> {
    till_enrolments::Entity::delete_many()
        .filter(till_enrolments::Column::Branch.eq(branch.as_str()))
        .filter(till_enrolments::Column::Till.eq(till.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Stores an enrolment; `false` when another one has the same locator.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, enrolment: &Enrolment) -> Result<bool, Error> {
    let row = till_enrolments::Model {
        locator: enrolment.locator.clone(),
        branch: enrolment.branch.to_string(),
        till: enrolment.till.to_string(),
        code: enrolment.code.to_vec(),
        expires_at: enrolment.expires_at.micros(),
        tries_left: enrolment.tries_left.into(),
        used_at: enrolment.used_at.map(Timestamp::micros),
    };
    let first = OnConflict::column(till_enrolments::Column::Locator).do_nothing().to_owned();
    let insert = till_enrolments::Entity::insert(row.into_active_model()).on_conflict(first);
    Ok(insert.exec_without_returning(tx).await? == 1)
}

/// The enrolment with this locator, when there is one, held against other attempts until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, locator: &str) -> Result<Option<Enrolment>, Error> {
    let row = till_enrolments::Entity::find_by_id(locator.to_owned()).lock_exclusive().one(tx).await?;
    row.as_ref().map(enrolment).transpose()
}

/// Stores what an attempt left of an enrolment that the transaction holds.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, enrolment: &Enrolment) -> Result<(), Error> {
    let changed = till_enrolments::ActiveModel {
        locator: Set(enrolment.locator.clone()),
        tries_left: Set(enrolment.tries_left.into()),
        used_at: Set(enrolment.used_at.map(Timestamp::micros)),
        ..Default::default()
    };
    till_enrolments::Entity::update(changed).exec(tx).await?;
    Ok(())
}

fn enrolment(row: &till_enrolments::Model) -> Result<Enrolment, Error> {
    let broken = || Error::Fault(anyhow!("the enrolment of till {}/{} is broken", row.branch, row.till));
    Ok(Enrolment {
        locator: row.locator.clone(),
        branch: coded(&row.branch)?,
        till: coded(&row.till)?,
        code: row.code.as_slice().try_into().map_err(|_| broken())?,
        expires_at: instant(row.expires_at),
        tries_left: u32::try_from(row.tries_left).map_err(|_| broken())?,
        used_at: row.used_at.map(instant),
    })
}
