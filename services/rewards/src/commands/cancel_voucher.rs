//! A voucher is called back: it cannot be used any more, and its code is forgotten.

use contracts::rewards::VoucherCancelled;
use kernel::VoucherId;
use store::Tx;

use super::{Desk, Telling, persistence::persistently};
use crate::{
    domain::{refusal::Refusal, voucher::State},
    error::{Error, Missing},
    store::vouchers::{self, Kept},
};

/// Cancels a voucher of which something is left; one that is cancelled stays so.
///
/// # Errors
/// [`Missing::Voucher`], [`Refusal::NotUsable`] where it is used or over, or a fault of the database.
pub async fn cancel_voucher(desk: &Desk, id: VoucherId, traceparent: Option<&str>) -> Result<Kept, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let mut telling = Telling::new(&desk.teller, traceparent);
        let voucher = cancel(&tx, id, &mut telling).await?;
        telling.stage(&tx).await?;
        tx.commit().await?;
        desk.teller.relay.wake();
        Ok(voucher)
    })
    .await
}

pub(super) async fn cancel(tx: &Tx, id: VoucherId, telling: &mut Telling<'_>) -> Result<Kept, Error> {
    let known = vouchers::hold(tx, id).await?.filter(|voucher| voucher.issued_at.is_some());
    let mut voucher = known.ok_or(Missing::Voucher)?;
    match voucher.voucher.stands(telling.now()) {
        State::Issued => {}
        State::Cancelled => return Ok(voucher),
        state => return Err(Refusal::NotUsable(state).into()),
    }
    let told = VoucherCancelled {
        voucher_id: id,
        member_id: voucher.member,
        reward: voucher.reward.clone(),
        left: voucher.voucher.left(telling.now()),
    };
    voucher.voucher.state = State::Cancelled;
    voucher.ended_at = Some(telling.now());
    telling.tell(id.to_string(), &mut voucher.told, &told);
    vouchers::update(tx, &voucher).await?;
    Ok(voucher)
}
