//! Opens a branch, moves it to another region, or gives it other names or another time zone.

use super::{ATTEMPTS, Desk, Put};
use crate::{
    domain::place::{Branch, BranchPlan, Change, open_branch as decide},
    error::{Error, Missing},
    store::{places, telling::Telling},
};

/// Makes sure that there is a branch as planned.
///
/// # Errors
/// [`Missing::Region`], [`Error::Contended`], or a fault of the database.
pub async fn open_branch(desk: &Desk, plan: BranchPlan) -> Result<Put<Branch>, Error> {
    for _ in 0..ATTEMPTS {
        let now = desk.clock.now();
        let tx = desk.vault.database.begin().await?;
        if places::load_region(&tx, &plan.region).await?.is_none() {
            return Err(Missing::Region(plan.region).into());
        }
        let known = places::hold_branch(&tx, &plan.code).await?;
        let mut telling = Telling::new(&*desk.ids, now);
        match decide(known, plan.clone(), now) {
            Change::None(branch) => return Ok(Put::Known(branch)),
            Change::Opened(branch, fact) => {
                if places::insert_branch(&tx, &branch).await? {
                    telling.tell(branch.code.to_string(), branch.version, &fact);
                    desk.conclude(tx, telling).await?;
                    return Ok(Put::New(branch));
                }
            }
            Change::Changed(branch, fact) => {
                places::update_branch(&tx, &branch).await?;
                telling.tell(branch.code.to_string(), branch.version, &fact);
                desk.conclude(tx, telling).await?;
                return Ok(Put::Known(branch));
            }
        }
    }
    Err(Error::Contended)
}
