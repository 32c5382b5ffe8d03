//! The programme: what earns how much.

use axum::{Json, extract::State};
use http::StatusCode;
use kernel::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::{Access, Body, Problem, RouteSpec};

use super::Counter;
use crate::{
    commands::publish_programme::{NotPublished, publish_programme},
    domain::{Programme, ProgrammeDocument},
    error,
    store::programmes,
};

pub(super) static PUT: RouteSpec = RouteSpec::put("/v1/programme", "put_programme", Access::Operator)
    .body_limit(512 * 1024)
    .problems(&[&error::PROGRAMME_INVALID]);

pub(super) static READ: RouteSpec =
    RouteSpec::get("/v1/programme", "read_programme", Access::Anyone).problems(&[&error::PROGRAMME_MISSING]);

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/programme/versions", "list_programmes", Access::Operator);

/// A version of the programme.
#[derive(Serialize, ToSchema)]
pub struct ProgrammeVersion {
    /// Counted from 1.
    pub version: u32,
    /// Since when it is, or from when it was, live.
    pub live_from: Timestamp,
    /// What it says.
    pub programme: ProgrammeDocument,
}

/// The programme's versions.
#[derive(Serialize, ToSchema)]
pub struct ProgrammeVersions {
    /// Newest first; the first one is live.
    pub items: Vec<ProgrammeVersion>,
}

impl ProgrammeVersion {
    fn of(programme: Programme, live_from: Timestamp) -> Self {
        Self { version: programme.version, live_from, programme: programme.document }
    }
}

/// Publish the programme
///
/// The document becomes the next version and is live at once. The same document again changes nothing. Every mistake in
/// it is told at once, in `mistakes`.
#[utoipa::path(
    put, path = "/v1/programme", operation_id = "put_programme", tag = "programme",
    request_body = ProgrammeDocument,
    responses(
        (status = 201, description = "Live from now on.", body = ProgrammeVersion),
        (status = 200, description = "It was live already.", body = ProgrammeVersion),
    )
)]
pub(super) async fn put_programme(
    State(counter): State<Counter>,
    Body(document): Body<ProgrammeDocument>,
) -> Result<(StatusCode, Json<ProgrammeVersion>), Problem> {
    match publish_programme(&counter.recorder, document).await {
        Ok(published) => {
            let status = if published.changed { StatusCode::CREATED } else { StatusCode::OK };
            Ok((status, Json(ProgrammeVersion::of(published.programme, published.live_from))))
        }
        Err(NotPublished::Mistakes(mistakes)) => {
            let first = mistakes.first().map(|m| m.pointer.clone()).unwrap_or_default();
            let listed = serde_json::to_value(&mistakes).map_err(|e| Problem::fault(e.into()))?;
            let problem =
                Problem::new(&error::PROGRAMME_INVALID).pointer(first).extension("mistakes", listed);
            Err(problem.arg("count", mistakes.len()))
        }
        Err(NotPublished::Fault(fault)) => Err(error::fault(fault)),
    }
}

/// Read the live programme
#[utoipa::path(
    get, path = "/v1/programme", operation_id = "read_programme", tag = "programme",
    responses((status = 200, description = "The live version.", body = ProgrammeVersion))
)]
pub(super) async fn read_programme(
    State(counter): State<Counter>,
) -> Result<Json<ProgrammeVersion>, Problem> {
    let all = programmes::all(counter.database.connection()).await.map_err(error::fault)?;
    let live = all.into_iter().next().ok_or_else(|| Problem::new(&error::PROGRAMME_MISSING))?;
    Ok(Json(ProgrammeVersion::of(live.0, live.1)))
}

/// List the programme's versions
#[utoipa::path(
    get, path = "/v1/programme/versions", operation_id = "list_programmes", tag = "programme",
    responses((status = 200, description = "Every version, newest first.", body = ProgrammeVersions))
)]
pub(super) async fn list_programmes(
    State(counter): State<Counter>,
) -> Result<Json<ProgrammeVersions>, Problem> {
    let all = programmes::all(counter.database.connection()).await.map_err(error::fault)?;
    let items = all.into_iter().map(|(programme, from)| ProgrammeVersion::of(programme, from)).collect();
    Ok(Json(ProgrammeVersions { items }))
}
