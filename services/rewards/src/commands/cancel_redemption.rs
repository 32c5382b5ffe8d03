//! A redemption that is done is cancelled: its voucher is called back first, what was given is there again, and points is told to
//! give back what it cost, all in one transaction. What becomes of the points is heard later ([`super::follow`]).

use contracts::rewards::{RedemptionCancelled, WhoCancelled};
use kernel::RedemptionId;
use store::Tx;

use super::{
    Desk, Telling, cancel_voucher::cancel, draws::tickets::take_back_tickets, follow_seats,
    persistence::persistently,
};
use crate::{
    domain::{
        cancellation::{By, may_cancel},
        redemption::State,
        voucher::State as VoucherState,
    },
    error::{Error, Missing},
    store::{
        cancellations::{self, Cancelled},
        redemptions::{self, Redemption},
        stock::{self, Taken},
        tallies, vouchers,
    },
};

/// What is to be cancelled, and by whom.
#[derive(Clone, Debug)]
pub struct Cancelling {
    /// Which redemption.
    pub id: RedemptionId,
    /// Whether its member does it, or the chain.
    pub who: WhoCancelled,
    /// Who: `member`, `operator`, or the id of one of the staff.
    pub actor: String,
    /// Why, where the chain does it.
    pub reason: Option<String>,
    /// Trace context of the request, when it is sampled.
    pub traceparent: Option<String>,
}

/// Cancels a redemption; one that is cancelled stays so.
///
/// # Errors
/// [`Missing::Redemption`], [`crate::domain::refusal::Refusal`], or a fault of the database.
pub async fn cancel_redemption(desk: &Desk, wanted: &Cancelling) -> Result<Redemption, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let mut telling = Telling::new(&desk.teller, wanted.traceparent.as_deref());
        let cancelled = within(&tx, wanted, &mut telling).await?;
        telling.stage(&tx).await?;
        tx.commit().await?;
        desk.teller.relay.wake();
        Ok(cancelled)
    })
    .await
}

/// The same within a transaction.
pub(super) async fn within(
    tx: &Tx,
    wanted: &Cancelling,
    telling: &mut Telling<'_>,
) -> Result<Redemption, Error> {
    let mut own = redemptions::hold(tx, wanted.id).await?.ok_or(Missing::Redemption)?;
    if own.state.is_undone() {
        return Ok(own);
    }
    let voucher = match vouchers::of_redemption(tx, own.id).await? {
        Some(found) => vouchers::hold(tx, found.id).await?,
        None => None,
    };
    let by = match wanted.who {
        WhoCancelled::Member => By::Member { until: own.cancel_by },
        WhoCancelled::Chain => By::Chain,
    };
    may_cancel(own.state, by, voucher.as_ref().map(|kept| &kept.voucher), telling.now())?;
    if let Some(kept) = voucher.as_ref().filter(|kept| kept.voucher.state == VoucherState::Issued) {
        cancel(tx, kept.id, telling).await?;
    }
    if voucher.is_none() {
        take_back_tickets(tx, &own).await?;
    }
    // The member has seen a partner's code, so nobody else gets it.
    if voucher.as_ref().is_none_or(|kept| kept.coupon.is_none()) {
        stock::take_back(tx, &own.reward, own.branch.as_ref(), own.taken).await?;
        cancellations::note_back(tx, own.id).await?;
        own.taken = Taken::default();
    }
    let periods = own.counted.split(',').filter(|period| !period.is_empty());
    tallies::uncount(tx, &own.reward, own.member, periods).await?;
    follow_seats::given_back(tx, own.id.as_uuid(), telling).await?;
    own.state = State::Cancelled;
    let told = RedemptionCancelled {
        redemption_id: own.id,
        member_id: own.member,
        reward: own.reward.clone(),
        points: own.points,
        voucher_id: own.voucher,
        by: wanted.who,
    };
    telling.tell(own.id.to_string(), &mut own.told, &told);
    redemptions::update(tx, &own).await?;
    let how = Cancelled { at: telling.now(), by: wanted.actor.clone(), reason: wanted.reason.clone() };
    cancellations::note(tx, own.id, &how).await?;
    Ok(own)
}
