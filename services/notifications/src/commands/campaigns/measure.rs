//! What comes of campaigns: purchases are held against them when they are heard of, and what came of one is written down when nothing
//! more can come.

use contracts::{Fact, FactData as _, FactError, points::PointsEarned};
use store::Tx;
use uuid::Uuid;

use crate::{
    commands::Desk,
    domain::campaign::{Stage, Tally},
    error::Error,
    store::{
        campaign_lists, campaign_members,
        campaigns::{self, Campaign},
    },
};

/// Rows that one transaction deletes at most.
const BATCH: u32 = 1_000;
/// How long the results of a campaign are counted by one replica, in milliseconds.
const LEASE: i64 = 600_000;
/// A moment that does not come: there is nothing more to do.
const NEVER: i64 = i64::MAX;
const DAY: i64 = 24 * 60 * 60 * 1_000;

/// Purchases among facts.
///
/// # Errors
/// A fact that cannot be read.
pub fn purchases(facts: &[Fact]) -> Result<Vec<PointsEarned>, FactError> {
    facts.iter().filter(|fact| fact.kind == PointsEarned::TYPE).map(Fact::read).collect()
}

/// Holds purchases against the campaigns that their members were assigned to.
///
/// # Errors
/// A fault of the database.
pub async fn attribute(tx: &Tx, purchases: &[PointsEarned]) -> Result<(), Error> {
    let mut members: Vec<Uuid> = purchases.iter().map(|one| one.member_id.as_uuid()).collect();
    members.sort_unstable();
    members.dedup();
    if members.is_empty() {
        return Ok(());
    }
    let open = campaign_members::open(tx, &members).await?;
    for one in purchases.iter().filter(|one| open.contains(&one.member_id.as_uuid())) {
        campaign_members::bought(tx, one.member_id, one.occurred_at, one.amount).await?;
    }
    Ok(())
}

/// What came of a campaign: as it was written down, or as it is now.
///
/// # Errors
/// A fault of the database.
pub async fn results(desk: &Desk, campaign: &Campaign) -> Result<Tally, Error> {
    match &campaign.results {
        Some(results) => Ok(results.clone()),
        None => campaign_members::tally(desk.database.connection(), &campaign.code).await,
    }
}

/// Writes down what came of a campaign that is over, once the days that count are over too, and forgets its list; one bounded step.
/// Answers whether there is perhaps more to do.
///
/// # Errors
/// A fault of the database.
pub async fn settle(desk: &Desk) -> Result<bool, Error> {
    let now = desk.clock.now();
    let tx = desk.database.begin().await?;
    let stages = [Stage::Stopped, Stage::Done];
    let Some(mut campaign) = campaigns::take(&tx, stages, now, now.plus_millis(LEASE)).await? else {
        return Ok(false);
    };
    tx.commit().await?;
    let tx = desk.database.begin().await?;
    if campaign_lists::clear(&tx, &campaign.code, BATCH).await? >= u64::from(BATCH) {
        campaign.next_at = now;
    } else {
        let counts = i64::from(campaign.terms.counts_days) * DAY;
        let settles_at = campaign.over_at.unwrap_or(now).plus_millis(counts);
        campaign.next_at = settles_at;
        if settles_at <= now {
            campaign.results = Some(campaign_members::tally(&tx, &campaign.code).await?);
            campaign.next_at = kernel::Timestamp::from_micros(NEVER);
        }
    }
    campaigns::write(&tx, &campaign).await?;
    tx.commit().await?;
    Ok(true)
}

/// Forgets who was assigned to campaigns so long ago that their messages are forgotten; one bounded step. Answers whether there is
/// perhaps more to do.
///
/// # Errors
/// A fault of the database.
pub async fn forget(desk: &Desk) -> Result<bool, Error> {
    let now = desk.clock.now();
    let tx = desk.database.begin().await?;
    let before = now.plus_millis(-desk.settings.keep_messages);
    let gone = campaign_members::forget(&tx, before, now, BATCH).await?;
    tx.commit().await?;
    Ok(gone >= u64::from(BATCH))
}
