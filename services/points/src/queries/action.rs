//! What was recorded about an action, and how was it decided?

use std::sync::Arc;

use kernel::JournalId;
use store::Database;
use web::Problem;

use crate::{
    commands::record_actions::RecordedAction,
    error,
    store::{actions::ActionRow, programmes::ProgrammeCache, reading},
};

/// The action with the programme version that decided; `None` when there is none of this id.
///
/// # Errors
/// A fault.
pub async fn read(
    database: &Database,
    programmes: &ProgrammeCache,
    id: JournalId,
) -> Result<Option<RecordedAction>, Problem> {
    let row = reading::journal(database, id).await.map_err(error::fault)?;
    let Some((row, action)) = row.and_then(|row| {
        let action = ActionRow::of(&row)?;
        Some((row, action))
    }) else {
        return Ok(None);
    };
    let version = action.programme_version;
    let programme = programmes.version(database.connection(), version).await.map_err(error::fault)?;
    Ok(Some(RecordedAction { row: Arc::new(row), action, programme, replayed: false }))
}
