//! Who of the back office looked at members here.

use axum::{Json, extract::State};
use runtime::{LookPage, LookParams};
use web::{Access, Bound, Problem, QueryParams, RouteSpec};

use super::{Counter, roles};
use crate::{
    error::{CURSOR_INVALID, DATABASE_BUSY, LIMIT_OUT_OF_RANGE},
    queries::looks::looks,
};

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/looks/membership", "list_looks_at_members", Access::Operator)
        .staff(Bound::Chain, roles::HEAD_READERS)
        .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

/// Lists who of the back office looked at members, the newest look first.
///
/// Looks at members' points are listed by points.
#[utoipa::path(
    get, path = "/v1/looks/membership", operation_id = "list_looks_at_members", tag = "leaving",
    params(LookParams),
    responses((status = 200, description = "A page of looks.", body = LookPage))
)]
pub(super) async fn list_looks(
    State(counter): State<Counter>,
    QueryParams(asked): QueryParams<LookParams>,
) -> Result<Json<LookPage>, Problem> {
    let most = LookParams::MOST;
    let limit = asked.limit().ok_or_else(|| Problem::new(&LIMIT_OUT_OF_RANGE).arg("most", most))?;
    let filter = asked.filter().map_err(|_| Problem::new(&CURSOR_INVALID))?;
    Ok(Json(looks(&counter.desk().vault, &filter, limit).await?))
}
