//! A member takes an offer up: it is given at once, or waits for the purchase that it asks for. **What is activated is reserved.**

use kernel::{MemberId, OfferCode};
use store::Tx;

use super::reward;
use crate::{
    commands::{Desk, Telling, give::hand_over, persistence::persistently},
    domain::{offer::Standing, refusal::Refusal, taking::TakingState},
    error::{Error, Missing},
    store::{
        erasures, merging, offers,
        personal_offers::{self, KeptOffer},
        takings::{self, Taking},
    },
};

/// Which offer is taken up, by whom, and the how-manyth time.
#[derive(Clone, Debug)]
pub struct Tap {
    /// Which.
    pub offer: OfferCode,
    /// By whom.
    pub member: MemberId,
    /// The how-manyth time, from 1; the same number again is the same activation.
    pub number: u32,
    /// Where the member stands, for an offer that asks.
    pub standing: Option<Standing>,
    /// The trace context of the request.
    pub traceparent: Option<String>,
}

/// Activates an offer; the same number again changes nothing.
///
/// # Errors
/// [`Missing::Offer`] for one that is not for the member; [`Refusal::OfferOver`], [`Refusal::OfferTapless`],
/// [`Refusal::LimitReached`], [`Refusal::OfferUsedUp`], [`Refusal::NotOffered`] and [`Refusal::OutOfStock`] of its reward; a fault
/// of the database.
pub async fn activate_offer(desk: &Desk, tap: &Tap) -> Result<(KeptOffer, Taking), Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let tap = &Tap { member: merging::follow(&tx, tap.member).await?, ..tap.clone() };
        let kept = personal_offers::hold(&tx, &tap.offer).await?.ok_or(Missing::Offer)?;
        let before = takings::of_member(&tx, tap.member, Some(&tap.offer)).await?;
        if let Some(same) = before.into_iter().find(|taking| taking.number == i64::from(tap.number)) {
            tx.rollback().await?;
            return Ok((kept, same));
        }
        may_take(&tx, &kept, tap, desk).await?;
        let mut telling = Telling::new(&desk.teller, tap.traceparent.as_deref());
        let taking = take(desk, &tx, (&kept, tap), &mut telling).await?;
        telling.stage(&tx).await?;
        tx.commit().await?;
        desk.teller.relay.wake();
        Ok((kept, taking))
    })
    .await
}

/// Whether the member may; in order of precedence.
async fn may_take(tx: &Tx, kept: &KeptOffer, tap: &Tap, desk: &Desk) -> Result<(), Error> {
    let listed = personal_offers::naming(tx, tap.member).await?.contains(&kept.code);
    let theirs = kept.live_at.is_some() && kept.terms.is_for(tap.standing.as_ref(), listed);
    if !theirs || erasures::is_erased(tx, tap.member).await? {
        return Err(Missing::Offer.into());
    }
    if !kept.is_open(desk.teller.clock.now()) {
        return Err(Refusal::OfferOver.into());
    }
    if kept.terms.activation.is_none() {
        return Err(Refusal::OfferTapless.into());
    }
    if !(1..=kept.terms.per_member).contains(&tap.number) {
        return Err(Refusal::LimitReached { most: kept.terms.per_member }.into());
    }
    Ok(())
}

async fn take(
    desk: &Desk,
    tx: &Tx,
    (kept, tap): (&KeptOffer, &Tap),
    telling: &mut Telling<'_>,
) -> Result<Taking, Error> {
    let (now, cost) = (telling.now(), offers::cost(tx, &kept.terms.reward).await?);
    let most = kept.terms.activation.and_then(|activation| activation.most);
    if !personal_offers::activate(tx, &kept.code, cost, most).await? {
        return Err(Refusal::OfferUsedUp.into());
    }
    let mut taking = Taking {
        id: desk.teller.ids.uuid(),
        offer: kept.code.clone(),
        member: tap.member,
        number: i64::from(tap.number),
        state: TakingState::Active,
        cost,
        activated_at: Some(now),
        use_by: kept.terms.use_by(now),
        purchase: None,
        measure: 0,
        gift: None,
        ended_at: None,
    };
    if kept.terms.condition.is_none() {
        taking.gift = reward(&desk.teller, tx, (kept, &taking), None).await?;
        taking.state = TakingState::Given;
    }
    takings::insert(tx, &taking).await?;
    if let Some(gift) = taking.gift {
        hand_over(desk, tx, gift, telling).await?;
    }
    Ok(taking)
}
