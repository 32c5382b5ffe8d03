//! What follows from what is heard about a redemption, in the transaction of whoever heard it.

use contracts::rewards::{
    RedemptionCompleted, RedemptionFulfilled, RedemptionReleased, VoucherIssued, WhyReleased,
};
use kernel::{Points, RedemptionId, Timestamp, VoucherId};
use store::Tx;

use super::{
    Teller, Telling, cancel_voucher::cancel, draws::tickets::settle_redemption, follow_seats, fulfil::entrust,
};
use crate::{
    domain::{
        draw::EntryState,
        redemption::{Heard, Step, decide},
        voucher::State as VoucherState,
    },
    error::Error,
    store::{
        cancellations, coupons, erasures, offers,
        redemptions::{self, Redemption},
        stock, tallies, vouchers,
    },
};

/// Lets a redemption go on by what was heard; one that there is not is another's hold, and none of ours.
///
/// # Errors
/// A fault of the database.
pub async fn follow(
    teller: &Teller,
    tx: &Tx,
    id: RedemptionId,
    heard: Heard,
    (missing, traceparent): (Option<Points>, Option<&str>),
) -> Result<(), Error> {
    let Some(mut redemption) = redemptions::hold(tx, id).await? else { return Ok(()) };
    let entrusted = match heard {
        Heard::Held => offers::version(tx, &redemption.reward, redemption.version).await?.kind.delivered_by(),
        _ => None,
    };
    let heard = if entrusted.is_some() { Heard::HeldForDelivery } else { heard };
    let step = decide(redemption.state, heard);
    let mut telling = Telling::new(teller, traceparent);
    match step {
        // Nobody is told to cancel: it is asked for, and done with the voucher.
        Step::Stay | Step::Cancel => return Ok(()),
        Step::Refund => cancellations::note_end(tx, id, telling.now()).await?,
        Step::Forfeit(why) => {
            redemption.reason = Some(word(why));
            cancellations::note_end(tx, id, telling.now()).await?;
        }
        Step::Entrust => {
            if let Some(way) = entrusted {
                entrust(tx, &redemption, way, telling.now()).await?;
            }
        }
        Step::Fulfil => fulfil(tx, &mut redemption, &mut telling).await?,
        Step::Complete => complete(tx, &mut redemption, &mut telling).await?,
        Step::Release(why) => {
            redemption.missing = missing.map(Points::count);
            release(tx, &mut redemption, why, &mut telling).await?;
        }
    }
    redemption.state = step.leads_to(redemption.state);
    if redemption.state.is_over() && redemption.ended_at.is_none() {
        redemption.ended_at = Some(telling.now());
    }
    redemptions::update(tx, &redemption).await?;
    telling.stage(tx).await
}

async fn fulfil(tx: &Tx, of: &mut Redemption, telling: &mut Telling<'_>) -> Result<(), Error> {
    if let Some(mut voucher) = vouchers::of_redemption(tx, of.id).await?
        && vouchers::lacks_code(tx, voucher.id).await?
    {
        // One was reserved for it, so there is one.
        let taken = coupons::take(tx, &of.reward, voucher.id).await?;
        voucher.coupon = Some(taken.ok_or_else(|| anyhow::anyhow!("the pool of {} is empty", of.reward))?);
        vouchers::update(tx, &voucher).await?;
    }
    tell_fulfilled(of, telling);
    Ok(())
}

/// Everything is ready: points may redeem what it costs.
fn tell_fulfilled(of: &mut Redemption, telling: &mut Telling<'_>) {
    let told = RedemptionFulfilled { redemption_id: of.id, member_id: of.member };
    telling.tell(of.id.to_string(), &mut of.told, &told);
}

/// The member has it, with this voucher where there is one.
pub(super) fn tell_completed(of: &mut Redemption, voucher: Option<VoucherId>, telling: &mut Telling<'_>) {
    let told = RedemptionCompleted {
        redemption_id: of.id,
        member_id: of.member,
        reward: of.reward.clone(),
        points: of.points,
        voucher_id: voucher,
        branch: of.branch.clone(),
    };
    telling.tell(of.id.to_string(), &mut of.told, &told);
}

/// The voucher of a redemption is its member's.
pub(super) fn tell_issued(
    of: &Redemption,
    (voucher, valid_until): (VoucherId, Timestamp),
    count: &mut u64,
    telling: &mut Telling<'_>,
) {
    let told = VoucherIssued {
        voucher_id: voucher,
        member_id: of.member,
        reward: of.reward.clone(),
        redemption_id: Some(of.id),
        gift_id: None,
        valid_until,
    };
    telling.tell(voucher.to_string(), count, &told);
}

async fn complete(tx: &Tx, of: &mut Redemption, telling: &mut Telling<'_>) -> Result<(), Error> {
    stock::issue(tx, &of.reward, of.branch.as_ref(), of.taken).await?;
    let voucher = vouchers::of_redemption(tx, of.id).await?;
    tell_completed(of, voucher.as_ref().map(|voucher| voucher.id), telling);
    follow_seats::paid(tx, of.id.as_uuid(), telling).await?;
    let Some(mut voucher) = voucher else {
        return settle_redemption(tx, of, EntryState::Live).await;
    };
    voucher.voucher.state = VoucherState::Issued;
    voucher.issued_at = Some(telling.now());
    tell_issued(of, (voucher.id, voucher.voucher.valid_until), &mut voucher.told, telling);
    vouchers::update(tx, &voucher).await?;
    if erasures::is_erased(tx, of.member).await? {
        // They left while their points were under way: nobody is there to use it.
        cancel(tx, voucher.id, telling).await?;
    }
    Ok(())
}

async fn release(
    tx: &Tx,
    of: &mut Redemption,
    why: WhyReleased,
    telling: &mut Telling<'_>,
) -> Result<(), Error> {
    let periods = of.counted.split(',').filter(|period| !period.is_empty());
    tallies::uncount(tx, &of.reward, of.member, periods).await?;
    if let Some(mut voucher) = vouchers::of_redemption(tx, of.id).await? {
        voucher.voucher.state = VoucherState::Cancelled;
        voucher.ended_at = Some(telling.now());
        if let Some(coupon) = voucher.coupon.take() {
            coupons::put_back(tx, coupon).await?;
        }
        vouchers::update(tx, &voucher).await?;
    } else {
        settle_redemption(tx, of, EntryState::Gone).await?;
    }
    follow_seats::unpaid(tx, of.id.as_uuid(), telling).await?;
    stock::give_back(tx, &of.reward, of.branch.as_ref(), of.taken).await?;
    of.reason = Some(word(why));
    let told = RedemptionReleased {
        redemption_id: of.id,
        member_id: of.member,
        reward: of.reward.clone(),
        points: of.points,
        reason: why,
    };
    telling.tell(of.id.to_string(), &mut of.told, &told);
    Ok(())
}

/// The word of a reason, as facts and answers have it.
fn word(why: WhyReleased) -> String {
    let word = serde_json::to_value(why).ok();
    word.and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}
