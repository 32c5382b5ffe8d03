//! What was recorded about a purchase, and how was it decided?

use std::sync::Arc;

use kernel::JournalId;
use store::Database;
use web::Problem;

use crate::{
    commands::record_purchases::Recorded,
    error,
    store::{programmes::ProgrammeCache, reading},
};

/// The purchase with the programme version that decided; `None` when there is none of this id.
///
/// # Errors
/// A fault.
pub async fn read(
    database: &Database,
    programmes: &ProgrammeCache,
    id: JournalId,
) -> Result<Option<Recorded>, Problem> {
    let row = reading::journal(database, id).await.map_err(error::fault)?;
    let Some((row, version)) = row.and_then(|row| {
        let version = row.purchase()?.programme_version;
        Some((row, version))
    }) else {
        return Ok(None);
    };
    let programme = programmes.version(database.connection(), version).await.map_err(error::fault)?;
    Ok(Some(Recorded { row: Arc::new(row), programme, replayed: false }))
}
