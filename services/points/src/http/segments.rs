//! Segments: lists of members that the chain keeps, for rules that ask for them.

use axum::{Json, extract::State};
use http::StatusCode;
use kernel::{MemberId, SegmentCode, Timestamp};
use serde::{Deserialize, Serialize};
use store::paging::Cursor;
use utoipa::ToSchema;
use uuid::Uuid;
use web::{Access, Body, Bound, Face, PathParams, Problem, QueryParams, RouteSpec};

use super::{Counter, history::Page, roles};
use crate::{
    commands::keep_segments::{ChangeSegment, MOST_SEGMENTS, NotKept, change_segment, open_segment as open},
    error, queries,
    store::segments::Segment,
};

pub(super) static OPEN: RouteSpec =
    RouteSpec::put("/v1/segments/{segment}", "open_segment", Access::Operator)
        .staff(Bound::Chain, roles::MARKETING)
        .problems(&[&error::SEGMENTS_TOO_MANY, &error::DATABASE_BUSY]);

pub(super) static CHANGE: RouteSpec =
    RouteSpec::post("/v1/segments/{segment}/members", "change_segment", Access::Operator)
        .staff(Bound::Chain, roles::MARKETING)
        .body_limit(512 * 1024)
        .problems(&[
            &error::SEGMENT_UNKNOWN,
            &error::MEMBERS_TOO_MANY,
            &error::MEMBER_UNKNOWN,
            &error::DATABASE_BUSY,
        ]);

pub(super) static LIST: RouteSpec = RouteSpec::get("/v1/segments", "list_segments", Access::Operator)
    .staff(Bound::Chain, roles::PROGRAMME_READERS);

pub(super) static MEMBERS: RouteSpec =
    RouteSpec::get("/v1/segments/{segment}/members", "list_segment_members", Access::Operator)
        .staff(Bound::Chain, roles::SEGMENT_READERS)
        .problems(&[&error::SEGMENT_UNKNOWN, &error::CURSOR_INVALID, &error::LIMIT_OUT_OF_RANGE]);

/// The routes of segments.
pub(super) fn on(face: Face<Counter>) -> Face<Counter> {
    face.route(&OPEN, open_segment)
        .route(&CHANGE, change_members)
        .route(&LIST, list_segments)
        .route(&MEMBERS, list_members)
}

/// The most members of one request, coming and going together.
const MOST_MEMBERS: usize = 5_000;

/// A segment.
#[derive(Serialize, ToSchema)]
pub struct SegmentAnswer {
    /// Its code.
    #[schema(value_type = String, example = "regulars")]
    pub segment: SegmentCode,
    /// How many members it has.
    pub members: u64,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was changed last.
    pub changed_at: Timestamp,
}

impl From<Segment> for SegmentAnswer {
    fn from(segment: Segment) -> Self {
        let Segment { code, opened_at, changed_at, members } = segment;
        Self { segment: code, members, opened_at, changed_at }
    }
}

/// All segments.
#[derive(Serialize, ToSchema)]
pub struct SegmentList {
    /// By code.
    pub items: Vec<SegmentAnswer>,
}

/// Who comes into a segment and who goes out, 5,000 together at most.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentChange {
    /// Members who come in; who is in already stays.
    #[serde(default)]
    #[schema(max_items = 5000)]
    pub add: Vec<MemberId>,
    /// Members who go out, before the others come in; who is not in is left alone.
    #[serde(default)]
    #[schema(max_items = 5000)]
    pub remove: Vec<MemberId>,
}

/// Members of a segment.
#[derive(Serialize, ToSchema)]
pub struct SegmentMembers {
    /// By id.
    pub items: Vec<MemberId>,
    /// Whether there are more.
    pub has_more: bool,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Open a segment
///
/// A list of members that the chain keeps, and that rules of the programme can ask for; 200 at most. It begins empty, and opening it
/// again changes nothing.
#[utoipa::path(
    put, path = "/v1/segments/{segment}", operation_id = "open_segment", tag = "segments",
    params(("segment" = String, Path, description = "The segment's code.")),
    responses(
        (status = 201, description = "Opened.", body = SegmentAnswer),
        (status = 200, description = "It was open already.", body = SegmentAnswer),
    )
)]
pub(super) async fn open_segment(
    State(counter): State<Counter>,
    PathParams(code): PathParams<SegmentCode>,
) -> Result<(StatusCode, Json<SegmentAnswer>), Problem> {
    let (segment, new) = open(&counter.recorder, &code).await.map_err(error::fault)?.map_err(refused)?;
    Ok((if new { StatusCode::CREATED } else { StatusCode::OK }, Json(segment.into())))
}

/// Change a segment
///
/// Adds members and removes others, all or nothing. Rules see it with the next purchase. The same change again changes nothing.
#[utoipa::path(
    post, path = "/v1/segments/{segment}/members", operation_id = "change_segment", tag = "segments",
    params(("segment" = String, Path, description = "The segment's code.")),
    request_body = SegmentChange,
    responses((status = 200, description = "The segment as it stands now.", body = SegmentAnswer))
)]
pub(super) async fn change_members(
    State(counter): State<Counter>,
    PathParams(code): PathParams<SegmentCode>,
    Body(SegmentChange { add, remove }): Body<SegmentChange>,
) -> Result<Json<SegmentAnswer>, Problem> {
    if add.len() + remove.len() > MOST_MEMBERS {
        let pointer = if add.is_empty() { "/remove" } else { "/add" };
        return Err(most(Problem::new(&error::MEMBERS_TOO_MANY), MOST_MEMBERS).pointer(pointer));
    }
    let command = ChangeSegment { code, add, remove };
    let changed = change_segment(&counter.recorder, &command).await.map_err(error::fault)?;
    Ok(Json(changed.map_err(refused)?.into()))
}

/// List segments
#[utoipa::path(
    get, path = "/v1/segments", operation_id = "list_segments", tag = "segments",
    responses((status = 200, description = "All segments.", body = SegmentList))
)]
pub(super) async fn list_segments(State(counter): State<Counter>) -> Result<Json<SegmentList>, Problem> {
    let all = queries::segments::all(&counter.database).await.map_err(error::fault)?;
    Ok(Json(SegmentList { items: all.into_iter().map(SegmentAnswer::from).collect() }))
}

/// List a segment's members
#[utoipa::path(
    get, path = "/v1/segments/{segment}/members", operation_id = "list_segment_members", tag = "segments",
    params(("segment" = String, Path, description = "The segment's code."), Page),
    responses((status = 200, description = "A page of the members, by id.", body = SegmentMembers))
)]
pub(super) async fn list_members(
    State(counter): State<Counter>,
    PathParams(code): PathParams<SegmentCode>,
    QueryParams(page): QueryParams<Page>,
) -> Result<Json<SegmentMembers>, Problem> {
    let after = page.place::<Uuid>()?;
    let found = queries::segments::members(&counter.database, &code, after, page.limit + 1).await;
    let Some(mut items) = found.map_err(error::fault)? else {
        return Err(Problem::new(&error::SEGMENT_UNKNOWN));
    };
    let has_more = page.cut(&mut items);
    let last = items.last().filter(|_| has_more);
    let next_cursor = last.map(|member| Cursor::of(&member.as_uuid()).as_str().to_owned());
    Ok(Json(SegmentMembers { items, has_more, next_cursor }))
}

fn refused(why: NotKept) -> Problem {
    match why {
        NotKept::Unknown => Problem::new(&error::SEGMENT_UNKNOWN),
        NotKept::TooMany => most(Problem::new(&error::SEGMENTS_TOO_MANY), MOST_SEGMENTS),
        NotKept::UnknownMember(place) => {
            Problem::new(&error::MEMBER_UNKNOWN).pointer(format!("/add/{place}"))
        }
    }
}

fn most(problem: Problem, most: usize) -> Problem {
    problem.arg("most", most).extension("most", most)
}
