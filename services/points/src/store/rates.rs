//! What points are worth, every revision of it.

use anyhow::Context as _;
use kernel::{Day, Timestamp};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryOrder};
use store::{StoreError, Tx};

use super::tables::rate::{ActiveModel, Column, Entity, Model};
use crate::domain::Rates;

/// Rates as they were stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedRates {
    /// From which day on.
    pub valid_from: Day,
    /// How often they have been stated for this day, from 1; the highest counts.
    pub revision: u32,
    /// When that was.
    pub recorded_at: Timestamp,
    /// What they are.
    pub rates: Rates,
}

/// All of them: latest day first, then latest revision.
///
/// # Errors
/// When the database refuses, or a stored document cannot be read.
pub async fn all<C: ConnectionTrait>(db: &C) -> anyhow::Result<Vec<StatedRates>> {
    let rows = Entity::find().order_by_desc(Column::ValidFrom).order_by_desc(Column::Revision).all(db).await;
    rows.map_err(StoreError::from)?.iter().map(read).collect()
}

/// Those that are valid on a day; `None` before the first ones.
///
/// # Errors
/// As [`all`].
pub async fn valid_on<C: ConnectionTrait>(db: &C, day: Day) -> anyhow::Result<Option<StatedRates>> {
    // Rates change a few times a year.
    Ok(all(db).await?.into_iter().find(|stated| stated.valid_from <= day))
}

/// Writes rates.
///
/// # Errors
/// A unique violation when somebody else took the revision; otherwise why the database refused.
pub async fn insert(tx: &Tx, stated: &StatedRates) -> anyhow::Result<()> {
    let row = ActiveModel {
        valid_from: Set(stated.valid_from.number()),
        revision: Set(i32::try_from(stated.revision)?),
        document: Set(serde_json::to_string(&stated.rates)?),
        recorded_at: Set(stated.recorded_at.micros()),
    };
    Entity::insert(row).exec_without_returning(tx.connection()).await.map_err(StoreError::from)?;
    Ok(())
}

fn read(row: &Model) -> anyhow::Result<StatedRates> {
    let valid_from = Day::from_number(row.valid_from);
    Ok(StatedRates {
        valid_from,
        revision: u32::try_from(row.revision)?,
        recorded_at: Timestamp::from_micros(row.recorded_at),
        rates: serde_json::from_str(&row.document).with_context(|| format!("the rates of {valid_from}"))?,
    })
}
