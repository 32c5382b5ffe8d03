//! The programme's versions: drafts, announcements, and those that were live.

use axum::{Json, extract::State};
use http::StatusCode;
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, PathParams, Problem, RouteSpec};

use super::{Counter, roles};
use crate::{
    commands::{announce_programme, edit_drafts},
    domain::{ProgrammeDocument, VersionState},
    error,
    queries::{self, programme::Version},
};

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/programme/versions", "list_programmes", Access::Operator)
        .staff(Bound::Anywhere, roles::PROGRAMME_READERS);

pub(super) static DRAFT: RouteSpec =
    RouteSpec::post("/v1/programme/versions", "draft_programme", Access::Operator)
        .staff(Bound::Chain, roles::MARKETING)
        .body_limit(512 * 1024)
        .problems(&[&error::PROGRAMME_INVALID]);

pub(super) static READ: RouteSpec =
    RouteSpec::get("/v1/programme/versions/{version}", "read_programme_version", Access::Operator)
        .staff(Bound::Anywhere, roles::PROGRAMME_READERS)
        .problems(&[&error::VERSION_UNKNOWN]);

pub(super) static CHANGE: RouteSpec =
    RouteSpec::put("/v1/programme/versions/{version}", "change_draft", Access::Operator)
        .staff(Bound::Chain, roles::MARKETING)
        .body_limit(512 * 1024)
        .problems(&[&error::PROGRAMME_INVALID, &error::VERSION_UNKNOWN, &error::VERSION_FIXED]);

pub(super) static DROP: RouteSpec =
    RouteSpec::delete("/v1/programme/versions/{version}", "drop_draft", Access::Operator)
        .staff(Bound::Chain, roles::MARKETING)
        .problems(&[&error::VERSION_UNKNOWN, &error::VERSION_FIXED]);

pub(super) static ANNOUNCE: RouteSpec =
    RouteSpec::post("/v1/programme/versions/{version}/announce", "announce_programme", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .problems(&[
            &error::PROGRAMME_INVALID,
            &error::VERSION_UNKNOWN,
            &error::VERSION_FIXED,
            &error::LIVE_FROM_OVER,
        ]);

/// A version of the programme.
#[derive(Serialize, ToSchema)]
pub struct ProgrammeVersion {
    /// Counted from 1; a number is never used twice.
    pub version: u32,
    /// Where it is in its life.
    pub state: VersionState,
    /// Since when it is, from when it was, or from when it will be live; left out for a draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live_from: Option<Timestamp>,
    /// When another version takes over, or took over; left out while none is announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live_until: Option<Timestamp>,
    /// When it was announced; left out for a draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub announced_at: Option<Timestamp>,
    /// When it was first written.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// What it says.
    pub programme: ProgrammeDocument,
}

/// The programme's versions.
#[derive(Serialize, ToSchema)]
pub struct ProgrammeVersions {
    /// Newest first, drafts among them.
    pub items: Vec<ProgrammeVersion>,
}

/// When a draft goes live.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnounceRequest {
    /// From when it decides; left out, from now on.
    #[serde(default)]
    pub live_from: Option<Timestamp>,
}

impl From<Version> for ProgrammeVersion {
    fn from(version: Version) -> Self {
        let Version { stored, state, live_until } = version;
        Self {
            version: stored.programme.version,
            state,
            live_from: stored.announced.map(|announced| announced.live_from),
            live_until,
            announced_at: stored.announced.map(|announced| announced.at),
            created_at: stored.created_at,
            changed_at: stored.changed_at,
            programme: stored.programme.document,
        }
    }
}

impl ProgrammeVersion {
    /// The version of this number, as it is now.
    pub(super) async fn read(counter: &Counter, number: u32) -> Result<Self, Problem> {
        let found = queries::programme::version(&counter.database, number, counter.clock.now()).await?;
        found.map(Self::from).ok_or_else(|| Problem::new(&error::VERSION_UNKNOWN))
    }
}

/// List the programme's versions
#[utoipa::path(
    get, path = "/v1/programme/versions", operation_id = "list_programmes", tag = "programme",
    responses((status = 200, description = "Every version, newest first.", body = ProgrammeVersions))
)]
pub(super) async fn list_programmes(
    State(counter): State<Counter>,
) -> Result<Json<ProgrammeVersions>, Problem> {
    let versions = queries::programme::versions(&counter.database, counter.clock.now()).await?;
    Ok(Json(ProgrammeVersions { items: versions.into_iter().map(Into::into).collect() }))
}

/// Draft the programme
///
/// Keeps the document under the next number. It decides nothing until it is announced and its time has come. Every mistake
/// in it is told at once, in `mistakes`.
#[utoipa::path(
    post, path = "/v1/programme/versions", operation_id = "draft_programme", tag = "programme",
    request_body = ProgrammeDocument,
    responses((status = 201, description = "Kept as a draft.", body = ProgrammeVersion))
)]
pub(super) async fn draft_programme(
    State(counter): State<Counter>,
    Body(document): Body<ProgrammeDocument>,
) -> Result<(StatusCode, Json<ProgrammeVersion>), Problem> {
    let draft = edit_drafts::draft_programme(&counter.recorder, document)
        .await
        .map_err(error::programme_not_changed)?;
    let number = draft.programme.version;
    Ok((StatusCode::CREATED, Json(ProgrammeVersion::read(&counter, number).await?)))
}

/// Read a version of the programme
#[utoipa::path(
    get, path = "/v1/programme/versions/{version}", operation_id = "read_programme_version", tag = "programme",
    params(("version" = u32, Path, description = "Its number.")),
    responses((status = 200, description = "The version.", body = ProgrammeVersion))
)]
pub(super) async fn read_programme_version(
    State(counter): State<Counter>,
    PathParams(version): PathParams<u32>,
) -> Result<Json<ProgrammeVersion>, Problem> {
    ProgrammeVersion::read(&counter, version).await.map(Json)
}

/// Change a draft
///
/// Puts another document in its place. A version that was announced never changes.
#[utoipa::path(
    put, path = "/v1/programme/versions/{version}", operation_id = "change_draft", tag = "programme",
    params(("version" = u32, Path, description = "Its number.")),
    request_body = ProgrammeDocument,
    responses((status = 200, description = "The draft as it is now.", body = ProgrammeVersion))
)]
pub(super) async fn change_draft(
    State(counter): State<Counter>,
    PathParams(version): PathParams<u32>,
    Body(document): Body<ProgrammeDocument>,
) -> Result<Json<ProgrammeVersion>, Problem> {
    edit_drafts::change_draft(&counter.recorder, version, document)
        .await
        .map_err(error::programme_not_changed)?;
    ProgrammeVersion::read(&counter, version).await.map(Json)
}

/// Drop a draft
#[utoipa::path(
    delete, path = "/v1/programme/versions/{version}", operation_id = "drop_draft", tag = "programme",
    params(("version" = u32, Path, description = "Its number.")),
    responses((status = 204, description = "It is gone, and its number is not used again."))
)]
pub(super) async fn drop_draft(
    State(counter): State<Counter>,
    PathParams(version): PathParams<u32>,
) -> Result<StatusCode, Problem> {
    edit_drafts::drop_draft(&counter.recorder, version).await.map_err(error::programme_not_changed)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Announce a draft
///
/// From now on it never changes. Members are told what changes and when; at that time it is live, and the one before it
/// retires. The same announcement again changes nothing.
#[utoipa::path(
    post, path = "/v1/programme/versions/{version}/announce", operation_id = "announce_programme", tag = "programme",
    params(("version" = u32, Path, description = "Its number.")),
    request_body = AnnounceRequest,
    responses((status = 200, description = "The version as it is now.", body = ProgrammeVersion))
)]
pub(super) async fn announce_programme(
    State(counter): State<Counter>,
    PathParams(version): PathParams<u32>,
    Body(request): Body<AnnounceRequest>,
) -> Result<Json<ProgrammeVersion>, Problem> {
    announce_programme::announce_programme(&counter.recorder, version, request.live_from)
        .await
        .map_err(error::programme_not_changed)?;
    ProgrammeVersion::read(&counter, version).await.map(Json)
}
