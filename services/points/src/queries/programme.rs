//! Which versions of the programme are there, and where is each in its life?

use kernel::Timestamp;
use store::Database;
use web::Problem;

use crate::{
    domain::{Schedule, VersionState},
    error,
    store::programmes::{self, StoredVersion},
};

/// A version with what the schedule says of it.
#[derive(Clone, Debug)]
pub struct Version {
    /// The version.
    pub stored: StoredVersion,
    /// Where it is in its life.
    pub state: VersionState,
    /// When another one takes over, or took over.
    pub live_until: Option<Timestamp>,
}

/// Every version, newest first.
///
/// # Errors
/// A fault.
pub async fn versions(database: &Database, now: Timestamp) -> Result<Vec<Version>, Problem> {
    let stored = programmes::all(database.connection()).await.map_err(error::fault)?;
    let schedule = programmes::schedule(database.connection()).await.map_err(error::fault)?;
    Ok(stored.into_iter().map(|stored| placed(stored, &schedule, now)).collect())
}

/// One version; `None` when there is none of this number.
///
/// # Errors
/// A fault.
pub async fn version(database: &Database, number: u32, now: Timestamp) -> Result<Option<Version>, Problem> {
    let stored = programmes::load(database.connection(), number).await.map_err(error::fault)?;
    let schedule = programmes::schedule(database.connection()).await.map_err(error::fault)?;
    Ok(stored.map(|stored| placed(stored, &schedule, now)))
}

/// The version that is live, and the one that will be next.
///
/// # Errors
/// A fault.
pub async fn live(
    database: &Database,
    now: Timestamp,
) -> Result<(Option<Version>, Option<Version>), Problem> {
    let schedule = programmes::schedule(database.connection()).await.map_err(error::fault)?;
    let coming = schedule.coming(now).next().map(|next| next.version);
    let mut found = [None, None];
    for (place, number) in found.iter_mut().zip([schedule.live_at(now), coming]) {
        let Some(number) = number else { continue };
        let stored = programmes::load(database.connection(), number).await.map_err(error::fault)?;
        *place = stored.map(|stored| placed(stored, &schedule, now));
    }
    Ok(found.into())
}

fn placed(stored: StoredVersion, schedule: &Schedule, now: Timestamp) -> Version {
    let number = stored.programme.version;
    let (state, live_until) = (schedule.state(number, now), schedule.live_until(number));
    Version { stored, state, live_until }
}
