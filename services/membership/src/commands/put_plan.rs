//! Says what the chain sells. What was paid for stays as it was paid.

use kernel::PlanCode;

use super::{ATTEMPTS, Desk, Put};
use crate::{
    domain::{
        plan::{PLANS_LIMIT, Plan, PlanTerms},
        rejection::Rejection,
        subscription::PlanRefusal,
    },
    error::Error,
    store::plans,
};

/// Makes sure that a plan is sold on these terms from now on; the same ones again are no new version.
///
/// # Errors
/// [`PlanRefusal::TooMany`], [`Error::Contended`], or a fault of the database.
pub async fn put_plan(desk: &Desk, code: PlanCode, terms: PlanTerms) -> Result<Put<Plan>, Error> {
    for _ in 0..ATTEMPTS {
        let tx = desk.vault.database.begin().await?;
        let before = plans::newest(&tx, &code).await?;
        let version = match before {
            Some(known) if known.terms == terms => return Ok(Put::Known(known)),
            Some(known) => known.version + 1,
            None if plans::all(&tx).await?.len() >= PLANS_LIMIT => {
                return Err(Rejection::from(PlanRefusal::TooMany { limit: PLANS_LIMIT }).into());
            }
            None => 1,
        };
        let next = Plan { code: code.clone(), version, terms: terms.clone() };
        if plans::insert(&tx, &next, desk.clock.now()).await? {
            tx.commit().await?;
            return Ok(if version == 1 { Put::New(next) } else { Put::Known(next) });
        }
    }
    Err(Error::Contended)
}
