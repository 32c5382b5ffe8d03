//! What became of a hold?

use kernel::{JournalId, Points, Timestamp};
use serde::Serialize;
use store::Database;
use utoipa::ToSchema;

use crate::{
    domain::{JournalKind, Template},
    store::{
        ledger::{self, JournalRow, OperationRow},
        reading,
    },
};

/// What became of a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// The points are set aside.
    Open,
    /// They were redeemed, or some of them.
    Captured,
    /// They are free again, since somebody said so or the account was closed.
    Released,
    /// They are free again, since its time is over.
    Lapsed,
}

/// A hold with what became of it.
#[derive(Clone, Debug)]
pub struct FoundHold {
    /// The journal that set the points aside.
    pub row: JournalRow,
    /// How many.
    pub points: Points,
    /// Until when.
    pub until: Timestamp,
    /// What became of them.
    pub state: HoldState,
    /// How many were redeemed.
    pub captured: Points,
}

/// The hold as it is at `now`; `None` when there is none of this id.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn read(database: &Database, id: JournalId, now: Timestamp) -> anyhow::Result<Option<FoundHold>> {
    let Some(row) = reading::journal(database, id).await?.filter(|row| row.kind() == JournalKind::Hold)
    else {
        return Ok(None);
    };
    let until = row.operation().and_then(OperationRow::held_until).unwrap_or(row.recorded_at);
    let points = Points::ZERO.minus(row.points)?;
    let mut captured = Points::ZERO;
    // What was drawn for it came before it.
    let ended = |row: &JournalRow| !matches!(row.kind(), JournalKind::PoolGiven | JournalKind::PoolDrawn);
    let state = match reading::journals_about(database, id).await?.into_iter().find(ended) {
        Some(end) if end.kind() == JournalKind::Capture => {
            let tx = database.snapshot().await?;
            let moved = ledger::moved(&tx, end.member, end.version).await?;
            tx.rollback().await?;
            let taken = moved.iter().filter(|(template, _)| *template == Template::Captured);
            captured = Points::sum(taken.map(|(_, lot)| lot.points))?;
            HoldState::Captured
        }
        Some(end) if end.request().is_some() => HoldState::Released,
        Some(_) => HoldState::Lapsed,
        None if until <= now => HoldState::Lapsed,
        // Closing an account frees what it held; a hold that is not aside any more and has no end of its own was freed so.
        None if !reading::is_held(database, row.member, id).await? => HoldState::Released,
        None => HoldState::Open,
    };
    Ok(Some(FoundHold { row, points, until, state, captured }))
}
