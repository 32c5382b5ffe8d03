//! Members' activity, read and written many members at a time.

use std::{collections::BTreeMap, sync::LazyLock};

use anyhow::Context as _;
use kernel::MemberId;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};
use store::{
    Column, ColumnType, Tx,
    bulk::{BulkInsert, BulkSelect, BulkUpdate},
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

const KEPT: [(&str, ColumnType); 6] = [
    ("purchases", ColumnType::I64),
    ("first_at", ColumnType::I64),
    ("last_at", ColumnType::I64),
    ("last_branch", ColumnType::Text),
    ("seen", ColumnType::I64),
    ("gaps", ColumnType::Text),
];

/// A row that somebody else made meanwhile is left alone, and counts as not saved.
static FIRST: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [&[("member_id", ColumnType::Uuid), ("revision", ColumnType::I64)][..], &KEPT].concat();
    BulkInsert::new("activity", &columns, "ON CONFLICT (member_id) DO NOTHING")
});

/// A row that somebody else wrote since it was read is left alone, and counts as not saved.
static NEXT: LazyLock<BulkUpdate> = LazyLock::new(|| {
    let keys = [("member_id", ColumnType::Uuid), ("revision", ColumnType::I64)];
    BulkUpdate::new("activity", &keys, &[&[("revision", ColumnType::I64)][..], &KEPT].concat())
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
    let rows = members.iter().filter_map(|(id, known)| Row::of(*id, known));
    let (first, next): (Vec<_>, Vec<_>) = rows.partition(|row| row.revision == 0);
    let (first, next) = (Columns::of(&first)?, Columns::of(&next)?);
    let (id, before, after) =
        (Column::Uuid(&next.ids), Column::I64(&next.revisions), Column::I64(&next.next_revisions));
    let saved = NEXT.run(tx, &[&[id, before, after][..], &next.kept()].concat()).await?;
    let (id, after) = (Column::Uuid(&first.ids), Column::I64(&first.next_revisions));
    let made = FIRST.run(tx, &[&[id, after][..], &first.kept()].concat()).await?;
    Ok(saved == next.ids.len() as u64 && made == first.ids.len() as u64)
}

/// A row of activity to be written.
struct Row<'a> {
    id: MemberId,
    activity: &'a Activity,
    gaps: String,
    /// As it was read.
    revision: u64,
}

impl<'a> Row<'a> {
    fn of(id: MemberId, known: &'a Revised) -> Option<Self> {
        let activity = known.activity.as_ref()?;
        Some(Self { id, activity, gaps: gaps_text(&activity.seen.gaps), revision: known.revision })
    }
}

/// The columns of rows of activity.
#[derive(Default)]
struct Columns<'a> {
    ids: Vec<Uuid>,
    revisions: Vec<i64>,
    next_revisions: Vec<i64>,
    purchases: Vec<i64>,
    first_at: Vec<i64>,
    last_at: Vec<i64>,
    last_branches: Vec<&'a str>,
    seen: Vec<i64>,
    gaps: Vec<&'a str>,
}

impl<'a> Columns<'a> {
    fn of(rows: &'a [Row<'a>]) -> Result<Self, Error> {
        let mut columns = Self::default();
        for Row { id, activity, gaps, revision } in rows {
            columns.ids.push(id.as_uuid());
            columns.revisions.push(signed(*revision)?);
            columns.next_revisions.push(signed(*revision + 1)?);
            columns.purchases.push(signed(activity.purchases)?);
            columns.first_at.push(activity.first_at.micros());
            columns.last_at.push(activity.last_at.micros());
            columns.last_branches.push(activity.last_branch.as_str());
            columns.seen.push(signed(activity.seen.through)?);
            columns.gaps.push(gaps);
        }
        Ok(columns)
    }

    /// Those of [`KEPT`].
    fn kept(&self) -> [Column<'_>; 6] {
        [
            Column::I64(&self.purchases),
            Column::I64(&self.first_at),
            Column::I64(&self.last_at),
            Column::Text(&self.last_branches),
            Column::I64(&self.seen),
            Column::Text(&self.gaps),
        ]
    }
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
