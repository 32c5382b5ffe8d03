//! Gifts that are promised become vouchers, or come to nothing: budget, stock, voucher and fact in one transaction.

use contracts::rewards::{GiftGiven, VoucherIssued};
use kernel::{GiftId, Timestamp, VoucherId};
use store::Tx;

use super::{
    Codes, Desk, Telling,
    persistence::persistently,
    redeem::{remind_at, usable_at},
    ticket,
};
use crate::{
    domain::{
        gift::{State, WhyEnded},
        gift_rule::DAY_MS,
        offer::{Offer, OfferState},
        refusal::Refusal,
        voucher::{State as VoucherState, Voucher},
    },
    error::Error,
    store::{
        coupons, erasures,
        gifts::{self, Gift},
        offers, stock,
        vouchers::{self, Kept, Origin},
    },
};

/// How many are looked at together.
const BATCH: u32 = 100;

/// Gives some of what is promised; answers how many gifts there were.
///
/// # Errors
/// A fault of the database.
pub async fn give_gifts(desk: &Desk) -> Result<usize, Error> {
    let due = gifts::due(desk.database.connection(), BATCH).await?;
    for id in &due {
        let given = persistently(|| give(desk, *id)).await?;
        if let Some(why) = given {
            persistently(|| end(desk, *id, why)).await?;
        }
    }
    Ok(due.len())
}

/// Gives one; why it cannot be, where nothing was done.
async fn give(desk: &Desk, id: GiftId) -> Result<Option<WhyEnded>, Error> {
    let tx = desk.database.begin().await?;
    let found = gifts::hold(&tx, id).await?.filter(|gift| gift.state == State::Due);
    let Some(mut gift) = found else {
        tx.rollback().await?;
        return Ok(None);
    };
    let mut telling = Telling::new(&desk.teller, None);
    match hand_out(desk, &tx, &mut gift, &mut telling).await {
        Ok(()) => {}
        Err(NotGiven::Why(why)) => {
            tx.rollback().await?;
            return Ok(Some(why));
        }
        Err(NotGiven::Fault(fault)) => return Err(fault),
    }
    telling.stage(&tx).await?;
    tx.commit().await?;
    desk.teller.relay.wake();
    Ok(None)
}

/// Gives what was promised in this very transaction, for whoever waits for it.
///
/// # Errors
/// [`Refusal::NotOffered`] or [`Refusal::OutOfStock`] of its reward, or a fault of the database.
pub(super) async fn hand_over(
    desk: &Desk,
    tx: &Tx,
    id: GiftId,
    telling: &mut Telling<'_>,
) -> Result<(), Error> {
    let Some(mut gift) = gifts::hold(tx, id).await? else { return Ok(()) };
    match hand_out(desk, tx, &mut gift, telling).await {
        Ok(()) => Ok(()),
        Err(NotGiven::Why(WhyEnded::OutOfStock)) => Err(Refusal::OutOfStock.into()),
        Err(NotGiven::Why(_)) => Err(Refusal::NotOffered.into()),
        Err(NotGiven::Fault(fault)) => Err(fault),
    }
}

async fn end(desk: &Desk, id: GiftId, why: WhyEnded) -> Result<(), Error> {
    let tx = desk.database.begin().await?;
    if let Some(mut gift) = gifts::hold(&tx, id).await?.filter(|gift| gift.state == State::Due) {
        gifts::end(&tx, &mut gift, why, desk.teller.clock.now()).await?;
    }
    Ok(tx.commit().await?)
}

/// Why a gift is not given.
enum NotGiven {
    Why(WhyEnded),
    Fault(Error),
}

impl<E: Into<Error>> From<E> for NotGiven {
    fn from(error: E) -> Self {
        match error.into() {
            // A branch that keeps none, or where none is left.
            Error::Refused(_) => Self::Why(WhyEnded::OutOfStock),
            fault => Self::Fault(fault),
        }
    }
}

async fn hand_out(desk: &Desk, tx: &Tx, gift: &mut Gift, telling: &mut Telling<'_>) -> Result<(), NotGiven> {
    let now = telling.now();
    if erasures::is_erased(tx, gift.member).await? {
        return Err(NotGiven::Why(WhyEnded::MemberErased));
    }
    let known = offers::load(tx, &gift.reward).await?;
    // What others deliver is theirs to deliver for points, and for nothing else.
    let open = known.filter(|offer| {
        offer.schedule.state(now) != OfferState::Retired && offer.terms.kind.delivered_by().is_none()
    });
    let offer = open.ok_or(NotGiven::Why(WhyEnded::NotOffered))?;
    if gift.budgeted && !gifts::spend(tx, &gift.source).await? {
        return Err(NotGiven::Why(WhyEnded::BudgetSpent));
    }
    gift.taken = stock::reserve(tx, &gift.reward, gift.branch.as_ref()).await?;
    stock::issue(tx, &gift.reward, gift.branch.as_ref(), gift.taken).await?;
    gift.voucher = voucher(desk, tx, &offer, gift, telling).await?;
    if gift.voucher.is_none() {
        gifts::note_version(tx, gift.id, offer.version).await?;
    }
    (gift.state, gift.ended_at) = (State::Given, Some(now));
    let told = GiftGiven {
        gift_id: gift.id,
        member_id: gift.member,
        reward: gift.reward.clone(),
        why: gift.why,
        voucher_id: gift.voucher,
    };
    telling.tell(gift.id.to_string(), &mut gift.told, &told);
    Ok(gifts::update(tx, gift).await?)
}

/// The voucher of a gift, which its member has at once; nothing for a reward that is given without one.
async fn voucher(
    desk: &Desk,
    tx: &Tx,
    offer: &Offer,
    gift: &Gift,
    telling: &mut Telling<'_>,
) -> Result<Option<VoucherId>, Error> {
    let Some(worth) = offer.terms.kind.worth() else { return Ok(None) };
    let (id, now) = (VoucherId::from_uuid(desk.teller.ids.uuid()), telling.now());
    let code = if offer.terms.kind.is_pooled() {
        None
    } else {
        let code = Codes::mint(&*desk.teller.ids);
        Some(desk.codes.row(id.as_uuid(), code.as_str(), desk.nonce())?)
    };
    let usual = (ends(offer, now), usable_at(tx, offer, gift.branch.as_ref()).await?);
    let (valid_until, usable_at) = ticket::terms(tx, &offer.terms.kind).await?.unwrap_or(usual);
    let mut fresh = Kept {
        id,
        origin: Origin::Gift(gift.id),
        member: gift.member,
        reward: gift.reward.clone(),
        version: offer.version,
        money: offer.terms.money,
        sealed: None,
        coupon: None,
        issued_at: Some(now),
        ended_at: None,
        told: 0,
        voucher: Voucher {
            state: VoucherState::Issued,
            worth,
            valid_until,
            branches: usable_at,
            uses: Vec::new(),
        },
    };
    vouchers::insert(tx, &fresh, code.as_ref(), (now, remind_at(desk, &fresh, now))).await?;
    if offer.terms.kind.is_pooled() {
        // One was reserved for it, so there is one.
        let taken = coupons::take(tx, &gift.reward, id).await?;
        fresh.coupon = Some(taken.ok_or_else(|| anyhow::anyhow!("the pool of {} is empty", gift.reward))?);
    }
    let told = VoucherIssued {
        voucher_id: id,
        member_id: gift.member,
        reward: gift.reward.clone(),
        redemption_id: None,
        gift_id: Some(gift.id),
        valid_until: fresh.voucher.valid_until,
    };
    telling.tell(id.to_string(), &mut fresh.told, &told);
    vouchers::update(tx, &fresh).await?;
    Ok(Some(id))
}

fn ends(offer: &Offer, now: Timestamp) -> Timestamp {
    now.plus_millis(i64::from(offer.terms.voucher_days) * DAY_MS)
}
