//! Who of a campaign's audience is in which arm, which message they got, and whether they bought afterwards.
//!
//! A row has the id of its message; who is held out has a row and no message. **A member is assigned once by each cause.**

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use kernel::{CampaignCode, MemberId, Timestamp};
use sea_orm::ConnectionTrait;
use store::{
    Column, ColumnType, Tx,
    bulk::{BulkInsert, BulkSelect},
};
use uuid::Uuid;

use super::{at, broken, execute, query};
use crate::{
    domain::{
        campaign::{Arm, Tally},
        message::{MessageId, State},
    },
    error::Error,
};

/// A till's clock may be so much behind, in milliseconds: five minutes.
const SKEW: i64 = 5 * 60 * 1_000;

/// A member in an arm of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    /// The id, of their message too.
    pub id: Uuid,
    /// Who.
    pub member: MemberId,
    /// In which arm.
    pub arm: Arm,
    /// By what: nothing for a campaign that is sent once, and what happened for one that stands.
    pub cause: String,
}

static INSERT: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [
        ("id", ColumnType::Uuid),
        ("campaign", ColumnType::Text),
        ("member_id", ColumnType::Uuid),
        ("cause", ColumnType::Text),
        ("arm", ColumnType::I16),
        ("assigned_at", ColumnType::I64),
        ("counts_until", ColumnType::I64),
    ];
    let once = "ON CONFLICT (campaign, member_id, cause) DO NOTHING RETURNING id";
    BulkInsert::new("campaign_members", &columns, once)
});

static ERASED: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("erased_members", "member_id", ("member_id", ColumnType::Uuid)));
static MERGED: LazyLock<BulkSelect> = LazyLock::new(|| {
    BulkSelect::new("merged_members", "member_id, survivor", ("member_id", ColumnType::Uuid))
});
static OF_MESSAGES: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("campaign_members", "id, campaign, arm", ("id", ColumnType::Uuid)));
static OPEN: LazyLock<BulkSelect> = LazyLock::new(|| {
    let open = "(SELECT member_id FROM campaign_members WHERE bought_at IS NULL) AS open";
    BulkSelect::new(open, "member_id", ("member_id", ColumnType::Uuid))
});

/// Those of these members who are there, each as who they are now, and once.
///
/// # Errors
/// A fault of the database.
pub async fn there(tx: &Tx, members: &[MemberId]) -> Result<Vec<MemberId>, Error> {
    let ids: Vec<Uuid> = members.iter().map(|member| member.as_uuid()).collect();
    let mut now = HashMap::new();
    for row in MERGED.run(tx, Column::Uuid(&ids)).await? {
        now.insert(at::<Uuid>(&row, 0)?, at::<Uuid>(&row, 1)?);
    }
    let mut seen = HashSet::new();
    let mut ids: Vec<Uuid> = ids.into_iter().map(|id| now.get(&id).copied().unwrap_or(id)).collect();
    ids.retain(|id| seen.insert(*id));
    for row in ERASED.run(tx, Column::Uuid(&ids)).await? {
        seen.remove(&at::<Uuid>(&row, 0)?);
    }
    Ok(ids.into_iter().filter(|id| seen.contains(id)).map(MemberId::from_uuid).collect())
}

/// Assigns members to arms; answers the ids of those who were not assigned before.
///
/// # Errors
/// A fault of the database.
pub async fn assign(
    tx: &Tx,
    campaign: &CampaignCode,
    assigned: &[Assigned],
    now: Timestamp,
    counts_until: Timestamp,
) -> Result<HashSet<Uuid>, Error> {
    if assigned.is_empty() {
        return Ok(HashSet::new());
    }
    let ids: Vec<Uuid> = assigned.iter().map(|one| one.id).collect();
    let codes = vec![campaign.as_str(); ids.len()];
    let members: Vec<Uuid> = assigned.iter().map(|one| one.member.as_uuid()).collect();
    let causes: Vec<&str> = assigned.iter().map(|one| one.cause.as_str()).collect();
    let arms: Vec<i16> = assigned.iter().map(|one| one.arm.number()).collect();
    let (nows, ends) = (vec![now.micros(); ids.len()], vec![counts_until.micros(); ids.len()]);
    let columns = [
        Column::Uuid(&ids),
        Column::Text(&codes),
        Column::Uuid(&members),
        Column::Text(&causes),
        Column::I16(&arms),
        Column::I64(&nows),
        Column::I64(&ends),
    ];
    INSERT.run_returning(tx, &columns).await?.iter().map(|row| at(row, 0)).collect()
}

/// Of which campaign these messages are, and of which arm; those of no campaign are not in the answer.
///
/// # Errors
/// A fault of the database.
pub async fn of_messages(
    tx: &Tx,
    messages: &[MessageId],
) -> Result<HashMap<MessageId, (CampaignCode, Arm)>, Error> {
    let ids: Vec<Uuid> = messages.iter().map(|one| one.0).collect();
    let mut all = HashMap::new();
    for row in OF_MESSAGES.run(tx, Column::Uuid(&ids)).await? {
        let (code, arm): (String, i16) = (at(&row, 1)?, at(&row, 2)?);
        let code = CampaignCode::parse(&code).map_err(|_| broken("a campaign's code"))?;
        let arm = Arm::from_number(arm).ok_or_else(|| broken("an arm"))?;
        all.insert(MessageId(at(&row, 0)?), (code, arm));
    }
    Ok(all)
}

/// Those of these members who could still buy something that counts.
///
/// # Errors
/// A fault of the database.
pub async fn open(tx: &Tx, members: &[Uuid]) -> Result<HashSet<Uuid>, Error> {
    OPEN.run(tx, Column::Uuid(members)).await?.iter().map(|row| at(row, 0)).collect()
}

/// Notes a purchase with every campaign for which it is the first one that counts.
///
/// # Errors
/// A fault of the database.
pub async fn bought(tx: &Tx, member: MemberId, when: Timestamp, amount: i64) -> Result<(), Error> {
    let sql = "UPDATE campaign_members SET bought_at = $2, amount = $3 WHERE member_id = $1 AND bought_at IS NULL \
               AND assigned_at <= $4 AND counts_until > $2";
    let latest = when.plus_millis(SKEW).micros();
    let values = [member.as_uuid().into(), when.micros().into(), amount.into(), latest.into()];
    execute(tx, sql, values).await.map(drop)
}

/// What came of a campaign, counted from the rows.
///
/// # Errors
/// A fault of the database.
pub async fn tally(on: &impl ConnectionTrait, code: &CampaignCode) -> Result<Tally, Error> {
    // Standings 2 and 3 are what a provider said of a message that arrived, and of one that was read.
    let attempt = |standings: &str| {
        format!(
            "COUNT(CASE WHEN EXISTS (SELECT 1 FROM attempts a WHERE a.message_id = m.id AND a.standing IN ({standings})) \
             THEN 1 END)"
        )
    };
    let sql = format!(
        "SELECT c.arm, m.state, m.why, COUNT(*), COUNT(c.bought_at), CAST(COALESCE(SUM(c.amount), 0) AS bigint), {}, {} \
         FROM campaign_members c LEFT JOIN messages m ON m.id = c.id WHERE c.campaign = $1 GROUP BY c.arm, m.state, m.why",
        attempt("2, 3"),
        attempt("3")
    );
    let mut tally = Tally::default();
    for row in query(on, &sql, [code.as_str().into()]).await? {
        let count = |index| at::<i64>(&row, index).map(|count| u64::try_from(count).unwrap_or_default());
        let arm = Arm::from_number(at(&row, 0)?).ok_or_else(|| broken("an arm"))?;
        let (state, why): (Option<i16>, Option<String>) = (at(&row, 1)?, at(&row, 2)?);
        let members = count(3)?;
        let results = tally.of_mut(arm);
        results.members += members;
        results.buyers += count(4)?;
        results.amount = results.amount.saturating_add(at(&row, 5)?);
        results.delivered += count(6)?;
        results.opened += count(7)?;
        match state.and_then(State::from_number) {
            None => {}
            Some(State::Waiting) => results.waiting += members,
            Some(State::Sent) => results.sent += members,
            Some(State::Dead) => results.failed += members,
            Some(State::Dropped) => *results.dropped.entry(why.unwrap_or_default()).or_default() += members,
        }
    }
    Ok(tally)
}

/// Deletes up to `limit` rows of members who were assigned before, and whose days are over. Answers how many.
///
/// # Errors
/// A fault of the database.
pub async fn forget(tx: &Tx, before: Timestamp, now: Timestamp, limit: u32) -> Result<u64, Error> {
    let sql = "DELETE FROM campaign_members WHERE id IN (SELECT id FROM campaign_members WHERE assigned_at < $1 \
               AND counts_until < $2 ORDER BY assigned_at LIMIT $3)";
    execute(tx, sql, [before.micros().into(), now.micros().into(), i64::from(limit).into()]).await
}
