//! Sets up a till at a branch.

use kernel::{BranchCode, TillCode};

use super::{ATTEMPTS, Desk, Put};
use crate::{
    domain::till::{Till, enrol},
    error::{Error, Missing},
    store::{places, telling::Telling, tills},
};

/// Makes sure that there is a till of this code at this branch.
///
/// # Errors
/// [`Missing::Branch`], [`Error::Contended`], or a fault of the database.
pub async fn enrol_till(desk: &Desk, branch: BranchCode, code: TillCode) -> Result<Put<Till>, Error> {
    for _ in 0..ATTEMPTS {
        let now = desk.clock.now();
        let tx = desk.vault.database.begin().await?;
        if places::load_branch(&tx, &branch).await?.is_none() {
            return Err(Missing::Branch(branch).into());
        }
        if let Some(till) = tills::load_till(&tx, &branch, &code).await? {
            return Ok(Put::Known(till));
        }
        let (till, fact) = enrol(branch.clone(), code.clone(), now);
        if tills::insert_till(&tx, &till).await? {
            let mut telling = Telling::new(&*desk.ids, now);
            telling.tell(till.subject(), till.version, &fact);
            desk.conclude(tx, telling).await?;
            return Ok(Put::New(till));
        }
    }
    Err(Error::Contended)
}
