//! Somebody of finance says what became of money that no checkout wanted.

use kernel::{PaymentId, StaffId};

use super::Desk;
use crate::{
    domain::{
        checkout::CheckoutRefusal,
        rejection::Rejection,
        stray::{Outcome, Stray},
    },
    error::{Error, Missing},
    store::strays,
};

/// Settles a stray payment; the same word again changes nothing.
///
/// # Errors
/// [`Missing::Stray`], [`CheckoutRefusal::Settled`] with another word, or a fault of the database.
pub async fn settle_stray(
    desk: &Desk,
    id: PaymentId,
    outcome: Outcome,
    by: Option<StaffId>,
) -> Result<Stray, Error> {
    let tx = desk.vault.database.begin().await?;
    strays::settle(&tx, id, outcome, by, desk.clock.now()).await?;
    let settled = strays::load(&tx, id).await?.ok_or(Missing::Stray)?;
    tx.commit().await?;
    if settled.outcome == Some(outcome) {
        Ok(settled)
    } else {
        Err(Rejection::from(CheckoutRefusal::Settled).into())
    }
}
