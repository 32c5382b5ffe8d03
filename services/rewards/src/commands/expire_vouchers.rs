//! Writes down that the time of vouchers is over, and tells it. They cannot be used from that instant on, whether or not this ran.

use contracts::rewards::VoucherExpired;
use kernel::VoucherId;

use super::{Desk, Telling, persistence::persistently};
use crate::{domain::voucher::State, error::Error, store::vouchers};

/// How many are looked at together.
const BATCH: u32 = 100;

/// Writes it down for some of those that are over; answers how many there were.
///
/// # Errors
/// A fault of the database.
pub async fn expire_vouchers(desk: &Desk) -> Result<usize, Error> {
    let now = desk.teller.clock.now();
    let due = vouchers::over(desk.database.connection(), now, BATCH).await?;
    for id in &due {
        persistently(|| expire(desk, *id)).await?;
    }
    Ok(due.len())
}

async fn expire(desk: &Desk, id: VoucherId) -> Result<(), Error> {
    let tx = desk.database.begin().await?;
    let mut telling = Telling::new(&desk.teller, None);
    let found = vouchers::hold(&tx, id).await?;
    let over = |kept: &vouchers::Kept| {
        kept.voucher.state == State::Issued && kept.voucher.stands(telling.now()) == State::Expired
    };
    let Some(mut kept) = found.filter(over) else {
        return Ok(tx.rollback().await?);
    };
    let told = VoucherExpired {
        voucher_id: id,
        member_id: kept.member,
        reward: kept.reward.clone(),
        left: kept.voucher.left(telling.now()),
    };
    kept.voucher.state = State::Expired;
    kept.ended_at = Some(telling.now());
    telling.tell(id.to_string(), &mut kept.told, &told);
    vouchers::update(&tx, &kept).await?;
    telling.stage(&tx).await?;
    tx.commit().await?;
    desk.teller.relay.wake();
    Ok(())
}
