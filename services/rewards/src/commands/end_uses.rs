//! A reservation becomes a use, or a use is taken back. Doing it again changes nothing.

use contracts::rewards::VoucherUseCancelled;
use kernel::{BranchCode, VoucherUseId};
use store::Tx;

use super::{
    Desk, Telling,
    follow_seats::attend,
    persistence::persistently,
    use_voucher::{Taken, tell_use},
};
use crate::{
    domain::voucher::UseState,
    error::{Error, Missing},
    store::{
        uses::{self, KeptUse},
        vouchers::{self, Kept},
    },
};

/// Makes a reservation a use.
///
/// # Errors
/// [`Missing::Use`] also for another branch's, [`crate::domain::refusal::Refusal::UseOver`], or a fault of the database.
pub async fn confirm_use(
    desk: &Desk,
    id: VoucherUseId,
    branch: &BranchCode,
    traceparent: Option<&str>,
) -> Result<Taken, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let (mut own, mut voucher) = held(&tx, id, branch).await?;
        let mut telling = Telling::new(&desk.teller, traceparent);
        if own.own.state == UseState::Used {
            tx.rollback().await?;
            return Ok(Taken { own, voucher, replayed: true });
        }
        voucher.voucher.confirm(id, telling.now())?;
        (own.own.state, own.own.until) = (UseState::Used, None);
        uses::update(&tx, id, UseState::Used, telling.now()).await?;
        tell_use(&mut voucher, &own, &mut telling);
        attend(&tx, &voucher, &mut telling).await?;
        vouchers::update(&tx, &voucher).await?;
        telling.stage(&tx).await?;
        tx.commit().await?;
        desk.teller.relay.wake();
        Ok(Taken { own, voucher, replayed: false })
    })
    .await
}

/// Takes a use or a reservation back.
///
/// # Errors
/// [`Missing::Use`] also for another branch's, or a fault of the database.
pub async fn cancel_use(
    desk: &Desk,
    id: VoucherUseId,
    branch: &BranchCode,
    traceparent: Option<&str>,
) -> Result<Taken, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let (mut own, mut voucher) = held(&tx, id, branch).await?;
        if own.own.state == UseState::Cancelled {
            tx.rollback().await?;
            return Ok(Taken { own, voucher, replayed: true });
        }
        let was_used = own.own.state == UseState::Used;
        let mut telling = Telling::new(&desk.teller, traceparent);
        voucher.voucher.give_back(id);
        (own.own.state, own.own.until) = (UseState::Cancelled, None);
        uses::update(&tx, id, UseState::Cancelled, telling.now()).await?;
        if was_used {
            let told = VoucherUseCancelled {
                voucher_id: voucher.id,
                member_id: voucher.member,
                reward: voucher.reward.clone(),
                use_id: id,
                amount: own.own.amount,
                left: voucher.voucher.left(telling.now()),
            };
            telling.tell(voucher.id.to_string(), &mut voucher.told, &told);
        }
        vouchers::update(&tx, &voucher).await?;
        telling.stage(&tx).await?;
        tx.commit().await?;
        desk.teller.relay.wake();
        Ok(Taken { own, voucher, replayed: false })
    })
    .await
}

async fn held(tx: &Tx, id: VoucherUseId, branch: &BranchCode) -> Result<(KeptUse, Kept), Error> {
    let known = uses::load(tx, id).await?.filter(|own| own.branch == *branch).ok_or(Missing::Use)?;
    let voucher = vouchers::hold(tx, known.voucher).await?.ok_or(Missing::Use)?;
    // Read again, now that nobody else changes it.
    let own = uses::load(tx, id).await?.ok_or(Missing::Use)?;
    Ok((own, voucher))
}
