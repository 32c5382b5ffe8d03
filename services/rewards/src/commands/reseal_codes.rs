//! Seals by the newest master key what an older one sealed.

use super::{Desk, persistence::persistently};
use crate::{
    error::Error,
    store::{bearer_codes, coupons, vouchers},
};

/// How many one transaction touches.
const BATCH: u32 = 200;

/// Seals some codes anew; answers how many there were.
///
/// # Errors
/// A code that does not open, or a fault of the database.
pub async fn reseal_codes(desk: &Desk) -> Result<usize, Error> {
    persistently(|| async {
        let (tx, key) = (desk.database.begin().await?, desk.codes.current());
        let own = vouchers::sealed_by_others(&tx, key, BATCH).await?;
        for (id, sealed) in &own {
            let row = desk.codes.row(*id, &desk.codes.open(*id, sealed)?, desk.nonce())?;
            vouchers::reseal(&tx, *id, row.sealed, key).await?;
        }
        let pooled = coupons::sealed_by_others(&tx, key, BATCH).await?;
        for (id, sealed) in &pooled {
            let row = desk.codes.row(*id, &desk.codes.open(*id, sealed)?, desk.nonce())?;
            coupons::reseal(&tx, *id, row.sealed, key).await?;
        }
        let bearers = bearer_codes::sealed_by_others(&tx, key, BATCH).await?;
        for (id, sealed) in &bearers {
            let row = desk.codes.row(*id, &desk.codes.open(*id, sealed)?, desk.nonce())?;
            bearer_codes::reseal(&tx, *id, row.sealed, key).await?;
        }
        tx.commit().await?;
        Ok(own.len() + pooled.len() + bearers.len())
    })
    .await
}
