//! Holds: points are set aside, then captured or released; a hold lapses by itself (P7).

use axum::{Json, extract::State};
use kernel::{JournalId, MemberId, Points, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{
    Access, Body, Bound, Caller, DeadlineAt, IdempotencyKey, Lane, PathParams, Problem, Response, RouteSpec,
    Shown,
};

use super::{
    Counter,
    operations::{Asking, OperationAnswer, answered, check_points, run_about, run_spending},
    purchase_request::Buyer,
    roles,
};
use crate::{
    commands::operate::Deed,
    error,
    queries::holds::{self, HoldState},
};

pub(super) static PLACE: RouteSpec = RouteSpec::post("/v1/holds", "place_hold", Access::TillOrOperator)
    .staff(Bound::Anywhere, roles::SUPPORT)
    .lane(Lane::Till)
    .body_limit(16 * 1024)
    .keyed()
    .problems(error::OF_HOLDS);
pub(super) static CAPTURE: RouteSpec =
    RouteSpec::post("/v1/holds/{hold_id}/capture", "capture_hold", Access::TillOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .lane(Lane::Till)
        .body_limit(16 * 1024)
        .keyed()
        .problems(error::OF_HOLDS);
pub(super) static RELEASE: RouteSpec =
    RouteSpec::post("/v1/holds/{hold_id}/release", "release_hold", Access::TillOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .lane(Lane::Till)
        .body_limit(16 * 1024)
        .keyed()
        .problems(error::OF_HOLDS);
pub(super) static READ: RouteSpec =
    RouteSpec::get("/v1/holds/{hold_id}", "read_hold", Access::TillOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT_READERS)
        .showing_members()
        .lane(Lane::Till)
        .problems(&[&error::HOLD_UNKNOWN]);

const LONGEST_LIFE_S: u32 = 7 * 86_400;

/// Points to be set aside.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldRequest {
    /// Whose.
    pub member: Buyer,
    /// How many, 1 to 1,000,000,000.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub points: i64,
    /// After so many seconds they are free again by themselves: 1 to 604800.
    #[serde(default = "a_quarter")]
    #[schema(minimum = 1, maximum = 604_800, default = 900)]
    pub lifetime_s: u32,
}

const fn a_quarter() -> u32 {
    900
}

/// How much of a hold is redeemed.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaptureRequest {
    /// So many points, and the rest is free again; all of them when left out.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub points: Option<i64>,
}

/// Nothing more needs to be said.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseRequest {}

/// A hold as it is now.
#[derive(Serialize, ToSchema)]
pub struct Hold {
    /// The hold.
    pub id: JournalId,
    /// Whose points.
    pub member_id: MemberId,
    /// How many were set aside.
    pub points: Points,
    /// What became of it.
    pub state: HoldState,
    /// How many of them were redeemed.
    pub captured: Points,
    /// When they were set aside.
    pub placed_at: Timestamp,
    /// When it lapses, or would have.
    pub until: Timestamp,
}

/// Set points aside
///
/// They cannot be spent otherwise until the hold is captured or released, or its time is over. Earliest expiry first; a
/// point whose last day passes meanwhile can still be captured, and lapses when it is released.
#[utoipa::path(
    post, path = "/v1/holds", operation_id = "place_hold", tag = "spending",
    params(("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters.")),
    request_body = HoldRequest,
    responses(
        (status = 201, description = "Set aside now.", body = OperationAnswer),
        (status = 200, description = "Set aside before (header `Idempotency-Replayed: true`).", body = OperationAnswer),
    )
)]
pub(super) async fn place_hold(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    deadline: DeadlineAt,
    Body(request): Body<HoldRequest>,
) -> Result<Response, Problem> {
    let points = check_points(request.points, "/points")?;
    let lifetime_s = request.lifetime_s;
    if !(1..=LONGEST_LIFE_S).contains(&lifetime_s) {
        return Err(Problem::new(&error::LIFETIME_OUT_OF_RANGE).pointer("/lifetime_s"));
    }
    let named = request.member.named(&counter, "/member")?;
    let asked = |who: &str| ["hold".to_owned(), who.to_owned(), points.to_string(), lifetime_s.to_string()];
    let deed = Deed::Hold { points, lifetime_s };
    let command = Asking::of(&caller, key.as_str()).command_about(named, deed, asked);
    answered(&run_spending(&counter, &caller, command, named, deadline).await?)
}

/// Capture a hold
///
/// Redeems what was set aside, all or a part; the rest is free again. A hold is captured once.
#[utoipa::path(
    post, path = "/v1/holds/{hold_id}/capture", operation_id = "capture_hold", tag = "spending",
    params(
        ("hold_id" = JournalId, Path, description = "The hold."),
        ("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters."),
    ),
    request_body = CaptureRequest,
    responses(
        (status = 201, description = "Captured now.", body = OperationAnswer),
        (status = 200, description = "Captured before with this key (header `Idempotency-Replayed: true`).", body = OperationAnswer),
    )
)]
pub(super) async fn capture_hold(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    deadline: DeadlineAt,
    PathParams(hold): PathParams<JournalId>,
    Body(request): Body<CaptureRequest>,
) -> Result<Response, Problem> {
    let points = request.points.map(|points| check_points(points, "/points")).transpose()?;
    let some = points.map(|points| points.to_string()).unwrap_or_default();
    let asked = ["capture", &hold.to_string(), &some];
    let command =
        Asking::of(&caller, key.as_str()).command(None, Deed::Capture { hold, points }, None, &asked);
    answered(&run_about(&counter, command, deadline).await?)
}

/// Release a hold
///
/// What was set aside is free again, with the last days that it had.
#[utoipa::path(
    post, path = "/v1/holds/{hold_id}/release", operation_id = "release_hold", tag = "spending",
    params(
        ("hold_id" = JournalId, Path, description = "The hold."),
        ("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters."),
    ),
    request_body = ReleaseRequest,
    responses(
        (status = 201, description = "Released now.", body = OperationAnswer),
        (status = 200, description = "Released before with this key (header `Idempotency-Replayed: true`).", body = OperationAnswer),
    )
)]
pub(super) async fn release_hold(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    deadline: DeadlineAt,
    PathParams(hold): PathParams<JournalId>,
    Body(ReleaseRequest {}): Body<ReleaseRequest>,
) -> Result<Response, Problem> {
    let asked = ["release", &hold.to_string()];
    let command = Asking::of(&caller, key.as_str()).command(None, Deed::Release { hold }, None, &asked);
    answered(&run_about(&counter, command, deadline).await?)
}

/// Read a hold
///
/// As it is now: a hold whose time is over has lapsed, whether or not anything was written down of it.
#[utoipa::path(
    get, path = "/v1/holds/{hold_id}", operation_id = "read_hold", tag = "spending",
    params(("hold_id" = JournalId, Path, description = "The hold.")),
    responses((status = 200, description = "The hold.", body = Hold))
)]
pub(super) async fn read_hold(
    State(counter): State<Counter>,
    shown: Shown,
    PathParams(id): PathParams<JournalId>,
) -> Result<Json<Hold>, Problem> {
    let found = holds::read(&counter.database, id, counter.clock.now()).await.map_err(error::fault)?;
    let found = found.ok_or_else(|| Problem::new(&error::HOLD_UNKNOWN))?;
    shown.member(found.row.member);
    Ok(Json(Hold {
        id,
        member_id: found.row.member,
        points: found.points,
        state: found.state,
        captured: found.captured,
        placed_at: found.row.recorded_at,
        until: found.until,
    }))
}
