//! Writes personal offers and their lists down, publishes them, and withdraws them.

use kernel::{MemberId, OfferCode};

use crate::{
    commands::{Desk, persistence::persistently},
    domain::{
        personal_offer::{MOST_LISTED, OfferTerms},
        refusal::Refusal,
        taking::Stage,
    },
    error::{Error, Missing},
    store::{
        offers,
        personal_offers::{self, KeptOffer},
    },
};

/// Writes an offer down: a draft whole, of one that is live its texts, end, budget and categories.
///
/// # Errors
/// [`Missing::Reward`]; [`Refusal::OfferFixed`] for other changes, [`Refusal::BudgetTooSmall`]; a fault of the database.
pub async fn put_offer(desk: &Desk, code: &OfferCode, terms: &OfferTerms) -> Result<KeptOffer, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        offers::load(&tx, &terms.reward).await?.ok_or(Missing::Reward)?;
        let known = personal_offers::hold(&tx, code).await?;
        let fixed = known.as_ref().is_some_and(|known| match known.stage {
            Stage::Draft => false,
            Stage::Live => !known.terms.is_about_as(terms),
            Stage::Ended => known.terms != *terms,
        });
        if fixed {
            return Err(Refusal::OfferFixed.into());
        }
        let fresh = KeptOffer {
            code: code.clone(),
            terms: terms.clone(),
            stage: Stage::Draft,
            listed: 0,
            activated: 0,
            taken: 0,
            spent: 0,
            live_at: None,
            withdrawn_at: None,
        };
        let kept = known.map_or(fresh, |known| KeptOffer { terms: terms.clone(), ..known });
        if !personal_offers::write(&tx, &kept, desk.teller.clock.now()).await? {
            return Err(Refusal::BudgetTooSmall { given: kept.taken }.into());
        }
        tx.commit().await?;
        Ok(kept)
    })
    .await
}

/// Publishes a draft; one that is live stays so.
///
/// # Errors
/// [`Missing::Offer`], [`Refusal::OfferOver`] where its time is past or it was withdrawn, or a fault of the database.
pub async fn publish_offer(desk: &Desk, code: &OfferCode) -> Result<KeptOffer, Error> {
    staged(desk, code, Stage::Live).await
}

/// Withdraws an offer: nobody takes it up any more. What was activated before can be used until its time is over, and what was given
/// stays given.
///
/// # Errors
/// [`Missing::Offer`], or a fault of the database.
pub async fn withdraw_offer(desk: &Desk, code: &OfferCode) -> Result<KeptOffer, Error> {
    staged(desk, code, Stage::Ended).await
}

async fn staged(desk: &Desk, code: &OfferCode, to: Stage) -> Result<KeptOffer, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let mut kept = personal_offers::hold(&tx, code).await?.ok_or(Missing::Offer)?;
        let now = desk.teller.clock.now();
        if kept.stage == to {
            tx.rollback().await?;
            return Ok(kept);
        }
        if to == Stage::Live && (kept.stage == Stage::Ended || kept.terms.until <= now) {
            return Err(Refusal::OfferOver.into());
        }
        kept.stage = to;
        match to {
            Stage::Live => kept.live_at = Some(now),
            _ => kept.withdrawn_at = Some(now),
        }
        personal_offers::write(&tx, &kept, now).await?;
        tx.commit().await?;
        Ok(kept)
    })
    .await
}

/// Puts members on an offer's list; answers how many were new, and the offer as it is now.
///
/// # Errors
/// [`Missing::Offer`], [`Refusal::OfferOver`] for one that was withdrawn, [`Refusal::ListTooLong`], or a fault of the database.
pub async fn list_members(
    desk: &Desk,
    code: &OfferCode,
    members: &[MemberId],
) -> Result<(i64, KeptOffer), Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let mut kept = personal_offers::hold(&tx, code).await?.ok_or(Missing::Offer)?;
        if kept.stage == Stage::Ended {
            return Err(Refusal::OfferOver.into());
        }
        let added = personal_offers::add_members(&tx, code, members).await?;
        kept.listed = kept.listed.saturating_add(added);
        if kept.listed > MOST_LISTED {
            return Err(Refusal::ListTooLong { most: MOST_LISTED }.into());
        }
        tx.commit().await?;
        Ok((added, kept))
    })
    .await
}
