//! How far is a simulation, and what did it come to?

use store::Database;
use uuid::Uuid;
use web::Problem;

use crate::{
    error,
    store::simulations::{self, Simulation},
};

/// The simulation; `None` when there is none of this id.
///
/// # Errors
/// A fault.
pub async fn read(database: &Database, id: Uuid) -> Result<Option<Simulation>, Problem> {
    simulations::load(database.connection(), id).await.map_err(error::fault)
}
