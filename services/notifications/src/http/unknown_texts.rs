//! Texts that ask for nothing that is known, for people to read and answer.

use axum::{Json, extract::State, http::StatusCode};
use kernel::{Language, MemberId, Pii, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use web::{Access, Body, Bound, Caller, IdempotencyKey, PathParams, Problem, QueryParams, RouteSpec, Shown};

use super::{Counter, pages, roles};
use crate::{
    commands::answer_unknown::{answer_text, close_text},
    error::{
        ANSWER_INVALID, CURSOR_INVALID, DATABASE_BUSY, LIMIT_OUT_OF_RANGE, MEMBER_UNREACHABLE,
        UNKNOWN_TEXT_CLOSED,
    },
    queries::Page,
    store::heard,
};

/// The longest answer, in characters.
const LONGEST: usize = 600;

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/unknown-texts", "list_unknown_texts", Access::Operator)
        .staff(Bound::Chain, roles::MEMBER_READERS)
        .showing_members()
        .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);
pub(super) static ANSWER: RouteSpec =
    RouteSpec::post("/v1/unknown-texts/{text_id}/answer", "answer_unknown_text", Access::Operator)
        .staff(Bound::Chain, roles::SUPPORT)
        .keyed()
        .problems(&[&ANSWER_INVALID, &UNKNOWN_TEXT_CLOSED, &MEMBER_UNREACHABLE, &DATABASE_BUSY]);
pub(super) static CLOSE: RouteSpec =
    RouteSpec::post("/v1/unknown-texts/{text_id}/close", "close_unknown_text", Access::Operator)
        .staff(Bound::Chain, roles::SUPPORT)
        .problems(&[&UNKNOWN_TEXT_CLOSED, &DATABASE_BUSY]);

/// A text that waits for people.
#[derive(Serialize, ToSchema)]
struct UnknownTextView {
    /// Its id.
    text_id: Uuid,
    /// Who sent it, where it was a member.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    member_id: Option<MemberId>,
    /// The end of the number that sent it.
    #[schema(example = "…4567")]
    phone: String,
    /// What it says.
    text: String,
    /// When it came.
    heard_at: Timestamp,
}

/// A page of texts.
#[derive(Serialize, ToSchema)]
pub(super) struct UnknownTextPage {
    /// The texts, the oldest first.
    texts: Vec<UnknownTextView>,
    /// Whether more follow.
    has_more: bool,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// An answer to a text.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TextAnswerBody {
    /// What it says, 1 to 600 characters.
    #[schema(value_type = String, min_length = 1, max_length = 600, example = "شعبه ونک تا ساعت ۲۲ باز است.")]
    text: Pii<String>,
    /// In which language.
    #[schema(value_type = String, example = "fa")]
    language: Language,
}

fn masked(phone: &str) -> String {
    let letters: Vec<char> = phone.chars().collect();
    format!("…{}", letters[letters.len().saturating_sub(4)..].iter().collect::<String>())
}

/// Lists texts that ask for nothing that is known and that nobody has closed, the oldest first.
#[utoipa::path(
    get, path = "/v1/unknown-texts", operation_id = "list_unknown_texts", tag = "messages",
    params(pages::PageParams),
    responses((status = 200, description = "A page of texts.", body = UnknownTextPage))
)]
pub(super) async fn list_unknown_texts(
    State(counter): State<Counter>,
    shown: Shown,
    QueryParams(asked): QueryParams<pages::PageParams>,
) -> Result<Json<UnknownTextPage>, Problem> {
    let limit = pages::limit(asked.limit)?;
    let after = pages::after(asked.cursor.as_deref())?;
    let found = heard::open(counter.desk.database.connection(), after, limit + 1).await?;
    let page = Page::cut(found, limit);
    let next_cursor = page.items.last().filter(|_| page.has_more).map(|last| pages::next(last.id));
    shown.members(page.items.iter().filter_map(|one| one.member));
    let mut texts = Vec::new();
    for one in page.items {
        let letter = counter.desk.ears.open(&one)?;
        texts.push(UnknownTextView {
            text_id: one.id,
            member_id: one.member,
            phone: masked(letter.phone.expose()),
            text: letter.text.into_exposed(),
            heard_at: one.heard_at,
        });
    }
    Ok(Json(UnknownTextPage { texts, has_more: page.has_more, next_cursor }))
}

/// Answers a text by text message, and closes it. The same key again sends nothing again.
#[utoipa::path(
    post, path = "/v1/unknown-texts/{text_id}/answer", operation_id = "answer_unknown_text", tag = "messages",
    params(
        ("text_id" = Uuid, Path, description = "The text."),
        ("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters."),
    ),
    request_body = TextAnswerBody,
    responses((status = 204, description = "A provider has the answer."))
)]
pub(super) async fn answer_unknown_text(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    PathParams(text): PathParams<Uuid>,
    Body(body): Body<TextAnswerBody>,
) -> Result<StatusCode, Problem> {
    let long = body.text.expose().trim().chars().count();
    if !(1..=LONGEST).contains(&long) {
        let problem = Problem::new(&ANSWER_INVALID).arg("least", 1_i64).arg("most", LONGEST);
        return Err(problem.pointer("/text"));
    }
    let by = super::actor(&caller);
    let id = super::id_of(&format!("{by}\n{text}\n{}", key.as_str()));
    answer_text(&counter.desk, text, id, body.text, body.language, &by).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Closes a text without an answer.
#[utoipa::path(
    post, path = "/v1/unknown-texts/{text_id}/close", operation_id = "close_unknown_text", tag = "messages",
    params(("text_id" = Uuid, Path, description = "The text.")),
    responses((status = 204, description = "It waits no more."))
)]
pub(super) async fn close_unknown_text(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(text): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    close_text(&counter.desk, text, &super::actor(&caller)).await?;
    Ok(StatusCode::NO_CONTENT)
}
