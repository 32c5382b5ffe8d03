//! The programme: what earns how much, for machines and for people.

use axum::{Json, extract::State, response::IntoResponse as _};
use http::{HeaderMap, HeaderName, StatusCode, header};
use kernel::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::{Access, Body, Bound, Lang, Problem, Response, RouteSpec};

use super::{Counter, programme_versions::ProgrammeVersion, roles};
use crate::{
    commands::publish_programme::publish_programme,
    domain::ProgrammeDocument,
    error,
    pages::{self, Difference, Page, Words},
    queries::{self, programme::Version},
};

pub(super) static PUT: RouteSpec = RouteSpec::put("/v1/programme", "put_programme", Access::Operator)
    .staff(Bound::Chain, roles::HEADS)
    .body_limit(512 * 1024)
    .problems(&[&error::PROGRAMME_INVALID]);

pub(super) static READ: RouteSpec =
    RouteSpec::get("/v1/programme", "read_programme", Access::Anyone).problems(&[&error::PROGRAMME_MISSING]);

/// The live programme with what members want to know of it.
#[derive(Serialize, ToSchema)]
pub struct LiveProgramme {
    /// The live version.
    #[serde(flatten)]
    pub live: ProgrammeVersion,
    /// The same in plain sentences.
    pub page: Page,
    /// What follows it; left out while nothing is announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<NextProgramme>,
}

/// The version that goes live next.
#[derive(Serialize, ToSchema)]
pub struct NextProgramme {
    /// Its number.
    pub version: u32,
    /// From when it is live.
    pub live_from: Timestamp,
    /// What it changes.
    pub changes: Vec<Difference>,
}

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
///
/// For everybody, without a key. As JSON with the document and the same in plain sentences; as a page for people where
/// `Accept` asks for `text/html`; in the language that `Accept-Language` asks for.
#[utoipa::path(
    get, path = "/v1/programme", operation_id = "read_programme", tag = "programme",
    responses((status = 200, description = "The live version.", content(
        (LiveProgramme = "application/json"),
        (String = "text/html"),
    )))
)]
pub(super) async fn read_programme(
    State(counter): State<Counter>,
    Lang(language): Lang,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (live, next) = queries::programme::live(&counter.database, counter.clock.now()).await?;
    let live = live.ok_or_else(|| Problem::new(&error::PROGRAMME_MISSING))?;
    let words = Words::new(&counter.texts, language, live.stored.programme.document.currency);
    let document = written(&live)?;
    let page = pages::page(&words, &document);
    let next = next.map(|next| following(&words, &document, &next)).transpose()?;
    if !wants_page(&headers) {
        let live = LiveProgramme { live: live.into(), page, next };
        return Ok((KEPT_FRESH, Json(live)).into_response());
    }
    let since = live.stored.announced.map_or(live.stored.created_at, |announced| announced.live_from);
    let since = words.day(counter.chain.local(since, None).day);
    let mut notes = vec![words.say("programme-since", &[("date", since.into())])];
    if let Some(next) = &next {
        let from = counter.chain.local(next.live_from, None);
        let time = words.digits(&format!("{:02}:{:02}", from.minute / 60, from.minute % 60));
        notes.push(
            words.say("programme-next", &[("date", words.day(from.day).into()), ("time", time.into())]),
        );
        notes.extend(next.changes.iter().map(|change| change.sentence.clone()));
    }
    Ok(html(pages::html_page(&page, &notes)))
}

fn following(
    words: &Words<'_>,
    document: &serde_json::Value,
    next: &Version,
) -> Result<NextProgramme, Problem> {
    Ok(NextProgramme {
        version: next.stored.programme.version,
        live_from: next.stored.announced.map_or(next.stored.created_at, |announced| announced.live_from),
        changes: pages::differences(words, document, &written(next)?),
    })
}

/// The document of a version as JSON.
pub(super) fn written(version: &Version) -> Result<serde_json::Value, Problem> {
    serde_json::to_value(&version.stored.programme.document).map_err(|fault| Problem::fault(fault.into()))
}

/// It may change at any moment, and it differs by these headers.
const KEPT_FRESH: [(HeaderName, &str); 2] =
    [(header::CACHE_CONTROL, "no-cache"), (header::VARY, "accept, accept-language")];

/// An answer that is a page, which may fetch nothing.
pub(super) fn html(text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"),
    ];
    (headers, KEPT_FRESH, text).into_response()
}

/// Whether the caller would rather have a page than JSON: `text/html` is named, and before `application/json`.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let kinds =
        accepted.flat_map(|value| value.split(',')).map(|kind| kind.split(';').next().unwrap_or("").trim());
    let mut known = kinds.filter(|kind| ["text/html", "application/json"].contains(kind));
    known.next() == Some("text/html")
}
