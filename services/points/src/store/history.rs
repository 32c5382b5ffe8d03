//! What members did before and where they belong: read with the batch whose rules ask for it.

use std::{collections::HashMap, sync::LazyLock};

use anyhow::Context as _;
use kernel::{Day, MemberId, SegmentCode, Timestamp};
use sea_orm::{ConnectionTrait as _, QueryResult, Statement, TryGetable};
use store::{Column, ColumnType, StoreError, Tx, bulk::BulkSelect};
use uuid::Uuid;

use super::{merges, occasions};
use crate::domain::{AskedOfMembers, History, JournalKind};

static JOINED: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("members", "member_id, joined_at", ("member_id", ColumnType::Uuid)));
static PURCHASES: LazyLock<BulkSelect> = LazyLock::new(|| {
    let counted = format!(
        "(SELECT member_id, COUNT(*) AS purchases FROM journals WHERE kind = {} GROUP BY member_id) AS bought",
        JournalKind::Purchase.number()
    );
    BulkSelect::new(&counted, "member_id, purchases", ("member_id", ColumnType::Uuid))
});

static SEGMENTS: LazyLock<BulkSelect> = LazyLock::new(|| {
    BulkSelect::new("segment_members", "member_id, segment", ("member_id", ColumnType::Uuid))
});
static HOUSEHOLDS: LazyLock<BulkSelect> = LazyLock::new(|| {
    let size = "(SELECT CAST(SUM(same.counts) AS bigint) FROM households AS same \
                WHERE same.household = households.household)";
    BulkSelect::new("households", &format!("member_id, {size}"), ("member_id", ColumnType::Uuid))
});
static OCCASIONS: LazyLock<BulkSelect> = LazyLock::new(|| {
    BulkSelect::new("occasions", "member_id, occasion, told_at", ("member_id", ColumnType::Uuid))
});

/// Whether anything is asked that [`where_members_belong`] tells.
pub fn asks_where_members_belong(asked: &AskedOfMembers) -> bool {
    asked.household || asked.occasions || !asked.segments.is_empty()
}

/// Those of the segments that are asked for in which these members are, how large their households are, and the occasions that
/// were told of them.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn where_members_belong(
    tx: &Tx,
    members: &[Uuid],
    asked: &AskedOfMembers,
    day_of: &(impl Fn(Timestamp) -> Day + Send + Sync),
) -> anyhow::Result<HashMap<MemberId, History>> {
    let mut found: HashMap<MemberId, History> = HashMap::new();
    if !asked.segments.is_empty() {
        for row in SEGMENTS.run(tx, Column::Uuid(members)).await? {
            let segment = SegmentCode::parse(&at::<String>(&row, 1)?).context("a segment")?;
            if asked.segments.contains(&segment) {
                history(&mut found, &row)?.segments.push(segment);
            }
        }
    }
    if asked.household {
        for row in HOUSEHOLDS.run(tx, Column::Uuid(members)).await? {
            history(&mut found, &row)?.household = u32::try_from(at::<i64>(&row, 1)?)?;
        }
    }
    if asked.occasions {
        for row in OCCASIONS.run(tx, Column::Uuid(members)).await? {
            let occasion = occasions::occasion(at(&row, 1)?).context("an occasion")?;
            let told_on = day_of(Timestamp::from_micros(at(&row, 2)?));
            history(&mut found, &row)?.occasions.push((occasion, told_on));
        }
    }
    Ok(found)
}

/// What is asked of these members; `day_of` is the chain's wall clock. Give each member once.
///
/// The version check on accounts makes it hold: whoever bought meanwhile has another version.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn load(
    tx: &Tx,
    members: &[Uuid],
    asked: &AskedOfMembers,
    since: Timestamp,
    day_of: impl Fn(Timestamp) -> Day + Send + Sync,
) -> anyhow::Result<HashMap<MemberId, History>> {
    let mut found = where_members_belong(tx, members, asked, &day_of).await?;
    // What somebody bought by another name of theirs was bought by them.
    let survivors = if asked.purchases || asked.visits_since.is_some() {
        merges::absorbed_by(tx, members).await?
    } else {
        HashMap::new()
    };
    let names: Vec<Uuid> =
        members.iter().copied().chain(survivors.keys().map(|absorbed| absorbed.as_uuid())).collect();
    let whose = |row: &QueryResult| -> anyhow::Result<MemberId> {
        let member = MemberId::from_uuid(at(row, 0)?);
        Ok(survivors.get(&member).copied().unwrap_or(member))
    };
    if asked.joined {
        for row in JOINED.run(tx, Column::Uuid(members)).await? {
            let joined: Option<i64> = at(&row, 1)?;
            history(&mut found, &row)?.joined = joined.map(|at| day_of(Timestamp::from_micros(at)));
        }
    }
    if asked.purchases {
        for row in PURCHASES.run(tx, Column::Uuid(&names)).await? {
            let bought = &mut found.entry(whose(&row)?).or_default().purchases;
            *bought = bought.saturating_add(u64::try_from(at::<i64>(&row, 1)?)?);
        }
    }
    if asked.visits_since.is_some() && !names.is_empty() {
        for row in visits(tx, &names, since).await? {
            let day = day_of(Timestamp::from_micros(at(&row, 1)?));
            found.entry(whose(&row)?).or_default().visited.push(day);
        }
    }
    Ok(found)
}

async fn visits(tx: &Tx, members: &[Uuid], since: Timestamp) -> anyhow::Result<Vec<QueryResult>> {
    let marks: Vec<String> = (0..members.len()).map(|n| format!("${}", n + 3)).collect();
    let sql = format!(
        "SELECT member_id, recorded_at FROM journals WHERE kind = $1 AND recorded_at >= $2 AND member_id IN ({})",
        marks.join(", ")
    );
    let values = [JournalKind::Purchase.number().into(), since.micros().into()];
    let values = values.into_iter().chain(members.iter().map(|member| (*member).into()));
    let connection = tx.connection();
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    Ok(connection.query_all_raw(statement).await.map_err(StoreError::from)?)
}

fn history<'a>(
    found: &'a mut HashMap<MemberId, History>,
    row: &QueryResult,
) -> anyhow::Result<&'a mut History> {
    Ok(found.entry(MemberId::from_uuid(at(row, 0)?)).or_default())
}

fn at<T: TryGetable>(row: &QueryResult, index: usize) -> anyhow::Result<T> {
    Ok(row.try_get_by_index(index).map_err(StoreError::from)?)
}
