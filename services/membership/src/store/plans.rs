//! What the chain sells, version by version.

use anyhow::anyhow;
use kernel::{PlanCode, Timestamp};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};
use store::Tx;

use super::{
    coded,
    tables::plan_terms::{Column, Entity, Model},
};
use crate::{domain::plan::Plan, error::Error};

/// Every plan as it is sold now, those that are not sold any more too, by code.
///
/// # Errors
/// A fault of the database.
pub async fn all(on: &impl ConnectionTrait) -> Result<Vec<Plan>, Error> {
    let rows = Entity::find().order_by_asc(Column::Plan).order_by_desc(Column::Version).all(on).await?;
    let mut plans: Vec<Plan> = Vec::new();
    for row in &rows {
        if plans.last().is_none_or(|last| last.code.as_str() != row.plan) {
            plans.push(plan(row)?);
        }
    }
    Ok(plans)
}

/// The plan as it is sold now.
///
/// # Errors
/// A fault of the database.
pub async fn newest(on: &impl ConnectionTrait, code: &PlanCode) -> Result<Option<Plan>, Error> {
    let query = Entity::find().filter(Column::Plan.eq(code.as_str())).order_by_desc(Column::Version);
    query.one(on).await?.as_ref().map(plan).transpose()
}

/// The plan as it was sold in one version of its terms.
///
/// # Errors
/// A fault of the database.
pub async fn at(on: &impl ConnectionTrait, code: &PlanCode, version: u32) -> Result<Option<Plan>, Error> {
    let query = Entity::find().filter(Column::Plan.eq(code.as_str())).filter(Column::Version.eq(version));
    query.one(on).await?.as_ref().map(plan).transpose()
}

/// Stores the next version of a plan; `false` when somebody else was faster.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, plan: &Plan, since: Timestamp) -> Result<bool, Error> {
    let row = Model {
        plan: plan.code.to_string(),
        version: plan.version.into(),
        terms: serde_json::to_string(&plan.terms).map_err(|error| Error::Fault(anyhow!(error)))?,
        since: since.micros(),
    };
    let insert = Entity::insert(row.into_active_model());
    let first = insert.on_conflict(OnConflict::new().do_nothing().to_owned());
    Ok(first.exec_without_returning(tx).await? == 1)
}

fn plan(row: &Model) -> Result<Plan, Error> {
    let broken =
        |error: &dyn std::fmt::Display| anyhow!("plan {} version {}: {error}", row.plan, row.version);
    let terms = serde_json::from_str(&row.terms).map_err(|error| broken(&error))?;
    let version = u32::try_from(row.version).map_err(|error| broken(&error))?;
    Ok(Plan { code: coded(&row.plan)?, version, terms })
}
