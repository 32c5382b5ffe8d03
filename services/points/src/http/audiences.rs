//! Who is in a segment, or in the club, page by page, for whoever sends something to many: `notifications`.

use axum::{Json, extract::State};
use kernel::{MemberId, SegmentCode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use web::{Access, Body, Face, Problem, RouteSpec};

use super::Counter;
use crate::{error, queries};

/// Members of one answer at most.
const MOST: u32 = 1_000;

pub(super) static TELL: RouteSpec =
    RouteSpec::post("/internal/v1/segment-members", "tell_segment_members", Access::Services)
        .body_limit(4 * 1024)
        .problems(&[&error::SEGMENT_UNKNOWN]);

/// The routes of audiences.
pub(super) fn on(face: Face<Counter>) -> Face<Counter> {
    face.route(&TELL, tell_segment_members)
}

/// Which members.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AudienceQuestion {
    /// Of this segment; of the whole club when it is not said.
    #[serde(default)]
    segment: Option<SegmentCode>,
    /// Behind this one, by id.
    #[serde(default)]
    after: Option<Uuid>,
    /// So many; 1,000 at most.
    limit: u32,
    /// Whether they are counted too.
    #[serde(default)]
    counted: bool,
}

/// A page of members.
#[derive(Serialize)]
pub(super) struct AudienceAnswer {
    /// By id.
    members: Vec<MemberId>,
    /// How many there are in all, where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
}

/// Who is in a segment, or in the club.
pub(super) async fn tell_segment_members(
    State(counter): State<Counter>,
    Body(asked): Body<AudienceQuestion>,
) -> Result<Json<AudienceAnswer>, Problem> {
    let (segment, limit) = (asked.segment.as_ref(), asked.limit.min(MOST));
    let told =
        queries::segments::audience(&counter.database, segment, asked.after, limit, asked.counted).await;
    let Some((members, count)) = told.map_err(error::fault)? else {
        return Err(Problem::new(&error::SEGMENT_UNKNOWN));
    };
    Ok(Json(AudienceAnswer { members, count }))
}
