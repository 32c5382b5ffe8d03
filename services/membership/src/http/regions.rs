//! Regions.

use axum::{Json, extract::State, http::StatusCode};
use kernel::{Language, RegionCode, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{Access, Body, Bound, PathParams, Problem, QueryParams, RouteSpec};

use super::{Counter, pages, reading, roles};
use crate::{
    commands::{self, Put},
    domain::{name::PlaceNames, place::Region},
    error::{
        CONTENDED, CURSOR_INVALID, DATABASE_BUSY, LIMIT_OUT_OF_RANGE, PLACE_NAME_EMPTY, PLACE_NAME_FORBIDDEN,
        PLACE_NAME_MISSING, PLACE_NAME_TOO_LONG,
    },
    queries,
};

pub(super) static PUT: RouteSpec = RouteSpec::put("/v1/regions/{region}", "put_region", Access::Operator)
    .staff(Bound::Chain, roles::HEADS)
    .body_limit(4 * 1024)
    .problems(&[
        &PLACE_NAME_MISSING,
        &PLACE_NAME_EMPTY,
        &PLACE_NAME_TOO_LONG,
        &PLACE_NAME_FORBIDDEN,
        &CONTENDED,
        &DATABASE_BUSY,
    ]);

pub(super) static LIST: RouteSpec = RouteSpec::get("/v1/regions", "list_regions", Access::TillOrOperator)
    .staff(Bound::Anywhere, roles::EVERYBODY)
    .partners(Scope::PlacesRead)
    .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

/// What a place is called, in at least one language.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// Persian, up to 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "تهران")]
    pub fa: Option<String>,
    /// Arabic, up to 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "طهران")]
    pub ar: Option<String>,
    /// English, up to 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Tehran")]
    pub en: Option<String>,
}

impl Names {
    pub(super) fn read(&self) -> Result<PlaceNames, Problem> {
        let given = [(Language::Fa, &self.fa), (Language::Ar, &self.ar), (Language::En, &self.en)];
        reading::place_names(given.into_iter().filter_map(|(l, text)| Some((l, text.as_deref()?))))
    }

    pub(super) fn of(names: &PlaceNames) -> Self {
        let text = |language| names.text(language).map(str::to_owned);
        Self { fa: text(Language::Fa), ar: text(Language::Ar), en: text(Language::En) }
    }
}

/// What a region shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegionBody {
    /// What it is called.
    pub names: Names,
}

/// A region.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegionView {
    /// Its code.
    #[schema(example = "tehran")]
    pub region: RegionCode,
    /// What it is called.
    pub names: Names,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Goes up with every change.
    #[schema(example = 1)]
    pub version: u64,
}

impl From<&Region> for RegionView {
    fn from(region: &Region) -> Self {
        Self {
            region: region.code.clone(),
            names: Names::of(&region.names),
            opened_at: region.opened_at,
            version: region.version,
        }
    }
}

/// A page of regions, by code.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegionPage {
    /// The regions.
    pub regions: Vec<RegionView>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Which page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// Where the page begins: `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many items at most.
    #[param(minimum = 1, maximum = 500, default = 100)]
    pub limit: Option<u64>,
}

/// Opens a region, or gives it other names.
///
/// Sending the same again changes nothing, so that a chain's whole list can be sent at any time.
#[utoipa::path(
    put, path = "/v1/regions/{region}", operation_id = "put_region", tag = "places",
    params(("region" = RegionCode, Path, description = "The region's code, chosen by the chain.")),
    request_body(content = RegionBody, example = json!({"names": {"fa": "تهران", "en": "Tehran"}})),
    responses(
        (status = 201, description = "The region is opened.", body = RegionView),
        (status = 200, description = "The region was there; it is now as sent.", body = RegionView),
    )
)]
pub(super) async fn put_region(
    State(counter): State<Counter>,
    PathParams(region): PathParams<RegionCode>,
    Body(body): Body<RegionBody>,
) -> Result<(StatusCode, Json<RegionView>), Problem> {
    let names = body.names.read()?;
    match commands::open_region::open_region(counter.desk(), region, names).await? {
        Put::New(region) => Ok((StatusCode::CREATED, Json((&region).into()))),
        Put::Known(region) => Ok((StatusCode::OK, Json((&region).into()))),
    }
}

/// Lists the chain's regions, by code.
#[utoipa::path(
    get, path = "/v1/regions", operation_id = "list_regions", tag = "places",
    params(PageParams),
    responses((status = 200, description = "A page of regions.", body = RegionPage))
)]
pub(super) async fn list_regions(
    State(counter): State<Counter>,
    QueryParams(page): QueryParams<PageParams>,
) -> Result<Json<RegionPage>, Problem> {
    let (limit, after) = (pages::limit(page.limit)?, pages::after(page.cursor.as_deref())?);
    let found = queries::list_places::list_regions(&counter.desk().vault, after.as_ref(), limit).await?;
    let last = found.items.last().filter(|_| found.has_more);
    Ok(Json(RegionPage {
        next_cursor: last.map(|region| pages::next(&region.code)),
        has_more: found.has_more,
        regions: found.items.iter().map(RegionView::from).collect(),
    }))
}
