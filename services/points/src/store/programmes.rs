//! The programme's versions, read once and kept: a version never changes.

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

use anyhow::Context as _;
use kernel::Timestamp;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryOrder, Statement};
use store::{StoreError, Tx};

use super::tables::programme::{ActiveModel, Column, Entity, Model};
use crate::domain::{Programme, ProgrammeDocument};

/// The versions that were read so far.
#[derive(Clone, Default)]
pub struct ProgrammeCache(Arc<RwLock<HashMap<u32, Arc<Programme>>>>);

impl ProgrammeCache {
    /// The live version as the database has it now, or `None` before the first one.
    ///
    /// # Errors
    /// When the database refuses, or a stored document cannot be read.
    pub async fn live<C: ConnectionTrait>(&self, db: &C) -> anyhow::Result<Option<Arc<Programme>>> {
        match live_version(db).await? {
            Some(version) => self.version(db, version).await.map(Some),
            None => Ok(None),
        }
    }

    /// A version, from memory or the database.
    ///
    /// # Errors
    /// When there is no such version, the database refuses, or the stored document cannot be read.
    pub async fn version<C: ConnectionTrait>(&self, db: &C, version: u32) -> anyhow::Result<Arc<Programme>> {
        if let Some(known) = self.0.read().ok().and_then(|known| known.get(&version).cloned()) {
            return Ok(known);
        }
        let number = i32::try_from(version).context("a programme version")?;
        let row = Entity::find_by_id(number).one(db).await.map_err(StoreError::from)?;
        let programme =
            Arc::new(read(&row.with_context(|| format!("there is no programme version {version}"))?)?);
        if let Ok(mut known) = self.0.write() {
            known.insert(version, Arc::clone(&programme));
        }
        Ok(programme)
    }
}

/// The number of the live version.
///
/// # Errors
/// When the database refuses.
pub async fn live_version<C: ConnectionTrait>(db: &C) -> Result<Option<u32>, StoreError> {
    let sql = "SELECT max(version) FROM programmes";
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let version: Option<i32> = match row {
        Some(row) => row.try_get_by_index(0)?,
        None => None,
    };
    Ok(version.and_then(|v| u32::try_from(v).ok()))
}

/// Every version with the time since when it is live, newest first.
///
/// # Errors
/// When the database refuses, or a stored document cannot be read.
pub async fn all<C: ConnectionTrait>(db: &C) -> anyhow::Result<Vec<(Programme, Timestamp)>> {
    let rows = Entity::find().order_by_desc(Column::Version).all(db).await?;
    rows.iter().map(|row| Ok((read(row)?, Timestamp::from_micros(row.live_from)))).collect()
}

/// Writes a version.
///
/// # Errors
/// When the database refuses; a unique violation when another writer took the number.
pub async fn insert(tx: &Tx, programme: &Programme, live_from: Timestamp) -> anyhow::Result<()> {
    let row = ActiveModel {
        version: Set(i32::try_from(programme.version)?),
        document: Set(serde_json::to_string(&programme.document)?),
        live_from: Set(live_from.micros()),
    };
    Entity::insert(row).exec_without_returning(tx.connection()).await.map_err(StoreError::from)?;
    Ok(())
}

fn read(row: &Model) -> anyhow::Result<Programme> {
    let version = u32::try_from(row.version)?;
    let document: ProgrammeDocument =
        serde_json::from_str(&row.document).with_context(|| format!("programme version {version}"))?;
    Ok(Programme { version, document })
}
