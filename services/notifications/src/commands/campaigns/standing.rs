//! Standing campaigns: when what they are about happens to a member, they speak instead of the built-in words, or are silent to show
//! what happens without them.

use std::collections::HashSet;

use kernel::{Clock, Timestamp};
use store::Tx;
use uuid::Uuid;

use crate::{
    domain::campaign::{Arm, Occurring, arm_of},
    error::Error,
    store::{
        campaign_members::{self, Assigned},
        campaigns,
        messages::Fresh,
    },
};

const DAY: i64 = 24 * 60 * 60 * 1_000;

/// Gives messages to the standing campaigns that are about what happened; answers those that go, by built-in words or a campaign's.
///
/// # Errors
/// A fault of the database.
pub async fn divert(clock: &dyn Clock, tx: &Tx, mut fresh: Vec<Fresh>) -> Result<Vec<Fresh>, Error> {
    for happens in [Occurring::Occasion, Occurring::WinBack] {
        if fresh.iter().any(|one| Occurring::of(one.trigger) == Some(happens)) {
            fresh = divert_to(clock.now(), tx, happens, fresh).await?;
        }
    }
    Ok(fresh)
}

async fn divert_to(
    now: Timestamp,
    tx: &Tx,
    happens: Occurring,
    fresh: Vec<Fresh>,
) -> Result<Vec<Fresh>, Error> {
    let Some(campaign) = campaigns::standing(tx, happens, now).await? else { return Ok(fresh) };
    let (theirs, mut others): (Vec<Fresh>, Vec<Fresh>) =
        fresh.into_iter().partition(|one| Occurring::of(one.trigger) == Some(happens));
    let assigned: Vec<Assigned> = theirs
        .iter()
        .map(|one| Assigned {
            id: one.id.0,
            member: one.member,
            arm: arm_of(
                &campaign.code,
                one.member,
                campaign.terms.control_percent,
                campaign.terms.second_percent,
            ),
            cause: one.cause.clone(),
        })
        .collect();
    let counts_until = now.plus_millis(i64::from(campaign.terms.counts_days) * DAY);
    let new = campaign_members::assign(tx, &campaign.code, &assigned, now, counts_until).await?;
    let goes: HashSet<Uuid> = assigned
        .iter()
        .filter(|one| new.contains(&one.id) && one.arm != Arm::Control)
        .map(|one| one.id)
        .collect();
    campaigns::count_on(tx, &campaign.code, new.len(), new.len() - goes.len()).await?;
    others.extend(theirs.into_iter().filter(|one| goes.contains(&one.id.0)));
    Ok(others)
}
