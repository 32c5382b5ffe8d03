//! Doors through which providers pass on what members text.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Access, ErrorCode, Fields, PathParams, Problem, RouteSpec};

use super::Counter;
use crate::{
    adapters::doors::Shut,
    commands::hear_text::hear_text,
    error::{DATABASE_BUSY, DOOR_UNKNOWN, MEMBERSHIP_SILENT, POINTS_SILENT, SENDER_INVALID, TEXT_UNREADABLE},
};

const PROBLEMS: &[&ErrorCode] =
    &[&DOOR_UNKNOWN, &TEXT_UNREADABLE, &SENDER_INVALID, &MEMBERSHIP_SILENT, &POINTS_SILENT, &DATABASE_BUSY];

pub(super) static POST: RouteSpec =
    RouteSpec::post("/v1/texts-to-the-club/{door}", "receive_member_text", Access::Anyone)
        .vouched()
        .body_limit(16 * 1024)
        .problems(PROBLEMS);
pub(super) static GET: RouteSpec =
    RouteSpec::get("/v1/texts-to-the-club/{door}", "receive_member_text_by_address", Access::Anyone)
        .problems(PROBLEMS);

/// What became of a text.
#[derive(Serialize, ToSchema)]
pub(super) struct HeardText {
    /// What it was taken for: `stop`, `start`, `balance`, `purchases`, `help` or `other`.
    #[schema(example = "balance")]
    asked: &'static str,
}

/// A text, under the names that the door has for its parts.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says what a door with the usual names reads")]
pub(super) struct MemberTextBody {
    /// Who sent it.
    #[schema(example = "989121234567")]
    from: String,
    /// What it says; of more than 1,000 characters the first ones.
    #[schema(example = "مانده")]
    text: String,
    /// The provider's id of it: the same id is the same text.
    #[schema(example = "mo-20261121-000017")]
    id: String,
}

async fn receive(counter: &Counter, door: &str, fields: Fields) -> Result<Json<HeardText>, Problem> {
    let came = counter.desk.doors.come(door, fields.named).map_err(|shut| {
        Problem::new(match shut {
            Shut::Unknown => &DOOR_UNKNOWN,
            Shut::Unreadable => &TEXT_UNREADABLE,
        })
    })?;
    let asked = hear_text(&counter.desk, &came).await?;
    Ok(Json(HeardText { asked: asked.word() }))
}

/// Takes a text that somebody sent to the club's number, as a form, as JSON or in the address.
///
/// STOP and START turn text messages off and on, words such as BALANCE, PURCHASES and HELP are answered, a first name of a stranger makes
/// them a member; anything else waits for people. Persian and Arabic words and spellings are known. The same id again changes nothing.
#[utoipa::path(
    post, path = "/v1/texts-to-the-club/{door}", operation_id = "receive_member_text", tag = "messages",
    params(("door" = String, Path, description = "The word that the file of providers has for the door.")),
    request_body(content = MemberTextBody),
    responses((status = 200, description = "It was heard.", body = HeardText))
)]
pub(super) async fn receive_member_text(
    State(counter): State<Counter>,
    PathParams(door): PathParams<String>,
    fields: Fields,
) -> Result<Json<HeardText>, Problem> {
    receive(&counter, &door, fields).await
}

/// Takes a text that somebody sent to the club's number, from a provider that writes it into the address.
#[utoipa::path(
    get, path = "/v1/texts-to-the-club/{door}", operation_id = "receive_member_text_by_address", tag = "messages",
    params(
        ("door" = String, Path, description = "The word that the file of providers has for the door."),
        ("from" = Option<String>, Query, description = "Who sent it, under the name that the door has for it."),
        ("text" = Option<String>, Query, description = "What it says, likewise."),
        ("id" = Option<String>, Query, description = "The provider's id of it, likewise."),
    ),
    responses((status = 200, description = "It was heard.", body = HeardText))
)]
pub(super) async fn receive_member_text_by_address(
    State(counter): State<Counter>,
    PathParams(door): PathParams<String>,
    fields: Fields,
) -> Result<Json<HeardText>, Problem> {
    receive(&counter, &door, fields).await
}
