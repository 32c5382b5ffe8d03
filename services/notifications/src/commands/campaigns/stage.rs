//! Stages of a campaign: when it begins, that it is held or goes on, and that it is over.

use kernel::{CampaignCode, Timestamp};
use store::Tx;

use super::keep::check_audience;
use crate::{
    commands::Desk,
    domain::campaign::{Stage, Step},
    error::{Error, Missing, Refusal},
    store::campaigns::{self, Campaign},
};

/// How long a campaign goes on whose terms name no end, in milliseconds: seven days.
const USUALLY: i64 = 7 * 24 * 60 * 60 * 1_000;

/// Lets a campaign begin at a time, or at once.
///
/// # Errors
/// [`Missing::Campaign`]; [`Missing::Segment`] where its segment is not there; [`Refusal::NobodyListed`] for an empty list; [`Refusal::EndsBefore`] where
/// its end comes first; [`Refusal::NotNow`] for one that began; a fault of the database.
pub async fn schedule(
    desk: &Desk,
    code: &CampaignCode,
    starts_at: Option<Timestamp>,
) -> Result<Campaign, Error> {
    let known = campaigns::load(desk.database.connection(), code).await?.ok_or(Missing::Campaign)?;
    check_audience(desk, &known).await?;
    let now = desk.clock.now();
    let tx = desk.database.begin().await?;
    let mut campaign = held(&tx, code, Step::Schedule).await?;
    let begins = starts_at.map_or(now, |at| at.max(now));
    let usual = (!campaign.terms.stands()).then(|| begins.plus_millis(USUALLY));
    campaign.ends_at = campaign.terms.until.or(usual);
    if campaign.ends_at.is_some_and(|end| end <= begins) {
        return Err(Refusal::EndsBefore.into());
    }
    campaign.starts_at = Some(begins);
    campaign.next_at = begins;
    campaign.changed_at = now;
    campaigns::write(&tx, &campaign).await?;
    tx.commit().await?;
    Ok(campaign)
}

/// Takes another step with a campaign; one that was taken before changes nothing.
///
/// # Errors
/// [`Missing::Campaign`]; [`Refusal::NotNow`] where the step cannot be taken; a fault of the database.
pub async fn step(desk: &Desk, code: &CampaignCode, step: Step) -> Result<Campaign, Error> {
    let now = desk.clock.now();
    let tx = desk.database.begin().await?;
    let known = campaigns::hold(&tx, code).await?.ok_or(Missing::Campaign)?;
    let mut campaign = stepped(known.clone(), step)?;
    if campaign.stage == known.stage {
        return Ok(known);
    }
    campaign.changed_at = now;
    match campaign.stage {
        Stage::Draft => campaign.starts_at = None,
        // What is left of the pause of its pace is not worth waiting for.
        Stage::Running => campaign.next_at = now,
        Stage::Stopped => (campaign.over_at, campaign.next_at) = (Some(now), now),
        _ => {}
    }
    campaigns::write(&tx, &campaign).await?;
    tx.commit().await?;
    Ok(campaign)
}

async fn held(tx: &Tx, code: &CampaignCode, step: Step) -> Result<Campaign, Error> {
    stepped(campaigns::hold(tx, code).await?.ok_or(Missing::Campaign)?, step)
}

fn stepped(campaign: Campaign, step: Step) -> Result<Campaign, Error> {
    match campaign.stage.after(step) {
        Some(stage) => Ok(Campaign { stage, ..campaign }),
        None => Err(Refusal::NotNow { stage: campaign.stage }.into()),
    }
}
