//! Who of the back office looked at members' points.

use axum::{Json, extract::State};
use runtime::{LookPage, LookParams};
use web::{Access, Bound, Problem, QueryParams, RouteSpec};

use super::{Counter, roles};
use crate::error;

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/looks/points", "list_looks_at_points", Access::Operator)
        .staff(Bound::Chain, roles::LOOK_READERS)
        .problems(&[&error::CURSOR_INVALID, &error::LIMIT_OUT_OF_RANGE, &error::DATABASE_BUSY]);

/// List looks at members' points
///
/// Who of the back office looked at members' points, and why, the newest look first. Looks at members themselves are listed by
/// membership.
#[utoipa::path(
    get, path = "/v1/looks/points", operation_id = "list_looks_at_points", tag = "accounts",
    params(LookParams),
    responses((status = 200, description = "A page of looks.", body = LookPage))
)]
pub(super) async fn list_looks(
    State(counter): State<Counter>,
    QueryParams(asked): QueryParams<LookParams>,
) -> Result<Json<LookPage>, Problem> {
    let most = LookParams::MOST;
    let limit = asked.limit().ok_or_else(|| Problem::new(&error::LIMIT_OUT_OF_RANGE).arg("most", most))?;
    let filter = asked.filter().map_err(|_| Problem::new(&error::CURSOR_INVALID))?;
    let found = counter.looks.list(&filter, limit).await;
    found.map(Json).map_err(|fault| error::fault(fault.into()))
}
