//! Which segments are there, and who is in them?

use kernel::{MemberId, SegmentCode};
use store::Database;
use uuid::Uuid;

use crate::store::segments::{self, Segment};

/// All segments, by code.
///
/// # Errors
/// When the database refuses.
pub async fn all(database: &Database) -> anyhow::Result<Vec<Segment>> {
    let tx = database.snapshot().await?;
    let all = segments::all(&tx).await?;
    tx.rollback().await?;
    Ok(all)
}

/// Members of a segment beyond one of them, by id, so many at most; `None` when there is no such segment.
///
/// # Errors
/// When the database refuses.
pub async fn members(
    database: &Database,
    code: &SegmentCode,
    after: Option<Uuid>,
    most: u32,
) -> anyhow::Result<Option<Vec<MemberId>>> {
    let tx = database.snapshot().await?;
    let known = segments::load(&tx, code).await?.is_some();
    let members = if known { Some(segments::members(&tx, code, after, most).await?) } else { None };
    tx.rollback().await?;
    Ok(members)
}

/// Members of a segment, or of the whole club, beyond one of them, by id, so many at most; and how many there are, where they are
/// `counted`. `None` when there is no such segment.
///
/// # Errors
/// When the database refuses.
pub async fn audience(
    database: &Database,
    segment: Option<&SegmentCode>,
    after: Option<Uuid>,
    most: u32,
    counted: bool,
) -> anyhow::Result<Option<(Vec<MemberId>, Option<u64>)>> {
    let tx = database.snapshot().await?;
    let found = match segment {
        None => {
            let count = if counted { Some(segments::count_everybody(&tx).await?) } else { None };
            Some((segments::everybody(&tx, after, most).await?, count))
        }
        Some(code) if !segments::is_open(&tx, code).await? => None,
        Some(code) => {
            let count = if counted { segments::load(&tx, code).await?.map(|one| one.members) } else { None };
            Some((segments::members(&tx, code, after, most).await?, count))
        }
    };
    tx.rollback().await?;
    Ok(found)
}

/// The segments that a member is in, by code.
///
/// # Errors
/// When the database refuses.
pub async fn of_member(database: &Database, member: MemberId) -> anyhow::Result<Vec<SegmentCode>> {
    let tx = database.snapshot().await?;
    let codes = segments::of_member(&tx, member).await?;
    tx.rollback().await?;
    Ok(codes)
}
