//! Which segment members are in by the plan that they pay for.

use std::collections::BTreeSet;

use kernel::{MemberId, SegmentCode, Timestamp};
use sea_orm::{ConnectionTrait, Statement};
use store::{StoreError, Tx};

use super::{
    rows::{at, query},
    segments,
};

/// What membership told last of a member's plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanTold {
    /// Whose.
    pub member: MemberId,
    /// The number of the fact, in the member's own sequence about plans.
    pub seq: u64,
    /// The segment of the plan while it gives anything.
    pub segment: Option<SegmentCode>,
}

/// Notes what was told, and moves the member from one segment to the other; what is older than what is known changes nothing.
///
/// # Errors
/// When the database refuses.
pub async fn note(tx: &Tx, told: &PlanTold, now: Timestamp) -> anyhow::Result<()> {
    let member = told.member.as_uuid();
    let rows = query(tx, "SELECT segment FROM plan_standings WHERE member_id = $1", [member.into()]).await?;
    let before: Option<String> = rows.first().map(|row| at(row, 0)).transpose()?.flatten();
    let sql = "INSERT INTO plan_standings (member_id, seq, segment) VALUES ($1, $2, $3) ON CONFLICT (member_id) DO UPDATE \
               SET seq = excluded.seq, segment = excluded.segment WHERE plan_standings.seq < excluded.seq";
    let segment = told.segment.as_ref().map(ToString::to_string);
    let values = [member.into(), i64::try_from(told.seq)?.into(), segment.clone().into()];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    let newer = tx.execute_raw(statement).await.map_err(StoreError::from)?.rows_affected() == 1;
    if !newer || before == segment {
        return Ok(());
    }
    let nobody = BTreeSet::new();
    let them = BTreeSet::from([member]);
    if let Some(before) = before {
        segments::change(tx, &SegmentCode::parse(&before)?, &nobody, &them, now).await?;
    }
    if let Some(segment) = &told.segment {
        segments::open(tx, segment, now).await?;
        segments::change(tx, segment, &them, &nobody, now).await?;
    }
    Ok(())
}
