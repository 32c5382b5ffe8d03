//! Writes challenges and contests down, publishes them, and withdraws them.

use kernel::{ChallengeCode, Timestamp};

use crate::{
    commands::{Desk, persistence::persistently},
    domain::{challenge::ChallengeTerms, refusal::Refusal, taking::Stage},
    error::{Error, Missing},
    store::{
        challenges::{self, KeptChallenge},
        gifts, offers,
    },
};

/// Writes one down: a draft whole, of one that is live its texts and how many are given.
///
/// # Errors
/// [`Missing::Reward`]; [`Refusal::ChallengeFixed`] for other changes, [`Refusal::BudgetTooSmall`]; a fault of the database.
pub async fn put_challenge(
    desk: &Desk,
    code: &ChallengeCode,
    terms: &ChallengeTerms,
) -> Result<KeptChallenge, Error> {
    let days = days(desk, terms);
    persistently(|| async {
        let tx = desk.database.begin().await?;
        for reward in terms.rewards() {
            offers::load(&tx, reward).await?.ok_or(Missing::Reward)?;
        }
        let known = challenges::hold(&tx, code).await?;
        let fixed = known.as_ref().is_some_and(|known| match known.stage {
            Stage::Draft => false,
            Stage::Live => !known.terms.is_about_as(terms),
            Stage::Ended => known.terms != *terms,
        });
        if fixed {
            return Err(Refusal::ChallengeFixed.into());
        }
        let fresh = KeptChallenge {
            code: code.clone(),
            terms: terms.clone(),
            stage: Stage::Draft,
            days: days.clone(),
            live_at: None,
            withdrawn_at: None,
            decided_at: None,
        };
        // The days of one that is published stay as they were, whatever becomes of the chain's time zone.
        let kept = match known {
            Some(known) if known.stage != Stage::Draft => KeptChallenge { terms: terms.clone(), ..known },
            _ => fresh,
        };
        if let Some(budget) = terms.budget()
            && !gifts::set_budget(&tx, &kept.source(), budget).await?
        {
            let given = gifts::given(&tx, &kept.source()).await?;
            return Err(Refusal::BudgetTooSmall { given }.into());
        }
        challenges::write(&tx, &kept, desk.teller.clock.now()).await?;
        tx.commit().await?;
        Ok(kept)
    })
    .await
}

/// When each day begins on the chain's wall clock, and when the last one ends.
fn days(desk: &Desk, terms: &ChallengeTerms) -> Vec<Timestamp> {
    let count = u16::try_from(terms.days()).unwrap_or_default();
    (0..=count).map(|number| desk.chain.begins(terms.first_day.plus_days(number))).collect()
}

/// Publishes a draft: from its first day on purchases count. One that is live stays so.
///
/// # Errors
/// [`Missing::Challenge`], [`Refusal::ChallengeOver`] where its days are past or it was withdrawn, or a fault of the database.
pub async fn publish_challenge(desk: &Desk, code: &ChallengeCode) -> Result<KeptChallenge, Error> {
    staged(desk, code, Stage::Live).await
}

/// Withdraws one: nothing counts any more, and a contest is not decided. What was given stays given.
///
/// # Errors
/// [`Missing::Challenge`], [`Refusal::ChallengeOver`] for one that is closed, or a fault of the database.
pub async fn withdraw_challenge(desk: &Desk, code: &ChallengeCode) -> Result<KeptChallenge, Error> {
    staged(desk, code, Stage::Ended).await
}

async fn staged(desk: &Desk, code: &ChallengeCode, to: Stage) -> Result<KeptChallenge, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let mut kept = challenges::hold(&tx, code).await?.ok_or(Missing::Challenge)?;
        let now = desk.teller.clock.now();
        if kept.stage == to {
            tx.rollback().await?;
            return Ok(kept);
        }
        let past = to == Stage::Live && (kept.stage == Stage::Ended || kept.ends_at() <= now);
        if past || kept.decided_at.is_some() {
            return Err(Refusal::ChallengeOver.into());
        }
        kept.stage = to;
        match to {
            Stage::Live => kept.live_at = Some(now),
            _ => kept.withdrawn_at = Some(now),
        }
        challenges::write(&tx, &kept, now).await?;
        tx.commit().await?;
        Ok(kept)
    })
    .await
}
