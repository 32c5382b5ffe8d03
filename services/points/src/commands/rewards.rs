//! Tells of rewards and draw tickets that purchases bring and returns take back.

use anyhow::Context as _;
use contracts::{
    Fact, FactHead,
    points::{RewardGrant, RewardsGranted, RewardsRevoked},
};
use store::Tx;

use super::{changes::head, record_purchases::Recorder};
use crate::{
    domain::{Line, Original, Programme, granted, revoked},
    store::ledger::{self, JournalRow},
};

/// The fact about what a purchase brought besides points; `None` when it brought nothing.
pub fn told_of_grants(
    recorder: &Recorder,
    row: &JournalRow,
    programme: &Programme,
    traceparent: Option<&str>,
) -> Option<Fact> {
    let purchase = row.purchase().filter(|purchase| purchase.trace.grants())?;
    let data = RewardsGranted {
        member_id: row.member,
        purchase_id: row.id,
        branch: purchase.asked.branch.clone(),
        till: purchase.asked.till.clone(),
        occurred_at: purchase.asked.occurred_at,
        grants: granted(&programme.document, &purchase.trace),
        programme_version: programme.version,
    };
    Some(Fact::new(about(recorder, row, row, 1, traceparent), &data))
}

/// What a return takes back of what its purchase brought, by what came back of it before and with the return.
///
/// # Errors
/// When the database refuses, or a number does not fit.
pub async fn taken_back(
    recorder: &Recorder,
    tx: &Tx,
    bought: &JournalRow,
    part: [&Original; 2],
) -> anyhow::Result<Vec<RewardGrant>> {
    let Some(purchase) = bought.purchase().filter(|purchase| purchase.trace.grants()) else {
        return Ok(Vec::new());
    };
    let decided = recorder.programmes.version(tx.connection(), purchase.programme_version).await?;
    let by_lines = part.iter().any(|original| !original.lines.is_empty());
    let lines: Vec<Line> = match purchase.lines.as_deref().filter(|_| by_lines) {
        Some(text) => serde_json::from_str(text).context("the lines of a purchase")?,
        None => Vec::new(),
    };
    Ok(revoked(&decided.document, &purchase.trace, &lines, part)?)
}

/// The fact about that; `None` when the purchase had brought nothing. Every return of one that had is told, so that its facts are
/// numbered without a gap: the purchase is the first, its returns follow.
///
/// # Errors
/// When the database refuses.
pub async fn told_of_revocation(
    recorder: &Recorder,
    tx: &Tx,
    bought: &JournalRow,
    row: &JournalRow,
    traceparent: Option<&str>,
) -> anyhow::Result<Option<Fact>> {
    let (true, Some(returned)) = (bought.purchase().is_some_and(|p| p.trace.grants()), row.returned()) else {
        return Ok(None);
    };
    let earlier = ledger::returns_before(tx, bought.id).await?;
    let data = RewardsRevoked {
        member_id: row.member,
        purchase_id: bought.id,
        return_id: row.id,
        grants: returned.revoked.clone(),
    };
    Ok(Some(Fact::new(about(recorder, bought, row, earlier + 2, traceparent), &data)))
}

/// The head of a fact about a purchase, told with a journal.
fn about(
    recorder: &Recorder,
    purchase: &JournalRow,
    row: &JournalRow,
    seq: u64,
    traceparent: Option<&str>,
) -> FactHead {
    FactHead { subject: purchase.id.to_string(), seq, ..head(recorder, row, traceparent) }
}
