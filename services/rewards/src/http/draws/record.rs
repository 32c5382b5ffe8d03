//! What everybody may know of a draw, and needs to check it.

use axum::{Json, extract::State};
use kernel::DrawCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{Access, PathParams, Problem, QueryParams, RouteSpec};

use crate::{
    error::{DATABASE_BUSY, DRAW_UNKNOWN, LIMIT_OUT_OF_RANGE, Missing},
    http::Counter,
    queries::draw_record::{DrawRecord, line, load},
    store::draw_entries,
};

pub(in crate::http) static READ: RouteSpec =
    RouteSpec::get("/v1/draws/{draw}/record", "read_draw_record", Access::Anyone)
        .problems(&[&DRAW_UNKNOWN, &DATABASE_BUSY]);
pub(in crate::http) static ENTRIES: RouteSpec =
    RouteSpec::get("/v1/draws/{draw}/entries", "list_draw_entries", Access::Anyone).problems(&[
        &DRAW_UNKNOWN,
        &LIMIT_OUT_OF_RANGE,
        &DATABASE_BUSY,
    ]);

const MOST_LINES: u64 = 10_000;

/// Which lines.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LinesParams {
    /// How many, 1 to 10,000; as many when it is not said.
    #[param(minimum = 1, maximum = 10_000)]
    pub limit: Option<u64>,
    /// Behind this position; from the first one when it is not said.
    #[param(minimum = 0)]
    pub after: Option<u64>,
}

/// Lines of a closed list.
#[derive(Serialize, ToSchema)]
pub struct DrawLines {
    /// `position,holder,tickets`, each as it is hashed.
    #[schema(example = json!(["1,9a3d1f0e-5b7c-4d21-8e6f-0a1b2c3d4e5f,2"]))]
    pub lines: Vec<String>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `after` for the next lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_after: Option<u64>,
}

/// Shows what is published of a draw: what it was committed to, its list's digest, the value of the source of chance, the seed, the winners.
///
/// What is not known yet is absent. Holders are numbers that lead to nobody, and are others in every draw.
#[utoipa::path(
    get, path = "/v1/draws/{draw}/record", operation_id = "read_draw_record", tag = "draws",
    params(("draw" = DrawCode, Path, description = "The draw's code.")),
    responses((status = 200, description = "The record.", body = DrawRecord))
)]
pub(in crate::http) async fn read_draw_record(
    State(counter): State<Counter>,
    PathParams(code): PathParams<DrawCode>,
) -> Result<Json<DrawRecord>, Problem> {
    let found = load(&counter.desk.database, &code).await?;
    Ok(Json(found.ok_or(Missing::Draw)?))
}

/// Lists the entries of a draw whose list is closed, in their order; before that there are none.
#[utoipa::path(
    get, path = "/v1/draws/{draw}/entries", operation_id = "list_draw_entries", tag = "draws",
    params(("draw" = DrawCode, Path, description = "The draw's code."), LinesParams),
    responses((status = 200, description = "Lines of the list.", body = DrawLines))
)]
pub(in crate::http) async fn list_draw_entries(
    State(counter): State<Counter>,
    PathParams(code): PathParams<DrawCode>,
    QueryParams(asked): QueryParams<LinesParams>,
) -> Result<Json<DrawLines>, Problem> {
    let limit = asked.limit.unwrap_or(MOST_LINES);
    if !(1..=MOST_LINES).contains(&limit) {
        return Err(Problem::new(&LIMIT_OUT_OF_RANGE).arg("most", MOST_LINES));
    }
    let on = counter.desk.database.connection();
    load(&counter.desk.database, &code).await?.ok_or(Missing::Draw)?;
    let mut found = draw_entries::lines(on, &code, asked.after.unwrap_or_default(), limit + 1).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next_after = found.last().filter(|_| has_more).map(|last| last.position);
    let lines = found.iter().map(|entry| line(entry.position, entry.holder, entry.tickets)).collect();
    Ok(Json(DrawLines { lines, has_more, next_after }))
}
