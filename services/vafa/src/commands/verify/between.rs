//! Do the services agree? What one told is what the others heard.

use std::collections::{HashMap, HashSet};

use anyhow::Context as _;
use membership::queries::list_projected::{
    list_heard_purchases, list_merged_members, list_projected_branches, list_projected_households,
    list_projected_identifiers,
};
use runtime::AuditRow;
use store::{Database, dead_letters, inbox, outbox};

use crate::services;

/// The database of a service.
pub(super) fn of<'a>(
    databases: &'a [(&'static str, Database)],
    service: &str,
) -> anyhow::Result<&'a Database> {
    databases.iter().find(|(name, _)| *name == service).map(|(_, d)| d).with_context(|| service.to_owned())
}

/// Outboxes against inboxes, projections against their sources.
pub(super) async fn audit(databases: &[(&'static str, Database)]) -> anyhow::Result<Vec<AuditRow>> {
    let mut rows = vec![published(databases).await?];
    for service in services() {
        for hearing in service.hears() {
            let (source, hearer) = (of(databases, hearing.stream)?, of(databases, service.name())?);
            rows.push(heard(source, hearer, hearing.stream, hearing.consumer).await?);
            rows.push(dead(hearer, hearing.consumer).await?);
        }
    }
    let (membership, points) = (of(databases, "membership")?, of(databases, "points")?);
    rows.push(identifiers(membership, points).await?);
    rows.push(branches(membership, points).await?);
    rows.push(households(membership, points).await?);
    rows.push(merges(membership, points).await?);
    rows.push(activity(membership, points).await?);
    rows.push(holds(of(databases, "rewards")?, points).await?);
    rows.push(refunds(of(databases, "rewards")?, points).await?);
    Ok(rows)
}

async fn published(databases: &[(&'static str, Database)]) -> anyhow::Result<AuditRow> {
    let mut row = AuditRow::new("every parcel in an outbox was published");
    for (service, database) in databases {
        for (parcel, published) in outbox::all_ids(database).await? {
            row.examined += 1;
            if !published {
                row.differs(format!("{service}: parcel {parcel} waits"));
            }
        }
    }
    Ok(row)
}

async fn heard(
    source: &Database,
    hearer: &Database,
    stream: &str,
    consumer: &str,
) -> anyhow::Result<AuditRow> {
    let mut row = AuditRow::new(format!("{consumer} has processed every parcel of {stream}, and no other"));
    let mut processed = inbox::all_ids(hearer, consumer).await?;
    for (parcel, _) in outbox::all_ids(source).await? {
        row.examined += 1;
        if !processed.remove(&parcel) {
            row.differs(format!("parcel {parcel} was not processed"));
        }
    }
    for parcel in processed {
        row.differs(format!("parcel {parcel} was processed, and never told"));
    }
    Ok(row)
}

async fn dead(hearer: &Database, consumer: &str) -> anyhow::Result<AuditRow> {
    let mut row = AuditRow::new(format!("{consumer} has no dead letters"));
    for _ in 0..dead_letters::count(hearer, consumer).await? {
        row.differs("a dead letter waits: see `vafa bus dead-letters`");
    }
    Ok(row)
}

/// Rows of a list that is read page by page.
const PAGE: u64 = 5_000;

async fn identifiers(membership: &Database, points: &Database) -> anyhow::Result<AuditRow> {
    let mut told = HashMap::new();
    let mut after = None;
    loop {
        let page = list_projected_identifiers(membership, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.digest);
        told.extend(page.iter().map(|known| (known.digest, (known.member, known.kind, known.active))));
    }
    let heard = points::heard_identifiers(points).await?;
    let heard = heard.into_iter().map(|(digest, member, kind, active)| (digest, (member, kind, active)));
    Ok(same("points knows the identifiers that membership has", told, heard.collect()))
}

async fn branches(membership: &Database, points: &Database) -> anyhow::Result<AuditRow> {
    let mut told = HashMap::new();
    let mut after = None;
    loop {
        let page = list_projected_branches(membership, after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.branch.clone());
        told.extend(page.iter().map(|known| (known.branch.to_string(), known.region.to_string())));
    }
    let heard = points::heard_branches(points).await?.into_iter().collect();
    Ok(same("points knows the branches that membership has", told, heard))
}

async fn households(membership: &Database, points: &Database) -> anyhow::Result<AuditRow> {
    let told = list_projected_households(membership).await?.into_iter().collect();
    let heard = points::heard_households(points).await?.into_iter().collect();
    Ok(same("points knows the households that membership has", told, heard))
}

async fn merges(membership: &Database, points: &Database) -> anyhow::Result<AuditRow> {
    let told = list_merged_members(membership).await?.into_iter().collect();
    let heard = points::merged_members(points).await?.into_iter().collect();
    Ok(same("points merged the accounts of the members whom membership merged", told, heard))
}

/// What became of each redemption, on both sides: what is completed was captured, what came to nothing is free again, and what is
/// under way may be set aside.
async fn holds(rewards: &Database, points: &Database) -> anyhow::Result<AuditRow> {
    let mut row = AuditRow::new("every redemption was captured or released, in rewards and in points alike");
    let mut holds: HashMap<_, _> = points::redemption_holds(points)
        .await?
        .into_iter()
        .map(|(id, points, captured)| (id, (points, captured)))
        .collect();
    for (id, cost, completed) in rewards::redemptions(rewards).await? {
        row.examined += 1;
        let hold = holds.remove(&id);
        let agree = match (completed, hold) {
            (Some(true), Some((held, Some(true)))) => held == cost,
            (Some(false), None | Some((_, Some(false)))) | (None, None | Some(_)) => true,
            _ => false,
        };
        if !agree {
            row.differs(format!("redemption {id}: completed {completed:?}, hold {hold:?}"));
        }
    }
    for id in holds.keys() {
        row.differs(format!("redemption {id}: points holds or held for one that rewards does not have"));
    }
    Ok(row)
}

/// What became of the points of redemptions that were cancelled, on both sides.
async fn refunds(rewards: &Database, points: &Database) -> anyhow::Result<AuditRow> {
    let mut row =
        AuditRow::new("the points of every redemption that was cancelled, and of no other, came back once");
    let mut refunded: HashMap<_, u32> = HashMap::new();
    for id in points::refunded_redemptions(points).await? {
        *refunded.entry(id).or_default() += 1;
    }
    for (id, back) in rewards::cancelled_redemptions(rewards).await? {
        row.examined += 1;
        let times = refunded.remove(&id).unwrap_or_default();
        let agree = match back {
            Some(true) => times == 1,
            Some(false) => times == 0,
            None => times <= 1,
        };
        if !agree {
            row.differs(format!("redemption {id}: back {back:?}, undone {times} times"));
        }
    }
    for id in refunded.keys() {
        row.differs(format!("redemption {id}: its points came back, and rewards did not cancel it"));
    }
    Ok(row)
}

async fn activity(membership: &Database, points: &Database) -> anyhow::Result<AuditRow> {
    let told = points::purchase_counts(points).await?.into_iter();
    let told =
        told.filter(|(_, _, purchases)| *purchases > 0).map(|(member, _, purchases)| (member, purchases));
    let mut heard = HashMap::new();
    let mut after = None;
    loop {
        let page = list_heard_purchases(membership, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.member);
        heard.extend(page.iter().map(|known| (known.member, known.purchases)));
    }
    Ok(same("membership counts the purchases that points has", told.collect(), heard))
}

#[expect(clippy::needless_pass_by_value, reason = "both are made for this comparison")]
fn same<K, V>(promise: &str, told: HashMap<K, V>, heard: HashMap<K, V>) -> AuditRow
where
    K: Eq + std::hash::Hash + std::fmt::Display,
    V: PartialEq + std::fmt::Debug,
{
    let mut row = AuditRow::new(promise);
    let keys: HashSet<&K> = told.keys().chain(heard.keys()).collect();
    for key in keys {
        row.examined += 1;
        let (there, here) = (told.get(key), heard.get(key));
        if there != here {
            row.differs(format!("{key}: told {there:?}, heard {here:?}"));
        }
    }
    row
}
