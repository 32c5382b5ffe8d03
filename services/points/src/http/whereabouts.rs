//! Where branches are, for faces that let people of a region in.

use std::sync::Arc;

use store::Database;
use web::Whereabouts;

use crate::{error::fault, store::places};

/// To which regions branches belong, as membership told it.
pub(super) fn of(database: Database) -> Whereabouts {
    Arc::new(move |branch| {
        let database = database.clone();
        Box::pin(async move { places::region_of(&database, &branch).await.map_err(fault) })
    })
}
