//! Simulations that were asked for, and the past that they replay.

mod past;

use anyhow::Context as _;
use kernel::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
};
use serde::Serialize;
use store::{StoreError, Tx};
use utoipa::ToSchema;
use uuid::Uuid;

use super::tables::simulation::{ActiveModel, Column, Entity, Model};
use crate::domain::{ProgrammeDocument, SimulationFigures};

pub use past::{PastDeed, PastOrder, PastPlace, PastPurchase, PastRow, Size, past, size};

/// Where a simulation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SimulationState {
    /// Nobody has begun with it.
    Waiting,
    /// It is under way.
    Running,
    /// It came to its figures.
    Done,
    /// It came to nothing: a fault, which the log shows.
    Failed,
}

impl SimulationState {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Waiting, "waiting"),
        (Self::Running, "running"),
        (Self::Done, "done"),
        (Self::Failed, "failed"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("failed", |(_, name)| *name)
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(state, _)| *state)
    }
}

/// A simulation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// Its id.
    pub id: Uuid,
    /// The version that is simulated.
    pub version: u32,
    /// Its document when that was asked: a draft may change meanwhile.
    pub document: ProgrammeDocument,
    /// The version that it is compared with.
    pub against: Option<u32>,
    /// Purchases recorded from then on.
    pub since: Timestamp,
    /// Up to, not including, then.
    pub until: Timestamp,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Where it is.
    pub state: SimulationState,
    /// When whoever runs it gave a sign of life.
    pub seen_at: Timestamp,
    /// Purchases, returns and actions that were decided.
    pub done: u64,
    /// How many there are; zero until they were counted.
    pub total: u64,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// What it came to.
    pub figures: Option<SimulationFigures>,
}

/// Whoever gave no sign of life for so long is believed dead.
const SILENT_MILLIS: i64 = 60_000;

/// Keeps a simulation that is asked for.
///
/// # Errors
/// When the database refuses.
pub async fn insert(tx: &Tx, simulation: &Simulation) -> anyhow::Result<()> {
    let row = ActiveModel {
        id: Set(simulation.id),
        version: Set(i32::try_from(simulation.version)?),
        document: Set(serde_json::to_string(&simulation.document)?),
        against: Set(simulation.against.map(i32::try_from).transpose()?),
        since: Set(simulation.since.micros()),
        until: Set(simulation.until.micros()),
        requested_at: Set(simulation.requested_at.micros()),
        state: Set(simulation.state.name().to_owned()),
        seen_at: Set(simulation.seen_at.micros()),
        done: Set(0),
        total: Set(0),
        finished_at: Set(None),
        figures: Set(None),
    };
    Entity::insert(row).exec_without_returning(tx.connection()).await.map_err(StoreError::from)?;
    Ok(())
}

/// A simulation by its id.
///
/// # Errors
/// When the database refuses, or the row cannot be read.
pub async fn load<C: ConnectionTrait>(db: &C, id: Uuid) -> anyhow::Result<Option<Simulation>> {
    let row = Entity::find_by_id(id).one(db).await.map_err(StoreError::from)?;
    row.as_ref().map(read).transpose()
}

/// Whether any simulation has not ended.
///
/// # Errors
/// When the database refuses.
pub async fn any_open<C: ConnectionTrait>(db: &C) -> anyhow::Result<bool> {
    let open = Entity::find().filter(Column::FinishedAt.is_null()).one(db).await;
    Ok(open.map_err(StoreError::from)?.is_some())
}

/// Takes the oldest simulation that nobody works at; the same one is taken by one worker only.
///
/// # Errors
/// When the database refuses, or the row cannot be read.
pub async fn take(tx: &Tx, now: Timestamp) -> anyhow::Result<Option<Simulation>> {
    let on = tx.connection();
    let silent = now.plus_millis(-SILENT_MILLIS).micros();
    let open = Entity::find().filter(Column::FinishedAt.is_null()).order_by_asc(Column::RequestedAt);
    for row in open.all(on).await.map_err(StoreError::from)? {
        let simulation = read(&row)?;
        if simulation.state == SimulationState::Running && row.seen_at >= silent {
            continue;
        }
        let taken = Entity::update_many()
            .col_expr(Column::State, Expr::value(SimulationState::Running.name()))
            .col_expr(Column::SeenAt, Expr::value(now.micros()))
            .filter(Column::Id.eq(row.id))
            .filter(Column::State.eq(row.state))
            .filter(Column::SeenAt.eq(row.seen_at))
            .exec(on)
            .await
            .map_err(StoreError::from)?;
        if taken.rows_affected == 1 {
            return Ok(Some(Simulation { state: SimulationState::Running, seen_at: now, ..simulation }));
        }
    }
    Ok(None)
}

/// Notes how far a simulation is, as a sign of life.
///
/// # Errors
/// When the database refuses.
pub async fn note(tx: &Tx, id: Uuid, done: u64, total: u64, now: Timestamp) -> anyhow::Result<()> {
    Entity::update_many()
        .col_expr(Column::Done, Expr::value(i64::try_from(done)?))
        .col_expr(Column::Total, Expr::value(i64::try_from(total)?))
        .col_expr(Column::SeenAt, Expr::value(now.micros()))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await
        .map_err(StoreError::from)?;
    Ok(())
}

/// Notes what a simulation came to; without figures, that it failed.
///
/// # Errors
/// When the database refuses.
pub async fn end(
    tx: &Tx,
    id: Uuid,
    figures: Option<&SimulationFigures>,
    now: Timestamp,
) -> anyhow::Result<()> {
    let state = if figures.is_some() { SimulationState::Done } else { SimulationState::Failed };
    let figures = figures.map(serde_json::to_string).transpose()?;
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state.name()))
        .col_expr(Column::Figures, Expr::value(figures))
        .col_expr(Column::FinishedAt, Expr::value(now.micros()))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await
        .map_err(StoreError::from)?;
    Ok(())
}

fn read(row: &Model) -> anyhow::Result<Simulation> {
    Ok(Simulation {
        id: row.id,
        version: u32::try_from(row.version)?,
        document: serde_json::from_str(&row.document)?,
        against: row.against.map(u32::try_from).transpose()?,
        since: Timestamp::from_micros(row.since),
        until: Timestamp::from_micros(row.until),
        requested_at: Timestamp::from_micros(row.requested_at),
        state: SimulationState::parse(&row.state).context("the state of a simulation")?,
        seen_at: Timestamp::from_micros(row.seen_at),
        done: u64::try_from(row.done)?,
        total: u64::try_from(row.total)?,
        finished_at: row.finished_at.map(Timestamp::from_micros),
        figures: row.figures.as_deref().map(serde_json::from_str).transpose()?,
    })
}
