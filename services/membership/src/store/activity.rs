//! Members' activity, read and written many members at a time.

use std::{collections::BTreeMap, sync::LazyLock};

use anyhow::Context as _;
use kernel::MemberId;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};
use store::{
    Column, ColumnType, Tx,
    bulk::{BulkInsert, BulkSelect},
};
use uuid::Uuid;

use super::{coded, counted, instant, signed, tables::activity};
use crate::{
    domain::activity::{Activity, Gap, Seen},
    error::Error,
};

/// What is known about a member, and the row's revision: zero when there is no row yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revised {
    /// What is known; absent before the first purchase.
    pub activity: Option<Activity>,
    /// The row's revision.
    pub revision: u64,
}

static LOAD: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("activity", "*", ("member_id", ColumnType::Uuid)));

static SAVE: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [
        ("member_id", ColumnType::Uuid),
        ("purchases", ColumnType::I64),
        ("first_at", ColumnType::I64),
        ("last_at", ColumnType::I64),
        ("last_branch", ColumnType::Text),
        ("seen", ColumnType::I64),
        ("gaps", ColumnType::Text),
        ("revision", ColumnType::I64),
    ];
    // A row that somebody else wrote since it was read is left alone, and counts as not saved.
    let conflict = "ON CONFLICT (member_id) DO UPDATE SET purchases = excluded.purchases, \
        first_at = excluded.first_at, last_at = excluded.last_at, last_branch = excluded.last_branch, \
        seen = excluded.seen, gaps = excluded.gaps, revision = excluded.revision \
        WHERE activity.revision + 1 = excluded.revision";
    BulkInsert::new("activity", &columns, conflict)
});

/// The activity of these members. It is not locked: [`save_all`] finds out whether somebody else wrote meanwhile.
///
/// # Errors
/// A fault of the database.
pub async fn load_all(tx: &Tx, members: &[MemberId]) -> Result<BTreeMap<MemberId, Revised>, Error> {
    let keys: Vec<Uuid> = members.iter().map(|id| id.as_uuid()).collect();
    let rows = LOAD.run(tx, Column::Uuid(&keys)).await?;
    rows.iter().map(|row| keyed(&activity::Model::from_query_result(row, "")?)).collect()
}

/// Stores the activity of these members, each one revision on; `false` when another writer was faster for some.
///
/// # Errors
/// A fault of the database.
pub async fn save_all(tx: &Tx, members: &BTreeMap<MemberId, Revised>) -> Result<bool, Error> {
    let known: Vec<(Uuid, &Activity, u64)> = members
        .iter()
        .filter_map(|(id, known)| Some((id.as_uuid(), known.activity.as_ref()?, known.revision + 1)))
        .collect();
    let whole = |pick: fn(&Activity) -> u64| {
        known.iter().map(|(_, a, _)| signed(pick(a))).collect::<Result<Vec<_>, _>>()
    };
    let ids: Vec<Uuid> = known.iter().map(|(id, ..)| *id).collect();
    let purchases = whole(|a| a.purchases)?;
    let first_at: Vec<i64> = known.iter().map(|(_, a, _)| a.first_at.micros()).collect();
    let last_at: Vec<i64> = known.iter().map(|(_, a, _)| a.last_at.micros()).collect();
    let branches: Vec<&str> = known.iter().map(|(_, a, _)| a.last_branch.as_str()).collect();
    let seen = whole(|a| a.seen.through)?;
    let gaps: Vec<String> = known.iter().map(|(_, a, _)| gaps_text(&a.seen.gaps)).collect();
    let gaps: Vec<&str> = gaps.iter().map(String::as_str).collect();
    let revisions = known.iter().map(|(_, _, revision)| signed(*revision)).collect::<Result<Vec<_>, _>>()?;
    let columns = [
        Column::Uuid(&ids),
        Column::I64(&purchases),
        Column::I64(&first_at),
        Column::I64(&last_at),
        Column::Text(&branches),
        Column::I64(&seen),
        Column::Text(&gaps),
        Column::I64(&revisions),
    ];
    let saved = SAVE.run(tx, &columns).await?;
    Ok(usize::try_from(saved).is_ok_and(|saved| saved == ids.len()))
}

/// A member's activity, when they bought something.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, member: MemberId) -> Result<Option<Activity>, Error> {
    let row = activity::Entity::find_by_id(member.as_uuid()).one(on).await?;
    Ok(row.as_ref().map(keyed).transpose()?.and_then(|(_, known)| known.activity))
}

/// Up to `limit` members with activity whose ids come after `after`, in order.
///
/// # Errors
/// A fault of the database.
pub async fn list(
    on: &impl ConnectionTrait,
    after: Option<MemberId>,
    limit: u64,
) -> Result<Vec<(MemberId, Activity)>, Error> {
    let mut query = activity::Entity::find().order_by_asc(activity::Column::MemberId).limit(limit);
    if let Some(after) = after {
        query = query.filter(activity::Column::MemberId.gt(after.as_uuid()));
    }
    let rows = query.all(on).await?;
    rows.iter()
        .map(keyed)
        .filter_map(|row| row.map(|(id, known)| Some((id, known.activity?))).transpose())
        .collect()
}

fn keyed(row: &activity::Model) -> Result<(MemberId, Revised), Error> {
    let seen = Seen { through: counted(row.seen)?, gaps: gaps_of(&row.gaps)? };
    let activity = Activity {
        purchases: counted(row.purchases)?,
        first_at: instant(row.first_at),
        last_at: instant(row.last_at),
        last_branch: coded(&row.last_branch)?,
        seen,
    };
    let revised = Revised { activity: Some(activity), revision: counted(row.revision)? };
    Ok((MemberId::from_uuid(row.member_id), revised))
}

/// `3,8-12`: single numbers and runs, separated by commas.
fn gaps_text(gaps: &[Gap]) -> String {
    let run = |gap: &Gap| match gap.count() {
        1 => gap.first.to_string(),
        _ => format!("{}-{}", gap.first, gap.last),
    };
    gaps.iter().map(run).collect::<Vec<_>>().join(",")
}

fn gaps_of(text: &str) -> Result<Vec<Gap>, Error> {
    let gaps: Option<Vec<Gap>> = text.split(',').filter(|part| !part.is_empty()).map(gap_of).collect();
    Ok(gaps.with_context(|| format!("a row holds {text:?} where sequence numbers belong"))?)
}

fn gap_of(run: &str) -> Option<Gap> {
    let (first, last) = run.split_once('-').unwrap_or((run, run));
    let gap = Gap { first: first.parse().ok()?, last: last.parse().ok()? };
    (gap.first <= gap.last).then_some(gap)
}
