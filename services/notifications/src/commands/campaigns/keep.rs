//! Writes campaigns and their lists down.

use kernel::{CampaignCode, MemberId};
use web::AskError;

use crate::{
    commands::Desk,
    domain::campaign::{Audience, CampaignTerms, MOST_CAMPAIGNS, Stage},
    error::{Error, Missing, Refusal},
    store::{
        campaign_lists, campaign_members,
        campaigns::{self, Campaign},
    },
};

/// Members who are put on a list by one statement.
const CHUNK: usize = 1_000;

/// Writes a campaign down; a draft is replaced whole.
///
/// # Errors
/// [`Refusal::CampaignFixed`] for one that is no draft, unless it says the same; [`Refusal::TooManyCampaigns`]; a fault of the database.
pub async fn put_campaign(desk: &Desk, code: &CampaignCode, terms: CampaignTerms) -> Result<Campaign, Error> {
    let now = desk.clock.now();
    let tx = desk.database.begin().await?;
    let campaign = match campaigns::hold(&tx, code).await? {
        Some(known) if known.terms == terms => return Ok(known),
        Some(known) if known.stage != Stage::Draft => {
            return Err(Refusal::CampaignFixed { stage: known.stage }.into());
        }
        Some(known) => Campaign { terms, changed_at: now, ..known },
        None if campaigns::count(&tx).await? >= MOST_CAMPAIGNS => {
            return Err(Refusal::TooManyCampaigns.into());
        }
        None => Campaign::new(code.clone(), terms, now),
    };
    campaigns::write(&tx, &campaign).await?;
    tx.commit().await?;
    Ok(campaign)
}

/// Puts members on a campaign's list, all or nothing; answers how many were new, and how many are on it. Whoever was merged is put
/// there as who they are now; who is erased is left out.
///
/// # Errors
/// [`Missing::Campaign`]; [`Refusal::CampaignFixed`] for one that is no draft; [`Refusal::NoList`] for one that is about others; a fault
/// of the database.
pub async fn list_members(
    desk: &Desk,
    code: &CampaignCode,
    members: &[MemberId],
) -> Result<(u64, u64), Error> {
    let tx = desk.database.begin().await?;
    let campaign = campaigns::hold(&tx, code).await?.ok_or(Missing::Campaign)?;
    if campaign.stage != Stage::Draft {
        return Err(Refusal::CampaignFixed { stage: campaign.stage }.into());
    }
    if campaign.terms.audience != (Audience::List {}) {
        return Err(Refusal::NoList.into());
    }
    let mut added = 0;
    for some in members.chunks(CHUNK) {
        let there = campaign_members::there(&tx, some).await?;
        added += campaign_lists::add(&tx, code, &there).await?;
    }
    let listed = campaign_lists::count(&tx, code).await?;
    tx.commit().await?;
    Ok((added, listed))
}

/// How many members a campaign is about, as far as that is known before it is sent; nothing for one that stands.
///
/// # Errors
/// [`Missing::Segment`]; [`Error::PointsSilent`] where points does not answer; a fault of the database.
pub async fn count_audience(desk: &Desk, campaign: &Campaign) -> Result<Option<u64>, Error> {
    let segment = match &campaign.terms.audience {
        Audience::List {} => {
            let listed = campaign_lists::count(desk.database.connection(), &campaign.code).await?;
            return Ok(Some(listed));
        }
        Audience::Whenever { .. } => return Ok(None),
        Audience::Everybody {} => None,
        Audience::Segment { segment } => Some(segment),
    };
    desk.audiences.count(segment).await.map(Some).map_err(unasked)
}

/// Looks whether there is anybody whom a campaign could be about: members on its list, a segment of its code.
///
/// # Errors
/// [`Missing::Segment`], [`Refusal::NobodyListed`]; [`Error::PointsSilent`] where points does not answer; a fault of the database.
pub async fn check_audience(desk: &Desk, campaign: &Campaign) -> Result<(), Error> {
    match &campaign.terms.audience {
        Audience::List {} => {
            let first = campaign_lists::page(desk.database.connection(), &campaign.code, None, 1).await?;
            if first.is_empty() { Err(Refusal::NobodyListed.into()) } else { Ok(()) }
        }
        Audience::Segment { segment } => {
            desk.audiences.page(Some(segment), None, 1).await.map(drop).map_err(unasked)
        }
        Audience::Everybody {} | Audience::Whenever { .. } => Ok(()),
    }
}

fn unasked(error: AskError) -> Error {
    if error.is_missing() { Missing::Segment.into() } else { Error::PointsSilent(error.into()) }
}
