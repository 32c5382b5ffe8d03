//! Whom a campaign is about: `points` knows the members, and who is in which segment.

use std::time::Duration;

use axum::http::Method;
use kernel::{MemberId, SegmentCode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use web::{AskError, Peer};

const PATH: &str = "/internal/v1/segment-members";
/// How long points has to count: it looks at everybody.
const COUNTING: Duration = Duration::from_secs(20);

#[derive(Serialize)]
struct Question<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    segment: Option<&'a SegmentCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Uuid>,
    limit: u32,
    counted: bool,
}

/// Members of a page, and how many there are where that was asked.
#[derive(Debug, Deserialize)]
struct AudienceTold {
    /// By id.
    members: Vec<MemberId>,
    /// How many there are in all.
    #[serde(default)]
    count: u64,
}

/// Asks points. Cheap to clone.
#[derive(Clone)]
pub struct Audiences {
    points: Peer,
    within: Duration,
}

impl Audiences {
    /// Asks this points, which has so long for an answer.
    #[must_use]
    pub const fn new(points: Peer, within: Duration) -> Self {
        Self { points, within }
    }

    /// Up to `limit` members of a segment, or of the whole club, with ids behind `after`.
    ///
    /// # Errors
    /// [`AskError`]; it says so where there is no such segment.
    pub async fn page(
        &self,
        segment: Option<&SegmentCode>,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<MemberId>, AskError> {
        let question = Question { segment, after, limit, counted: false };
        let told: AudienceTold = self.points.ask(Method::POST, PATH, &question, self.within).await?;
        Ok(told.members)
    }

    /// How many members a segment, or the whole club, has.
    ///
    /// # Errors
    /// [`AskError`]; it says so where there is no such segment.
    pub async fn count(&self, segment: Option<&SegmentCode>) -> Result<u64, AskError> {
        let question = Question { segment, after: None, limit: 1, counted: true };
        let told: AudienceTold = self.points.ask(Method::POST, PATH, &question, COUNTING).await?;
        Ok(told.count)
    }
}
