//! Opens a region, or gives it other names.

use kernel::RegionCode;

use super::{ATTEMPTS, Desk, Put};
use crate::{
    domain::{
        name::PlaceNames,
        place::{Change, Region, open_region as decide},
    },
    error::Error,
    store::{places, telling::Telling},
};

/// Makes sure that there is a region of this code with these names.
///
/// # Errors
/// [`Error::Contended`], or a fault of the database.
pub async fn open_region(desk: &Desk, code: RegionCode, names: PlaceNames) -> Result<Put<Region>, Error> {
    for _ in 0..ATTEMPTS {
        let now = desk.clock.now();
        let tx = desk.vault.database.begin().await?;
        let known = places::hold_region(&tx, &code).await?;
        let mut telling = Telling::new(&*desk.ids, now);
        match decide(known, code.clone(), names.clone(), now) {
            Change::None(region) => return Ok(Put::Known(region)),
            Change::Opened(region, fact) => {
                if places::insert_region(&tx, &region).await? {
                    telling.tell(code.to_string(), region.version, &fact);
                    desk.conclude(tx, telling).await?;
                    return Ok(Put::New(region));
                }
            }
            Change::Changed(region, fact) => {
                places::update_region(&tx, &region).await?;
                telling.tell(code.to_string(), region.version, &fact);
                desk.conclude(tx, telling).await?;
                return Ok(Put::Known(region));
            }
        }
    }
    Err(Error::Contended)
}
