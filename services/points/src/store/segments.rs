//! Segments: lists of members that the chain keeps, for rules that ask for them.

use std::{collections::BTreeSet, sync::LazyLock};

use anyhow::Context as _;
use kernel::{MemberId, SegmentCode, Timestamp};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use store::{
    Column as Values, ColumnType, StoreError, Tx,
    bulk::{BulkDelete, BulkInsert},
};
use uuid::Uuid;

use super::{
    rows::{at, query},
    tables::segment::{ActiveModel, Column, Entity},
};

/// A segment as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its code.
    pub code: SegmentCode,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was changed last.
    pub changed_at: Timestamp,
    /// How many members it has.
    pub members: u64,
}

static ADDED: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [("member_id", ColumnType::Uuid), ("segment", ColumnType::Text)];
    BulkInsert::new("segment_members", &columns, "ON CONFLICT (member_id, segment) DO NOTHING")
});
static REMOVED: LazyLock<BulkDelete> = LazyLock::new(|| {
    BulkDelete::new("segment_members", &[("member_id", ColumnType::Uuid), ("segment", ColumnType::Text)])
});

const SEGMENTS: &str = "SELECT code, opened_at, changed_at, \
     (SELECT COUNT(*) FROM segment_members WHERE segment_members.segment = segments.code) FROM segments";

/// All of them, by code.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn all(tx: &Tx) -> anyhow::Result<Vec<Segment>> {
    query(tx, &format!("{SEGMENTS} ORDER BY code"), []).await?.iter().map(read).collect()
}

/// One of them.
///
/// # Errors
/// When the database refuses, or the row cannot be read.
pub async fn load(tx: &Tx, code: &SegmentCode) -> anyhow::Result<Option<Segment>> {
    let rows = query(tx, &format!("{SEGMENTS} WHERE code = $1"), [code.as_str().into()]).await?;
    rows.first().map(read).transpose()
}

fn read(row: &sea_orm::QueryResult) -> anyhow::Result<Segment> {
    Ok(Segment {
        code: SegmentCode::parse(&at::<String>(row, 0)?).context("a segment")?,
        opened_at: Timestamp::from_micros(at(row, 1)?),
        changed_at: Timestamp::from_micros(at(row, 2)?),
        members: u64::try_from(at::<i64>(row, 3)?)?,
    })
}

/// Whether there is such a segment; its members are not counted for that.
///
/// # Errors
/// When the database refuses.
pub async fn is_open(tx: &Tx, code: &SegmentCode) -> anyhow::Result<bool> {
    Ok(!query(tx, "SELECT 1 FROM segments WHERE code = $1", [code.as_str().into()]).await?.is_empty())
}

/// The codes of all segments.
///
/// # Errors
/// When the database refuses.
pub async fn codes<C: ConnectionTrait>(db: &C) -> anyhow::Result<BTreeSet<SegmentCode>> {
    let rows = Entity::find().all(db).await.map_err(StoreError::from)?;
    let codes = rows.iter().map(|row| SegmentCode::parse(&row.code)).collect::<Result<_, _>>();
    codes.context("a segment")
}

/// Opens a segment; what is open stays as it is.
///
/// # Errors
/// When the database refuses.
pub async fn open(tx: &Tx, code: &SegmentCode, now: Timestamp) -> anyhow::Result<()> {
    let now = now.micros();
    let row = ActiveModel { code: Set(code.to_string()), opened_at: Set(now), changed_at: Set(now) };
    let nothing = OnConflict::column(Column::Code).do_nothing().to_owned();
    let insert = Entity::insert(row).on_conflict(nothing).try_insert();
    insert.exec_without_returning(tx.connection()).await.map_err(StoreError::from)?;
    Ok(())
}

/// Removes members, adds others, and notes when.
///
/// # Errors
/// When the database refuses.
pub async fn change(
    tx: &Tx,
    code: &SegmentCode,
    add: &BTreeSet<Uuid>,
    remove: &BTreeSet<Uuid>,
    now: Timestamp,
) -> anyhow::Result<()> {
    let (add, remove): (Vec<Uuid>, Vec<Uuid>) =
        (add.iter().copied().collect(), remove.iter().copied().collect());
    let codes = vec![code.as_str(); add.len().max(remove.len())];
    REMOVED.run(tx, &[Values::Uuid(&remove), Values::Text(&codes[..remove.len()])]).await?;
    ADDED.run(tx, &[Values::Uuid(&add), Values::Text(&codes[..add.len()])]).await?;
    Entity::update_many()
        .col_expr(Column::ChangedAt, Expr::value(now.micros()))
        .filter(Column::Code.eq(code.as_str()))
        .exec(tx.connection())
        .await
        .map_err(StoreError::from)?;
    Ok(())
}

/// Members of a segment beyond one of them, by id, so many at most.
///
/// # Errors
/// When the database refuses.
pub async fn members(
    tx: &Tx,
    code: &SegmentCode,
    after: Option<Uuid>,
    most: u32,
) -> anyhow::Result<Vec<MemberId>> {
    let sql = "SELECT member_id FROM segment_members WHERE segment = $1 AND member_id > $2 \
               ORDER BY member_id LIMIT $3";
    let values = [code.as_str().into(), after.unwrap_or_default().into(), i64::from(most).into()];
    query(tx, sql, values).await?.iter().map(|row| Ok(MemberId::from_uuid(at(row, 0)?))).collect()
}

/// Members of the club beyond one of them, by id, so many at most; those who are erased, or turned out to be others, are not among them.
///
/// # Errors
/// When the database refuses.
pub async fn everybody(tx: &Tx, after: Option<Uuid>, most: u32) -> anyhow::Result<Vec<MemberId>> {
    let sql =
        format!("SELECT member_id FROM members WHERE member_id > $1 AND {THERE} ORDER BY member_id LIMIT $2");
    let values = [after.unwrap_or_default().into(), i64::from(most).into()];
    query(tx, &sql, values).await?.iter().map(|row| Ok(MemberId::from_uuid(at(row, 0)?))).collect()
}

const THERE: &str = "NOT EXISTS (SELECT 1 FROM erased_members e WHERE e.member_id = members.member_id) \
     AND NOT EXISTS (SELECT 1 FROM merged_members g WHERE g.member_id = members.member_id)";

/// How many members the club has.
///
/// # Errors
/// When the database refuses.
pub async fn count_everybody(tx: &Tx) -> anyhow::Result<u64> {
    let rows = query(tx, &format!("SELECT COUNT(*) FROM members WHERE {THERE}"), []).await?;
    let count = rows.first().map_or(Ok(0), |row| at::<i64>(row, 0))?;
    Ok(u64::try_from(count)?)
}

/// The segments that a member is in, by code.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn of_member(tx: &Tx, member: MemberId) -> anyhow::Result<Vec<SegmentCode>> {
    let sql = "SELECT segment FROM segment_members WHERE member_id = $1 ORDER BY segment";
    let rows = query(tx, sql, [member.as_uuid().into()]).await?;
    rows.iter().map(|row| SegmentCode::parse(&at::<String>(row, 0)?).context("a segment")).collect()
}
