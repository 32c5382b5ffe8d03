//! The programme's versions, read once and kept: a version that was announced never changes.

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

use anyhow::Context as _;
use kernel::Timestamp;
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
};
use store::{StoreError, Tx};

use super::tables::programme::{ActiveModel, Column, Entity, Model};
use crate::domain::{Announced, Programme, ProgrammeDocument, Schedule};

/// The versions that were read so far, and the schedule by which they go live.
#[derive(Clone, Default)]
pub struct ProgrammeCache(Arc<RwLock<Known>>);

#[derive(Default)]
struct Known {
    versions: HashMap<u32, Arc<Programme>>,
    schedule: Arc<Schedule>,
}

impl ProgrammeCache {
    /// The version that is live at `now` as the database has it, or `None` before the first one.
    ///
    /// # Errors
    /// When the database refuses, or a stored document cannot be read.
    pub async fn live<C: ConnectionTrait>(
        &self,
        db: &C,
        now: Timestamp,
    ) -> anyhow::Result<Option<Arc<Programme>>> {
        let latest = latest_announcement(db).await?;
        self.live_by(db, latest, now).await
    }

    /// The same, where the latest announcement was seen already: nothing is asked as long as it is known.
    ///
    /// # Errors
    /// As [`ProgrammeCache::live`].
    pub async fn live_by<C: ConnectionTrait>(
        &self,
        db: &C,
        latest: u32,
        now: Timestamp,
    ) -> anyhow::Result<Option<Arc<Programme>>> {
        match self.schedule(db, latest).await?.live_at(now) {
            Some(version) => self.version(db, version).await.map(Some),
            None => Ok(None),
        }
    }

    async fn schedule<C: ConnectionTrait>(&self, db: &C, latest: u32) -> anyhow::Result<Arc<Schedule>> {
        let known = self.0.read().map(|known| Arc::clone(&known.schedule)).unwrap_or_default();
        // Others may have seen a later one; announcements are only ever added.
        if known.latest() >= latest {
            return Ok(known);
        }
        let fresh = Arc::new(schedule(db).await?);
        if let Ok(mut known) = self.0.write()
            && known.schedule.latest() < fresh.latest()
        {
            known.schedule = Arc::clone(&fresh);
        }
        Ok(fresh)
    }

    /// An announced version, from memory or the database.
    ///
    /// # Errors
    /// When there is no such version, the database refuses, or the stored document cannot be read.
    pub async fn version<C: ConnectionTrait>(&self, db: &C, version: u32) -> anyhow::Result<Arc<Programme>> {
        if let Some(known) = self.0.read().ok().and_then(|known| known.versions.get(&version).cloned()) {
            return Ok(known);
        }
        let stored = load(db, version).await?;
        let stored = stored.with_context(|| format!("there is no programme version {version}"))?;
        let programme = Arc::new(stored.programme);
        if stored.announced.is_some()
            && let Ok(mut known) = self.0.write()
        {
            known.versions.insert(version, Arc::clone(&programme));
        }
        Ok(programme)
    }
}

/// A version as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVersion {
    /// The version.
    pub programme: Programme,
    /// When it was first written.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// Its announcement; `None` for a draft.
    pub announced: Option<Announcement>,
}

/// An announcement as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// Counted from 1.
    pub number: u32,
    /// When it was made.
    pub at: Timestamp,
    /// When the version goes live.
    pub live_from: Timestamp,
    /// When it was told that it is live; `None` until then.
    pub live_told_at: Option<Timestamp>,
}

/// Holds the programme until the transaction ends, and takes the next `facts` places in the sequence of its facts.
/// Answers the last place that is taken.
///
/// # Errors
/// When the database refuses.
pub async fn hold(tx: &Tx, facts: u32) -> anyhow::Result<u64> {
    let sql = format!("UPDATE programme_head SET told = told + {facts} WHERE id = 1 RETURNING told");
    Ok(u64::try_from(head(tx, &sql).await?)?)
}

/// The number of a new version; numbers are never used again. The programme is held.
///
/// # Errors
/// When the database refuses.
pub async fn next_version(tx: &Tx) -> anyhow::Result<u32> {
    let sql = "UPDATE programme_head SET versions = versions + 1 WHERE id = 1 \
               RETURNING CAST(versions AS bigint)";
    Ok(u32::try_from(head(tx, sql).await?)?)
}

async fn head(tx: &Tx, sql: &str) -> anyhow::Result<i64> {
    let on = tx.connection();
    let row = on.query_one_raw(Statement::from_string(on.get_database_backend(), sql)).await;
    let row = row.map_err(StoreError::from)?.context("the head of the programme")?;
    Ok(row.try_get_by_index(0).map_err(StoreError::from)?)
}

/// The number of the latest announcement; zero before the first one.
///
/// # Errors
/// When the database refuses.
pub async fn latest_announcement<C: ConnectionTrait>(db: &C) -> anyhow::Result<u32> {
    let sql = "SELECT max(announcement) FROM programmes";
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await;
    let Some(row) = row.map_err(StoreError::from)? else { return Ok(0) };
    let latest: Option<i32> = row.try_get_by_index(0).map_err(StoreError::from)?;
    Ok(u32::try_from(latest.unwrap_or_default())?)
}

/// Every announcement.
///
/// # Errors
/// When the database refuses.
pub async fn schedule<C: ConnectionTrait>(db: &C) -> anyhow::Result<Schedule> {
    let rows: Vec<(i32, Option<i32>, i64)> = Entity::find()
        .select_only()
        .columns([Column::Version, Column::Announcement, Column::LiveFrom])
        .filter(Column::Announcement.is_not_null())
        .into_tuple()
        .all(db)
        .await
        .map_err(StoreError::from)?;
    let announced = rows.into_iter().map(|(version, announcement, live_from)| {
        let announcement = u32::try_from(announcement.unwrap_or_default())?;
        Ok(Announced {
            version: u32::try_from(version)?,
            announcement,
            live_from: Timestamp::from_micros(live_from),
        })
    });
    Ok(Schedule::new(announced.collect::<anyhow::Result<_>>()?))
}

/// Every version, newest first.
///
/// # Errors
/// When the database refuses, or a stored document cannot be read.
pub async fn all<C: ConnectionTrait>(db: &C) -> anyhow::Result<Vec<StoredVersion>> {
    let rows = Entity::find().order_by_desc(Column::Version).all(db).await.map_err(StoreError::from)?;
    rows.iter().map(read).collect()
}

/// A version.
///
/// # Errors
/// When the database refuses, or the stored document cannot be read.
pub async fn load<C: ConnectionTrait>(db: &C, version: u32) -> anyhow::Result<Option<StoredVersion>> {
    let Ok(number) = i32::try_from(version) else { return Ok(None) };
    let row = Entity::find_by_id(number).one(db).await.map_err(StoreError::from)?;
    row.as_ref().map(read).transpose()
}

/// The versions that are live or were, in the order in which they went live, and of which nobody was told.
///
/// # Errors
/// When the database refuses, or a stored document cannot be read.
pub async fn untold<C: ConnectionTrait>(db: &C, now: Timestamp) -> anyhow::Result<Vec<StoredVersion>> {
    let rows = Entity::find()
        .filter(Column::Announcement.is_not_null())
        .filter(Column::LiveToldAt.is_null())
        .filter(Column::LiveFrom.lte(now.micros()))
        .order_by_asc(Column::LiveFrom)
        .order_by_asc(Column::Announcement)
        .all(db)
        .await
        .map_err(StoreError::from)?;
    rows.iter().map(read).collect()
}

/// Writes a new version.
///
/// # Errors
/// When the database refuses.
pub async fn insert(tx: &Tx, version: &StoredVersion) -> anyhow::Result<()> {
    let row = ActiveModel { version: Set(i32::try_from(version.programme.version)?), ..written(version)? };
    Entity::insert(row).exec_without_returning(tx.connection()).await.map_err(StoreError::from)?;
    Ok(())
}

/// Writes a version that is there already. The programme is held.
///
/// # Errors
/// When the database refuses.
pub async fn update(tx: &Tx, version: &StoredVersion) -> anyhow::Result<()> {
    let row =
        ActiveModel { version: Unchanged(i32::try_from(version.programme.version)?), ..written(version)? };
    Entity::update(row).exec(tx.connection()).await.map_err(StoreError::from)?;
    Ok(())
}

/// Takes a draft away. The programme is held.
///
/// # Errors
/// When the database refuses.
pub async fn delete(tx: &Tx, version: u32) -> anyhow::Result<()> {
    Entity::delete_by_id(i32::try_from(version)?).exec(tx.connection()).await.map_err(StoreError::from)?;
    Ok(())
}

fn written(version: &StoredVersion) -> anyhow::Result<ActiveModel> {
    let announced = version.announced;
    let number = announced.map(|a| i32::try_from(a.number)).transpose()?;
    Ok(ActiveModel {
        document: Set(serde_json::to_string(&version.programme.document)?),
        live_from: Set(announced.map_or(0, |a| a.live_from.micros())),
        created_at: Set(version.created_at.micros()),
        changed_at: Set(version.changed_at.micros()),
        announcement: Set(number),
        announced_at: Set(announced.map(|a| a.at.micros())),
        live_told_at: Set(announced.and_then(|a| a.live_told_at).map(Timestamp::micros)),
        ..Default::default()
    })
}

fn read(row: &Model) -> anyhow::Result<StoredVersion> {
    let version = u32::try_from(row.version)?;
    let document: ProgrammeDocument =
        serde_json::from_str(&row.document).with_context(|| format!("programme version {version}"))?;
    let announced = match row.announcement {
        Some(number) => Some(Announcement {
            number: u32::try_from(number)?,
            at: Timestamp::from_micros(row.announced_at.context("the time of an announcement")?),
            live_from: Timestamp::from_micros(row.live_from),
            live_told_at: row.live_told_at.map(Timestamp::from_micros),
        }),
        None => None,
    };
    Ok(StoredVersion {
        programme: Programme { version, document },
        created_at: Timestamp::from_micros(row.created_at),
        changed_at: Timestamp::from_micros(row.changed_at),
        announced,
    })
}
