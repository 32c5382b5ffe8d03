//! Who of the back office looked at members' messages.

use axum::{Json, extract::State};
use runtime::{LookPage, LookParams};
use web::{Access, Bound, Problem, QueryParams, RouteSpec};

use super::{Counter, roles};
use crate::error::{CURSOR_INVALID, DATABASE_BUSY, Error, LIMIT_OUT_OF_RANGE};

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/looks/notifications", "list_looks_at_messages", Access::Operator)
        .staff(Bound::Chain, roles::LOOK_READERS)
        .problems(&[&CURSOR_INVALID, &LIMIT_OUT_OF_RANGE, &DATABASE_BUSY]);

/// Lists looks at members' messages, the newest first.
#[utoipa::path(
    get, path = "/v1/looks/notifications", operation_id = "list_looks_at_messages", tag = "messages",
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
    let found = counter.looks.list(&filter, limit).await;
    found.map(Json).map_err(|fault| Error::from(fault).into())
}
