//! Writes rewards down, says when they are offered and how many there are.

use kernel::{BranchCode, RewardCode};

use super::{Desk, persistence::persistently};
use crate::{
    domain::{
        offer::{Offer, Schedule},
        reward::Terms,
    },
    error::{Error, Missing},
    store::{offers, stock},
};

/// Writes a reward's terms down: a draft for a code that is new, else its next version. What was redeemed stays as it was.
///
/// # Errors
/// [`Error::KindChanged`] where codes come out of a pool and did not before, or the other way round; a fault of the database.
pub async fn put_reward(desk: &Desk, code: &RewardCode, terms: &Terms) -> Result<Offer, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let known = offers::hold(&tx, code).await?;
        if known.as_ref().is_some_and(|known| known.terms.kind.is_pooled() != terms.kind.is_pooled()) {
            return Err(Error::KindChanged);
        }
        if let Some(known) = known.as_ref().filter(|known| known.terms == *terms) {
            let known = known.clone();
            tx.rollback().await?;
            return Ok(known);
        }
        let (version, schedule) =
            known.map_or((1, Schedule::default()), |known| (known.version + 1, known.schedule));
        let offer = Offer { code: code.clone(), version, terms: terms.clone(), schedule };
        let now = desk.teller.clock.now();
        offers::write(&tx, &offer, now).await?;
        if terms.kind.is_pooled() {
            // A pool that nothing was put into has nothing to give.
            stock::add(&tx, code, 0).await?;
        }
        tx.commit().await?;
        Ok(offer)
    })
    .await
}

/// Says from when until when a reward is offered.
///
/// # Errors
/// [`Missing::Reward`], or a fault of the database.
pub async fn schedule_reward(desk: &Desk, code: &RewardCode, schedule: Schedule) -> Result<Offer, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let offer = offers::hold(&tx, code).await?.ok_or(Missing::Reward)?;
        offers::schedule(&tx, code, schedule, desk.teller.clock.now()).await?;
        tx.commit().await?;
        Ok(Offer { schedule, ..offer })
    })
    .await
}

/// Says how many of a reward there are, all in all, for the chain or at a branch.
///
/// # Errors
/// [`Missing::Reward`], [`Error::Pooled`], [`crate::domain::refusal::Refusal::StockTooSmall`], or a fault of the database.
pub async fn set_stock(
    desk: &Desk,
    code: &RewardCode,
    branch: Option<&BranchCode>,
    units: i64,
) -> Result<(), Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let offer = offers::hold(&tx, code).await?.ok_or(Missing::Reward)?;
        if offer.terms.kind.is_pooled() {
            return Err(Error::Pooled);
        }
        stock::set(&tx, code, branch, units).await?;
        Ok(tx.commit().await?)
    })
    .await
}
