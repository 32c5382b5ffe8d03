//! A member's movements and journals of a time, for statements.

use anyhow::Context as _;
use kernel::{BranchCode, Day, MemberId, Points, Timestamp};
use store::Tx;

use super::rows::{at, query};
use crate::domain::{JournalKind, Moved, Template};

/// The movements of a member that were recorded before an instant, those of one lot and template as one.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn moved_before(tx: &Tx, member: MemberId, before: Timestamp) -> anyhow::Result<Vec<Moved>> {
    let sums = "SELECT CAST(0 AS bigint), e.template, e.expires_on, CAST(SUM(e.points) AS bigint) FROM entries e \
                JOIN journals j ON j.member_id = e.member_id AND j.version = e.version \
                WHERE e.member_id = $1 AND j.member_id = $1 AND j.recorded_at < $2 GROUP BY e.template, e.expires_on";
    moved(tx, sums, [member.as_uuid().into(), before.micros().into()]).await
}

/// The movements of a member that were recorded from one instant up to another.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn moved_within(
    tx: &Tx,
    member: MemberId,
    from: Timestamp,
    until: Timestamp,
) -> anyhow::Result<Vec<Moved>> {
    let each = "SELECT e.version, e.template, e.expires_on, e.points FROM entries e \
                JOIN journals j ON j.member_id = e.member_id AND j.version = e.version \
                WHERE e.member_id = $1 AND j.member_id = $1 AND j.recorded_at >= $2 AND j.recorded_at < $3";
    moved(tx, each, [member.as_uuid().into(), from.micros().into(), until.micros().into()]).await
}

async fn moved(
    tx: &Tx,
    sql: &str,
    values: impl IntoIterator<Item = sea_orm::Value>,
) -> anyhow::Result<Vec<Moved>> {
    let rows = query(tx, sql, values).await?;
    rows.iter()
        .map(|row| {
            let number: i16 = at(row, 1)?;
            Ok(Moved {
                version: u64::try_from(at::<i64>(row, 0)?)?,
                template: Template::from_number(number).with_context(|| format!("template {number}"))?,
                expires_on: Day::from_number(at(row, 2)?),
                points: Points::new(at(row, 3)?),
            })
        })
        .collect()
}

/// What a statement says about a journal besides its points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The account's version with it.
    pub version: u64,
    /// What happened.
    pub kind: JournalKind,
    /// Where.
    pub branch: Option<BranchCode>,
    /// Why, for what people did by hand.
    pub reason: Option<String>,
}

/// The journals of a member that were recorded from one instant up to another.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn events(
    tx: &Tx,
    member: MemberId,
    from: Timestamp,
    until: Timestamp,
) -> anyhow::Result<Vec<Event>> {
    let sql = "SELECT version, kind, branch, reason FROM journals \
               WHERE member_id = $1 AND recorded_at >= $2 AND recorded_at < $3 ORDER BY version";
    let rows = query(tx, sql, [member.as_uuid().into(), from.micros().into(), until.micros().into()]).await?;
    rows.iter()
        .map(|row| {
            let branch: Option<String> = at(row, 2)?;
            Ok(Event {
                version: u64::try_from(at::<i64>(row, 0)?)?,
                kind: JournalKind::from_number(at(row, 1)?).context("a kind of journal")?,
                branch: branch.as_deref().map(BranchCode::parse).transpose()?,
                reason: at(row, 3)?,
            })
        })
        .collect()
}
