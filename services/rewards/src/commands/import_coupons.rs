//! Takes codes of a partner into the pool of a reward; the stock grows by as many as are new.

use kernel::RewardCode;

use super::{Desk, persistence::persistently};
use crate::{
    error::{Error, Missing},
    store::{coupons, offers, stock},
};

/// Imports codes; answers how many were new.
///
/// # Errors
/// [`Missing::Reward`], [`Error::NotPooled`], or a fault of the database.
pub async fn import_coupons(desk: &Desk, code: &RewardCode, codes: &[String]) -> Result<i64, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let offer = offers::hold(&tx, code).await?.ok_or(Missing::Reward)?;
        if !offer.terms.kind.is_pooled() {
            return Err(Error::NotPooled);
        }
        let (mut fresh, now) = (0, desk.teller.clock.now());
        for text in codes {
            let id = desk.teller.ids.uuid();
            let row = desk.codes.row(id, text, desk.nonce())?;
            fresh += i64::from(coupons::insert(&tx, id, code, &row, now).await?);
        }
        stock::add(&tx, code, fresh).await?;
        tx.commit().await?;
        Ok(fresh)
    })
    .await
}
