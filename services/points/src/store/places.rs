//! The chain's regions and branches, as `membership` told them.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, RwLock},
};

use anyhow::Context as _;
use kernel::{BranchCode, RegionCode};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};
use store::{Database, StoreError, Tx};

use super::tables::{branch, region};

/// The time zones of branches that have one of their own, read now and then: a branch moves rarely.
#[derive(Clone, Default)]
pub struct BranchZones(Arc<RwLock<HashMap<BranchCode, String>>>);

impl BranchZones {
    /// The branch's own time zone.
    #[must_use]
    pub fn of(&self, branch: &BranchCode) -> Option<String> {
        self.0.read().ok().and_then(|zones| zones.get(branch).cloned())
    }

    /// Reads them again.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn refresh(&self, database: &Database) -> anyhow::Result<()> {
        let rows = branch::Entity::find().all(database.connection()).await.map_err(StoreError::from)?;
        let zones =
            rows.into_iter().filter_map(|row| Some((BranchCode::parse(&row.branch).ok()?, row.time_zone?)));
        let zones: HashMap<_, _> = zones.collect();
        if let Ok(mut held) = self.0.write() {
            *held = zones;
        }
        Ok(())
    }
}

/// The codes of all branches and regions.
///
/// # Errors
/// When the database refuses.
pub async fn codes<C: ConnectionTrait>(
    db: &C,
) -> anyhow::Result<(BTreeSet<BranchCode>, BTreeSet<RegionCode>)> {
    let branches = branch::Entity::find().all(db).await.map_err(StoreError::from)?;
    let regions = region::Entity::find().all(db).await.map_err(StoreError::from)?;
    let branches = branches.iter().map(|row| BranchCode::parse(&row.branch)).collect::<Result<_, _>>();
    let regions = regions.iter().map(|row| RegionCode::parse(&row.region)).collect::<Result<_, _>>();
    Ok((branches.context("a branch")?, regions.context("a region")?))
}

/// Every branch with its region, and its time zone when it has one of its own.
///
/// # Errors
/// When the database refuses.
pub async fn map<C: ConnectionTrait>(
    db: &C,
) -> anyhow::Result<HashMap<BranchCode, (RegionCode, Option<String>)>> {
    let branches = branch::Entity::find().all(db).await.map_err(StoreError::from)?;
    let place = |row: branch::Model| {
        Ok((BranchCode::parse(&row.branch)?, (RegionCode::parse(&row.region)?, row.time_zone)))
    };
    branches.into_iter().map(place).collect::<anyhow::Result<_>>().context("a branch")
}

/// Whether a branch is known.
///
/// # Errors
/// When the database refuses.
pub async fn is_known(database: &Database, branch: &BranchCode) -> anyhow::Result<bool> {
    let row = branch::Entity::find_by_id(branch.as_str()).one(database.connection()).await;
    Ok(row.map_err(StoreError::from)?.is_some())
}

/// The region that a branch belongs to; nothing for a branch that is not known.
///
/// # Errors
/// When the database refuses, or the row is unreadable.
pub async fn region_of(database: &Database, branch: &BranchCode) -> anyhow::Result<Option<RegionCode>> {
    let row = branch::Entity::find_by_id(branch.as_str()).one(database.connection()).await;
    let region = row.map_err(StoreError::from)?.map(|row| RegionCode::parse(&row.region));
    region.transpose().context("a branch's region")
}

/// Notes a region.
///
/// # Errors
/// When the database refuses.
pub async fn note_region(tx: &Tx, code: &RegionCode) -> anyhow::Result<()> {
    let row = region::ActiveModel { region: Set(code.to_string()) };
    let nothing = OnConflict::column(region::Column::Region).do_nothing().to_owned();
    let insert = region::Entity::insert(row).on_conflict(nothing).try_insert();
    insert.exec_without_returning(tx.connection()).await.map_err(StoreError::from)?;
    Ok(())
}

/// Notes a branch, unless something newer is known of it.
///
/// # Errors
/// When the database refuses.
pub async fn note_branch(
    tx: &Tx,
    code: &BranchCode,
    region: &RegionCode,
    time_zone: Option<&str>,
    seq: u64,
) -> anyhow::Result<()> {
    let known =
        branch::Entity::find_by_id(code.as_str()).one(tx.connection()).await.map_err(StoreError::from)?;
    let seq = i64::try_from(seq)?;
    if known.is_some_and(|row| row.seq >= seq) {
        return Ok(());
    }
    let row = branch::ActiveModel {
        branch: Set(code.to_string()),
        region: Set(region.to_string()),
        time_zone: Set(time_zone.map(str::to_owned)),
        seq: Set(seq),
    };
    let columns = [branch::Column::Region, branch::Column::TimeZone, branch::Column::Seq];
    let newer = OnConflict::column(branch::Column::Branch).update_columns(columns).to_owned();
    branch::Entity::insert(row)
        .on_conflict(newer)
        .exec_without_returning(tx.connection())
        .await
        .map_err(StoreError::from)?;
    Ok(())
}
