//! Sends campaigns: walks through the audience page by page, in the order of members' ids, and queues a message for each.
//!
//! **Each member has their turn once**: how far the walk has come is kept in the campaign's row, in the transaction that queues the
//! messages. Who dies in between leaves everything as it was before the page; two who walk at once are told apart by the place from
//! which they began, and one of them has walked for nothing. A page is all that is in memory, whatever the size of the audience.

use kernel::{MemberId, Timestamp};
use web::AskError;

use crate::{
    commands::Desk,
    domain::{
        campaign::{Arm, Audience, Stage, Step, arm_of, page, pause_after},
        message::MessageId,
        trigger::CAMPAIGN,
        value::Values,
    },
    error::Error,
    store::{
        campaign_lists,
        campaign_members::{self, Assigned},
        campaigns::{self, Campaign},
        messages::{self, Fresh},
    },
};

/// How long a page is one replica's, in milliseconds.
const LEASE: i64 = 30_000;
/// How long it takes until points is asked again that did not answer, in milliseconds.
const UNASKED: i64 = 2_000;
/// How often it is looked whether messages of a campaign wait still, in milliseconds.
const LOOK_AGAIN: i64 = 5_000;
/// How often a standing campaign is looked at, in milliseconds.
const STANDS: i64 = 60_000;
const DAY: i64 = 24 * 60 * 60 * 1_000;

/// Takes one step of one campaign; answers whether there was one to take.
///
/// # Errors
/// A fault of the database: what was not committed is done again.
pub async fn walk(desk: &Desk) -> Result<bool, Error> {
    let now = desk.clock.now();
    // Most of the time there is nothing to do, and that is found out without a place to write.
    if !campaigns::is_due(desk.database.connection(), now).await? {
        return Ok(false);
    }
    let tx = desk.database.begin().await?;
    let stages = [Stage::Scheduled, Stage::Running];
    let Some(mut campaign) = campaigns::take(&tx, stages, now, now.plus_millis(LEASE)).await? else {
        return Ok(false);
    };
    if let Some(stage) = campaign.stage.after(Step::Begin) {
        campaign.stage = stage;
        campaigns::write(&tx, &campaign).await?;
    }
    tx.commit().await?;
    let over = campaign.ends_at.is_some_and(|end| end <= now);
    let quiet_until = desk.settings.quiet.earliest(now, desk.chain.local(now, None));
    if campaign.terms.stands() {
        let next_at =
            campaign.ends_at.map_or(now.plus_millis(STANDS), |end| end.min(now.plus_millis(STANDS)));
        put_off(desk, &campaign, next_at, over).await?;
    } else if campaign.walked || over {
        let waits = campaigns::has_waiting(desk.database.connection(), &campaign.code).await?;
        put_off(desk, &campaign, now.plus_millis(LOOK_AGAIN), !waits).await?;
    } else if quiet_until > now {
        // What was queued now would all come at once when the night is over, and not at its pace.
        put_off(desk, &campaign, quiet_until, false).await?;
    } else {
        turn_page(desk, &campaign).await?;
    }
    Ok(true)
}

/// Looks at a campaign again later, unless it is over.
async fn put_off(desk: &Desk, taken: &Campaign, next_at: Timestamp, over: bool) -> Result<(), Error> {
    let tx = desk.database.begin().await?;
    let Some(mut campaign) = still_ours(campaigns::hold(&tx, &taken.code).await?, taken) else {
        return Ok(());
    };
    campaign.next_at = next_at;
    if let Some(stage) = campaign.stage.after(Step::Finish).filter(|_| over) {
        let now = desk.clock.now();
        (campaign.stage, campaign.over_at, campaign.next_at) = (stage, Some(now), now);
    }
    campaigns::write(&tx, &campaign).await?;
    Ok(tx.commit().await?)
}

/// The campaign as it is now, where nobody did anything with it since it was taken.
fn still_ours(now: Option<Campaign>, taken: &Campaign) -> Option<Campaign> {
    now.filter(|now| {
        now.stage == taken.stage && now.walked_to == taken.walked_to && now.next_at == taken.next_at
    })
}

/// Gives the next page of the audience their turn.
async fn turn_page(desk: &Desk, taken: &Campaign) -> Result<(), Error> {
    let limit = page(taken.terms.per_minute);
    let members = match members(desk, taken, limit).await? {
        Ok(members) => members,
        Err(error) => {
            tracing::warn!(target: "vafa::notifications", campaign = %taken.code, %error, "points does not say whom a campaign is about; it waits");
            return put_off(desk, taken, desk.clock.now().plus_millis(UNASKED), false).await;
        }
    };
    let now = desk.clock.now();
    let tx = desk.database.begin().await?;
    let Some(mut campaign) = still_ours(campaigns::hold(&tx, &taken.code).await?, taken) else {
        return Ok(());
    };
    campaign.walked_to = members.last().map(|member| member.as_uuid()).or(campaign.walked_to);
    campaign.walked = members.len() < usize::try_from(limit).unwrap_or(usize::MAX);
    let there = campaign_members::there(&tx, &members).await?;
    let assigned: Vec<Assigned> = there.iter().map(|member| assigned(desk, &campaign, *member)).collect();
    let counts_until = now.plus_millis(i64::from(campaign.terms.counts_days) * DAY);
    let new = campaign_members::assign(&tx, &campaign.code, &assigned, now, counts_until).await?;
    let new: Vec<&Assigned> = assigned.iter().filter(|one| new.contains(&one.id)).collect();
    let fresh: Vec<Fresh> =
        new.iter().filter(|one| one.arm != Arm::Control).map(|one| message(&campaign, one, now)).collect();
    let queued = messages::record(&tx, &fresh, now).await?;
    let held = new.len() - fresh.len();
    campaign.seen = campaign.seen.saturating_add(counted(new.len()));
    campaign.held = campaign.held.saturating_add(counted(held));
    campaign.messages = campaign.messages.saturating_add(i64::try_from(queued).unwrap_or(i64::MAX));
    campaign.next_at = now.plus_millis(pause_after(queued, campaign.terms.per_minute));
    campaigns::write(&tx, &campaign).await?;
    Ok(tx.commit().await?)
}

fn counted(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

async fn members(
    desk: &Desk,
    campaign: &Campaign,
    limit: u32,
) -> Result<Result<Vec<MemberId>, AskError>, Error> {
    let after = campaign.walked_to;
    let segment = match &campaign.terms.audience {
        Audience::List {} => {
            let listed =
                campaign_lists::page(desk.database.connection(), &campaign.code, after, limit).await?;
            return Ok(Ok(listed));
        }
        Audience::Whenever { .. } => return Ok(Ok(Vec::new())),
        Audience::Everybody {} => None,
        Audience::Segment { segment } => Some(segment),
    };
    Ok(desk.audiences.page(segment, after, limit).await)
}

fn assigned(desk: &Desk, campaign: &Campaign, member: MemberId) -> Assigned {
    let terms = &campaign.terms;
    let arm = arm_of(&campaign.code, member, terms.control_percent, terms.second_percent);
    Assigned { id: desk.ids.uuid(), member, arm, cause: String::new() }
}

fn message(campaign: &Campaign, assigned: &Assigned, now: Timestamp) -> Fresh {
    Fresh {
        id: MessageId(assigned.id),
        member: assigned.member,
        trigger: CAMPAIGN,
        cause: campaign.cause(),
        values: Values::none(),
        told_at: now,
        not_after: campaign.ends_at.unwrap_or(now),
    }
}
