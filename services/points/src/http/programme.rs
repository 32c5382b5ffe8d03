//! The programme: what earns how much.

use axum::{Json, extract::State};
use http::StatusCode;
use web::{Access, Body, Problem, RouteSpec};

use super::{Counter, programme_versions::ProgrammeVersion};
use crate::{commands::publish_programme::publish_programme, domain::ProgrammeDocument, error, queries};

pub(super) static PUT: RouteSpec = RouteSpec::put("/v1/programme", "put_programme", Access::Operator)
    .body_limit(512 * 1024)
    .problems(&[&error::PROGRAMME_INVALID]);

pub(super) static READ: RouteSpec =
    RouteSpec::get("/v1/programme", "read_programme", Access::Anyone).problems(&[&error::PROGRAMME_MISSING]);

/// Publish the programme
///
/// The document becomes the next version and is live at once: draft, announcement and going live in one. The same document
/// again changes nothing. Every mistake in it is told at once, in `mistakes`.
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
    let published =
        publish_programme(&counter.recorder, document).await.map_err(error::programme_not_changed)?;
    let status = if published.changed { StatusCode::CREATED } else { StatusCode::OK };
    let number = published.version.programme.version;
    Ok((status, Json(ProgrammeVersion::read(&counter, number).await?)))
}

/// Read the live programme
#[utoipa::path(
    get, path = "/v1/programme", operation_id = "read_programme", tag = "programme",
    responses((status = 200, description = "The live version.", body = ProgrammeVersion))
)]
pub(super) async fn read_programme(
    State(counter): State<Counter>,
) -> Result<Json<ProgrammeVersion>, Problem> {
    let (live, _) = queries::programme::live(&counter.database, counter.clock.now()).await?;
    let live = live.ok_or_else(|| Problem::new(&error::PROGRAMME_MISSING))?;
    Ok(Json(live.into()))
}
