//! How often each member bought something, and when last, as points told.

use contracts::points::PointsEarned;
use kernel::{JournalId, MemberId, Timestamp};
use sea_orm::ConnectionTrait;
use store::Tx;
use uuid::Uuid;

use super::{at, broken, execute, instant, query};
use crate::error::Error;

/// Somebody's last purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastSeen {
    /// Whose.
    pub member: MemberId,
    /// Which.
    pub purchase: JournalId,
    /// When.
    pub at: Timestamp,
}

/// Counts a purchase; the how-manyth of the member's it is. Nothing for one that was counted before, and for those who were erased.
///
/// # Errors
/// A fault of the database.
pub async fn count(tx: &Tx, bought: &PointsEarned, seq: u64) -> Result<Option<i64>, Error> {
    let seq = i64::try_from(seq).map_err(|_| broken("a position"))?;
    let sql = "INSERT INTO shoppers (member_id, purchases, last_at, last_purchase, seq) SELECT $1, 1, $2, $3, $4 \
               WHERE NOT EXISTS (SELECT 1 FROM erased_members WHERE member_id = $1) \
               ON CONFLICT (member_id) DO UPDATE SET purchases = shoppers.purchases + 1, seq = excluded.seq, \
               last_purchase = CASE WHEN excluded.last_at >= shoppers.last_at THEN excluded.last_purchase ELSE shoppers.last_purchase END, \
               last_at = CASE WHEN excluded.last_at >= shoppers.last_at THEN excluded.last_at ELSE shoppers.last_at END \
               WHERE shoppers.seq < excluded.seq RETURNING purchases";
    let values = [
        bought.member_id.as_uuid().into(),
        bought.occurred_at.micros().into(),
        bought.journal_id.as_uuid().into(),
        seq.into(),
    ];
    query(tx, sql, values).await?.first().map(|row| at(row, 0)).transpose()
}

/// Members whose last purchase lies between these times, the longest away first, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn away(
    on: &impl ConnectionTrait,
    (from, to): (Timestamp, Timestamp),
    after: Option<LastSeen>,
    limit: u32,
) -> Result<Vec<LastSeen>, Error> {
    let sql = "SELECT member_id, last_purchase, last_at FROM shoppers \
               WHERE last_at >= $1 AND last_at <= $2 AND (last_at > $3 OR (last_at = $3 AND member_id > $4)) \
               ORDER BY last_at, member_id LIMIT $5";
    let (last_at, member) =
        after.map_or((i64::MIN, Uuid::nil()), |last| (last.at.micros(), last.member.as_uuid()));
    let values =
        [from.micros().into(), to.micros().into(), last_at.into(), member.into(), i64::from(limit).into()];
    let seen = |row| {
        Ok(LastSeen {
            member: MemberId::from_uuid(at(row, 0)?),
            purchase: JournalId::from_uuid(at(row, 1)?),
            at: instant(at(row, 2)?),
        })
    };
    query(on, sql, values).await?.iter().map(seen).collect()
}

/// Forgets what a member bought.
///
/// # Errors
/// A fault of the database.
pub async fn forget(tx: &Tx, member: MemberId) -> Result<(), Error> {
    execute(tx, "DELETE FROM shoppers WHERE member_id = $1", [member.as_uuid().into()]).await.map(drop)
}
