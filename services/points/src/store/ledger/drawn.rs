//! Who drew points within a household and from whom, as the rows of both sides keep it.

use contracts::points::DrawnFrom;
use kernel::{MemberId, Points};
use uuid::Uuid;

use super::OperationRow;
use crate::domain::JournalKind;

/// Members and how many points each gave, as a short text for a stored row.
#[must_use]
pub fn drawn_text(from: &[DrawnFrom]) -> String {
    let parts = from.iter().map(|from| format!("{},{}", from.member_id, from.points));
    parts.collect::<Vec<_>>().join(";")
}

impl OperationRow {
    /// The member of the household who spent the points that left by this journal.
    #[must_use]
    pub fn drawn_by(&self) -> Option<MemberId> {
        let outcome = self.outcome.as_deref().filter(|_| self.kind == JournalKind::PoolGiven)?;
        Uuid::parse_str(outcome).ok().map(MemberId::from_uuid)
    }

    /// The members of the household whose points came by this journal; nobody for any other.
    #[must_use]
    pub fn drawn_from(&self) -> Vec<DrawnFrom> {
        let outcome = self.outcome.as_deref().filter(|_| self.kind == JournalKind::PoolDrawn);
        let parts = outcome.into_iter().flat_map(|outcome| outcome.split(';'));
        let read = parts.filter_map(|part| {
            let (member, points) = part.split_once(',')?;
            let member_id = MemberId::from_uuid(Uuid::parse_str(member).ok()?);
            Some(DrawnFrom { member_id, points: Points::new(points.parse().ok()?) })
        });
        read.collect()
    }
}
