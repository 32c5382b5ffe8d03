//! Branches.

use axum::{Json, extract::State, http::StatusCode};
use kernel::{BranchCode, RegionCode, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{Access, Body, Bound, PathParams, Problem, QueryParams, RouteSpec};

use super::{Counter, pages, reading, regions::Names, roles};
use crate::{
    commands::{self, Put},
    domain::place::{Branch, BranchPlan},
    error::{
        BRANCH_UNKNOWN, CONTENDED, CURSOR_INVALID, DATABASE_BUSY, LIMIT_OUT_OF_RANGE, PLACE_NAME_EMPTY,
        PLACE_NAME_FORBIDDEN, PLACE_NAME_MISSING, PLACE_NAME_TOO_LONG, REGION_UNKNOWN, TIME_ZONE_UNKNOWN,
    },
    queries,
};

pub(super) static PUT: RouteSpec = RouteSpec::put("/v1/branches/{branch}", "put_branch", Access::Operator)
    .staff(Bound::Chain, roles::HEADS)
    .body_limit(4 * 1024)
    .problems(&[
        &REGION_UNKNOWN,
        &PLACE_NAME_MISSING,
        &PLACE_NAME_EMPTY,
        &PLACE_NAME_TOO_LONG,
        &PLACE_NAME_FORBIDDEN,
        &TIME_ZONE_UNKNOWN,
        &CONTENDED,
        &DATABASE_BUSY,
    ]);

pub(super) static GET: RouteSpec =
    RouteSpec::get("/v1/branches/{branch}", "read_branch", Access::TillOrOperator)
        .staff(Bound::Anywhere, roles::EVERYBODY)
        .partners(Scope::PlacesRead)
        .problems(&[&BRANCH_UNKNOWN, &DATABASE_BUSY]);

pub(super) static LIST: RouteSpec = RouteSpec::get("/v1/branches", "list_branches", Access::TillOrOperator)
    .staff(Bound::Anywhere, roles::EVERYBODY)
    .partners(Scope::PlacesRead)
    .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

/// What a branch shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BranchBody {
    /// The region it belongs to, which must be open.
    pub region: RegionCode,
    /// What it is called.
    pub names: Names,
    /// IANA time zone of its wall clock; leave it out for the chain's own.
    #[serde(default)]
    #[schema(example = "Asia/Tehran")]
    pub time_zone: Option<String>,
}

/// A branch.
#[derive(Debug, Serialize, ToSchema)]
pub struct BranchView {
    /// Its code.
    #[schema(example = "tehran-vanak")]
    pub branch: BranchCode,
    /// The region it belongs to.
    #[schema(example = "tehran")]
    pub region: RegionCode,
    /// What it is called.
    pub names: Names,
    /// IANA time zone of its wall clock, when it differs from the chain's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Goes up with every change.
    #[schema(example = 1)]
    pub version: u64,
}

impl From<&Branch> for BranchView {
    fn from(branch: &Branch) -> Self {
        Self {
            branch: branch.code.clone(),
            region: branch.region.clone(),
            names: Names::of(&branch.names),
            time_zone: branch.time_zone.clone(),
            opened_at: branch.opened_at,
            version: branch.version,
        }
    }
}

/// A page of branches, by code.
#[derive(Debug, Serialize, ToSchema)]
pub struct BranchPage {
    /// The branches.
    pub branches: Vec<BranchView>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Which branches.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BranchParams {
    /// Only those of this region.
    pub region: Option<RegionCode>,
    /// Where the page begins: `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many items at most.
    #[param(minimum = 1, maximum = 500, default = 100)]
    pub limit: Option<u64>,
}

/// Opens a branch, moves it to another region, or gives it other names or another time zone.
///
/// Sending the same again changes nothing, so that a chain's whole list can be sent at any time.
#[utoipa::path(
    put, path = "/v1/branches/{branch}", operation_id = "put_branch", tag = "places",
    params(("branch" = BranchCode, Path, description = "The branch's code, chosen by the chain.")),
    request_body(
        content = BranchBody,
        example = json!({"region": "tehran", "names": {"fa": "ونک", "en": "Vanak"}, "time_zone": "Asia/Tehran"})
    ),
    responses(
        (status = 201, description = "The branch is opened.", body = BranchView),
        (status = 200, description = "The branch was there; it is now as sent.", body = BranchView),
    )
)]
pub(super) async fn put_branch(
    State(counter): State<Counter>,
    PathParams(code): PathParams<BranchCode>,
    Body(body): Body<BranchBody>,
) -> Result<(StatusCode, Json<BranchView>), Problem> {
    let plan = BranchPlan {
        code,
        region: body.region,
        names: body.names.read()?,
        time_zone: body.time_zone.map(reading::time_zone).transpose()?,
    };
    match commands::open_branch::open_branch(counter.desk(), plan).await? {
        Put::New(branch) => Ok((StatusCode::CREATED, Json((&branch).into()))),
        Put::Known(branch) => Ok((StatusCode::OK, Json((&branch).into()))),
    }
}

/// Shows a branch.
#[utoipa::path(
    get, path = "/v1/branches/{branch}", operation_id = "read_branch", tag = "places",
    params(("branch" = BranchCode, Path, description = "The branch's code.")),
    responses((status = 200, description = "The branch.", body = BranchView))
)]
pub(super) async fn read_branch(
    State(counter): State<Counter>,
    PathParams(code): PathParams<BranchCode>,
) -> Result<Json<BranchView>, Problem> {
    let branch = queries::list_places::branch(&counter.desk().vault, &code).await?;
    Ok(Json((&branch).into()))
}

/// Lists the chain's branches, by code.
#[utoipa::path(
    get, path = "/v1/branches", operation_id = "list_branches", tag = "places",
    params(BranchParams),
    responses((status = 200, description = "A page of branches.", body = BranchPage))
)]
pub(super) async fn list_branches(
    State(counter): State<Counter>,
    QueryParams(asked): QueryParams<BranchParams>,
) -> Result<Json<BranchPage>, Problem> {
    let (limit, after) = (pages::limit(asked.limit)?, pages::after(asked.cursor.as_deref())?);
    let vault = &counter.desk().vault;
    let found =
        queries::list_places::list_branches(vault, asked.region.as_ref(), after.as_ref(), limit).await?;
    let last = found.items.last().filter(|_| found.has_more);
    Ok(Json(BranchPage {
        next_cursor: last.map(|branch| pages::next(&branch.code)),
        has_more: found.has_more,
        branches: found.items.iter().map(BranchView::from).collect(),
    }))
}
