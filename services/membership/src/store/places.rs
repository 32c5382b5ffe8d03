//! Regions and branches.

use kernel::{BranchCode, RegionCode};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use store::Tx;

use super::{
    coded, counted, instant, name_columns, names_of, signed,
    tables::{branches, regions},
};
use crate::{
    domain::place::{Branch, Region},
    error::Error,
};

/// The region, when it exists.
///
/// # Errors
/// A fault of the database.
pub async fn load_region(on: &impl ConnectionTrait, code: &RegionCode) -> Result<Option<Region>, Error> {
    regions::Entity::find_by_id(code.as_str()).one(on).await?.map(region).transpose()
}

/// The region, when it exists, held against other writers until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold_region(tx: &Tx, code: &RegionCode) -> Result<Option<Region>, Error> {
    regions::Entity::find_by_id(code.as_str()).lock_exclusive().one(tx).await?.map(region).transpose()
}

/// Stores a region; `false` when another writer was first.
///
/// # Errors
/// A fault of the database.
pub async fn insert_region(tx: &Tx, region: &Region) -> Result<bool, Error> {
    let row = regions::ActiveModel::from(region_row(region)?);
    let first = OnConflict::column(regions::Column::Code).do_nothing().to_owned();
    let inserted = regions::Entity::insert(row).on_conflict(first).exec_without_returning(tx).await?;
    Ok(inserted == 1)
}

/// Stores what has changed of a region that the transaction holds.
///
/// # Errors
/// A fault of the database.
pub async fn update_region(tx: &Tx, region: &Region) -> Result<(), Error> {
    let row = region_row(region)?;
    let changed = regions::ActiveModel {
        code: Set(row.code),
        name_fa: Set(row.name_fa),
        name_ar: Set(row.name_ar),
        name_en: Set(row.name_en),
        version: Set(row.version),
        ..Default::default()
    };
    regions::Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Up to `limit` regions whose codes come after `after`, in order.
///
/// # Errors
/// A fault of the database.
pub async fn list_regions(
    on: &impl ConnectionTrait,
    after: Option<&RegionCode>,
    limit: u64,
) -> Result<Vec<Region>, Error> {
    let mut query = regions::Entity::find().order_by_asc(regions::Column::Code).limit(limit);
    if let Some(after) = after {
        query = query.filter(regions::Column::Code.gt(after.as_str()));
    }
    query.all(on).await?.into_iter().map(region).collect()
}

/// The branch, when it exists.
///
/// # Errors
/// A fault of the database.
pub async fn load_branch(on: &impl ConnectionTrait, code: &BranchCode) -> Result<Option<Branch>, Error> {
    branches::Entity::find_by_id(code.as_str()).one(on).await?.map(branch).transpose()
}

/// The branch, when it exists, held against other writers until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold_branch(tx: &Tx, code: &BranchCode) -> Result<Option<Branch>, Error> {
    branches::Entity::find_by_id(code.as_str()).lock_exclusive().one(tx).await?.map(branch).transpose()
}

/// Stores a branch; `false` when another writer was first.
///
/// # Errors
/// A fault of the database.
pub async fn insert_branch(tx: &Tx, branch: &Branch) -> Result<bool, Error> {
    let row = branches::ActiveModel::from(branch_row(branch)?);
    let first = OnConflict::column(branches::Column::Code).do_nothing().to_owned();
    let inserted = branches::Entity::insert(row).on_conflict(first).exec_without_returning(tx).await?;
    Ok(inserted == 1)
}

/// Stores what has changed of a branch that the transaction holds.
///
/// # Errors
/// A fault of the database.
pub async fn update_branch(tx: &Tx, branch: &Branch) -> Result<(), Error> {
    let row = branch_row(branch)?;
    let changed = branches::ActiveModel {
        code: Set(row.code),
        region: Set(row.region),
        name_fa: Set(row.name_fa),
        name_ar: Set(row.name_ar),
        name_en: Set(row.name_en),
        time_zone: Set(row.time_zone),
        version: Set(row.version),
        ..Default::default()
    };
    branches::Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Up to `limit` branches whose codes come after `after`, in order; those of one region, or all.
///
/// # Errors
/// A fault of the database.
pub async fn list_branches(
    on: &impl ConnectionTrait,
    region: Option<&RegionCode>,
    after: Option<&BranchCode>,
    limit: u64,
) -> Result<Vec<Branch>, Error> {
    let mut query = branches::Entity::find().order_by_asc(branches::Column::Code).limit(limit);
    if let Some(region) = region {
        query = query.filter(branches::Column::Region.eq(region.as_str()));
    }
    if let Some(after) = after {
        query = query.filter(branches::Column::Code.gt(after.as_str()));
    }
    query.all(on).await?.into_iter().map(branch).collect()
}

fn region(row: regions::Model) -> Result<Region, Error> {
    Ok(Region {
        code: coded(&row.code)?,
        names: names_of(&[row.name_fa, row.name_ar, row.name_en])?,
        opened_at: instant(row.opened_at),
        version: counted(row.version)?,
    })
}

fn region_row(region: &Region) -> Result<regions::Model, Error> {
    let [name_fa, name_ar, name_en] = name_columns(&region.names);
    Ok(regions::Model {
        code: region.code.to_string(),
        name_fa,
        name_ar,
        name_en,
        opened_at: region.opened_at.micros(),
        version: signed(region.version)?,
    })
}

fn branch(row: branches::Model) -> Result<Branch, Error> {
    Ok(Branch {
        code: coded(&row.code)?,
        region: coded(&row.region)?,
        names: names_of(&[row.name_fa, row.name_ar, row.name_en])?,
        time_zone: row.time_zone,
        opened_at: instant(row.opened_at),
        version: counted(row.version)?,
    })
}

fn branch_row(branch: &Branch) -> Result<branches::Model, Error> {
    let [name_fa, name_ar, name_en] = name_columns(&branch.names);
    Ok(branches::Model {
        code: branch.code.to_string(),
        region: branch.region.to_string(),
        name_fa,
        name_ar,
        name_en,
        time_zone: branch.time_zone.clone(),
        opened_at: branch.opened_at.micros(),
        version: signed(branch.version)?,
    })
}
