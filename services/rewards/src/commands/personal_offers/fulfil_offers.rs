//! Purchases fulfil offers, and take along what they brought when they are brought back.
//!
//! **A purchase fulfils an offer once**, and each fact about a member is heard once, by its place among the facts about them.

use contracts::points::{PointsEarned, PointsReturned};
use kernel::MemberId;
use store::Tx;

use super::reward;
use crate::{
    commands::{Teller, Telling, cancel_voucher::cancel},
    domain::{
        gift::{State, WhyEnded},
        offer::Place,
        personal_offer::in_time,
        taking::{Stage, TakingState},
    },
    error::Error,
    store::{
        erasures, gifts, merging, offers,
        personal_offers::{self, KeptOffer},
        places,
        takings::{self, Taking},
    },
};

/// A member bought something.
///
/// # Errors
/// A fault of the database.
pub async fn bought(teller: &Teller, tx: &Tx, live: &[KeptOffer], told: &PointsEarned) -> Result<(), Error> {
    let member = merging::follow(tx, told.member_id).await?;
    let mut own = takings::hold_of_member(tx, member).await?;
    if (own.is_empty() && live.is_empty()) || erasures::is_erased(tx, member).await? {
        return Ok(());
    }
    let region = places::region_of(tx, &told.branch).await?;
    let place = Place { branch: told.branch.clone(), region };
    let mut used = Vec::new();
    own.retain(|taking| {
        used.push((taking.offer.clone(), taking.purchase));
        taking.state == TakingState::Active
    });
    // What is activated comes first, what lapses first before the rest; of each offer one.
    own.sort_by_key(|taking| (taking.use_by, taking.number));
    for mut taking in own {
        let again = used.contains(&(taking.offer.clone(), Some(told.journal_id)));
        let since = taking.activated_at.unwrap_or(told.occurred_at);
        if again || !in_time((since, taking.use_by), told.occurred_at) {
            continue;
        }
        let Some(kept) = personal_offers::load(tx, &taking.offer).await? else { continue };
        let Some(measure) = kept.terms.met_by(told, &place) else { continue };
        used.push((taking.offer.clone(), Some(told.journal_id)));
        (taking.purchase, taking.measure, taking.state) =
            (Some(told.journal_id), measure, TakingState::Given);
        taking.gift = reward(teller, tx, (&kept, &taking), Some(&told.branch)).await?;
        takings::update(tx, &taking).await?;
    }
    by_themselves(teller, tx, live, (member, told, &place)).await
}

/// Offers that nobody has to activate.
async fn by_themselves(
    teller: &Teller,
    tx: &Tx,
    live: &[KeptOffer],
    (member, told, place): (MemberId, &PointsEarned, &Place),
) -> Result<(), Error> {
    for known in live.iter().filter(|known| known.terms.activation.is_none()) {
        let met = known.terms.met_by(told, place).filter(|_| known.terms.is_open(told.occurred_at));
        let Some(measure) = met else { continue };
        // Held so that one member's purchases are counted one after the other.
        let Some(kept) = personal_offers::hold(tx, &known.code).await? else { continue };
        let listed = kept.terms.listed && personal_offers::naming(tx, member).await?.contains(&kept.code);
        if kept.stage != Stage::Live || !kept.terms.is_for(None, listed) {
            continue;
        }
        let before = takings::of_member(tx, member, Some(&kept.code)).await?;
        let again = before.iter().any(|taking| taking.purchase == Some(told.journal_id));
        let had = before.iter().filter(|taking| taking.state.counts()).count();
        if again || had >= usize::try_from(kept.terms.per_member).unwrap_or(usize::MAX) {
            continue;
        }
        let cost = offers::cost(tx, &kept.terms.reward).await?;
        if !personal_offers::take(tx, &kept.code, cost).await? {
            continue;
        }
        let mut taking = Taking {
            id: teller.ids.uuid(),
            offer: kept.code.clone(),
            member,
            number: before.last().map_or(1, |last| last.number + 1),
            state: TakingState::Given,
            cost,
            activated_at: None,
            use_by: kept.terms.until,
            purchase: Some(told.journal_id),
            measure,
            gift: None,
            ended_at: None,
        };
        taking.gift = reward(teller, tx, (&kept, &taking), Some(&told.branch)).await?;
        takings::insert(tx, &taking).await?;
    }
    Ok(())
}

/// A purchase, or a part of it, was brought back: where what is left would not have been enough, a voucher that is not used is called
/// back, and the offer has one more again.
///
/// # Errors
/// A fault of the database.
pub async fn returned(
    teller: &Teller,
    tx: &Tx,
    told: &PointsReturned,
    traceparent: Option<&str>,
) -> Result<(), Error> {
    let mut telling = Telling::new(teller, traceparent);
    for mut taking in takings::hold_by_purchase(tx, told.purchase_id).await? {
        let Some(kept) = personal_offers::load(tx, &taking.offer).await? else { continue };
        let Some(condition) = kept.terms.condition.as_ref().filter(|_| taking.state.counts()) else {
            continue;
        };
        let back = condition.measure(told.amount, &told.categories);
        taking.measure = taking.measure.saturating_sub(back);
        takings::update(tx, &taking).await?;
        if !kept.terms.is_met_still(taking.measure) && call_back(tx, &taking, &mut telling).await? {
            takings::end(tx, &mut taking, TakingState::Ended, telling.now()).await?;
        }
    }
    telling.stage(tx).await
}

/// Calls back what was given; `false` where it is used or over.
async fn call_back(tx: &Tx, taking: &Taking, telling: &mut Telling<'_>) -> Result<bool, Error> {
    let Some(id) = taking.gift else { return Ok(true) };
    let Some(mut gift) = gifts::hold(tx, id).await? else { return Ok(true) };
    match (gift.state, gift.voucher) {
        (State::Due, _) => {
            // It frees what the offer set apart for it.
            gifts::end(tx, &mut gift, WhyEnded::Returned, telling.now()).await?;
            Ok(false)
        }
        (State::Given, Some(voucher)) => match cancel(tx, voucher, telling).await {
            Ok(_) => Ok(true),
            Err(Error::Refused(_)) => Ok(false),
            Err(error) => Err(error),
        },
        _ => Ok(false),
    }
}
