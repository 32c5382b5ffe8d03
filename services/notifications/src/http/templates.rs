//! What messages say, as the chain writes, tries and publishes it.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use kernel::{Language, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, IdempotencyKey, PathParams, Problem, RouteSpec};

use super::{
    Counter, roles,
    template_views::{MessageTemplateList, MessageTemplateView, MessageWords, PreviewList, of_kind, summary},
};
use crate::{
    commands::{
        keep_templates::{self, discard_draft, publish, restore, words_of, write_draft},
        try_template::{Trial, try_template},
    },
    domain::{template::Written, trigger::Trigger},
    error::{
        DATABASE_BUSY, DRAFT_CHANGED, Error, MEMBER_UNKNOWN, MEMBER_UNREACHABLE, MEMBERSHIP_SILENT, Missing,
        Refusal, TEMPLATE_INCOMPLETE, TEMPLATE_NAME_UNKNOWN, TEMPLATE_PARTS, TEMPLATE_TOO_LONG,
        TEMPLATE_UNKNOWN, TEMPLATE_UNREADABLE,
    },
    store::templates,
};

/// The largest body: three languages at their longest, and the signs around them.
const LONGEST: usize = 64 * 1024;

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/message-templates", "list_message_templates", Access::Operator)
        .staff(Bound::Chain, roles::WORD_READERS)
        .problems(&[&DATABASE_BUSY]);
pub(super) static READ: RouteSpec =
    RouteSpec::get("/v1/message-templates/{kind}", "read_message_template", Access::Operator)
        .staff(Bound::Chain, roles::WORD_READERS)
        .problems(&[&TEMPLATE_UNKNOWN, &DATABASE_BUSY]);
pub(super) static WRITE: RouteSpec =
    RouteSpec::put("/v1/message-templates/{kind}/draft", "write_message_draft", Access::Operator)
        .staff(Bound::Chain, roles::WRITERS)
        .body_limit(LONGEST)
        .problems(&[
            &TEMPLATE_UNKNOWN,
            &TEMPLATE_INCOMPLETE,
            &TEMPLATE_UNREADABLE,
            &TEMPLATE_NAME_UNKNOWN,
            &TEMPLATE_TOO_LONG,
            &TEMPLATE_PARTS,
            &DRAFT_CHANGED,
            &DATABASE_BUSY,
        ]);
pub(super) static DISCARD: RouteSpec =
    RouteSpec::delete("/v1/message-templates/{kind}/draft", "discard_message_draft", Access::Operator)
        .staff(Bound::Chain, roles::WRITERS)
        .problems(&[&TEMPLATE_UNKNOWN, &DATABASE_BUSY]);
pub(super) static PUBLISH: RouteSpec =
    RouteSpec::post("/v1/message-templates/{kind}/publish", "publish_message_draft", Access::Operator)
        .staff(Bound::Chain, roles::WRITERS)
        .problems(&[&TEMPLATE_UNKNOWN, &DRAFT_CHANGED, &DATABASE_BUSY]);
pub(super) static RESTORE: RouteSpec =
    RouteSpec::delete("/v1/message-templates/{kind}/live", "restore_message_template", Access::Operator)
        .staff(Bound::Chain, roles::WRITERS)
        .problems(&[&TEMPLATE_UNKNOWN, &DATABASE_BUSY]);
pub(super) static PREVIEW: RouteSpec =
    RouteSpec::post("/v1/message-templates/{kind}/preview", "preview_message_template", Access::Operator)
        .staff(Bound::Chain, roles::WRITERS)
        .body_limit(LONGEST)
        .problems(&[
            &TEMPLATE_UNKNOWN,
            &TEMPLATE_INCOMPLETE,
            &TEMPLATE_UNREADABLE,
            &TEMPLATE_NAME_UNKNOWN,
            &TEMPLATE_TOO_LONG,
            &TEMPLATE_PARTS,
            &DATABASE_BUSY,
        ]);
pub(super) static TRY: RouteSpec =
    RouteSpec::post("/v1/message-templates/{kind}/try", "try_message_template", Access::Operator)
        .staff(Bound::Chain, roles::WRITERS)
        .heavy()
        .keyed()
        .problems(&[
            &TEMPLATE_UNKNOWN,
            &MEMBER_UNKNOWN,
            &MEMBER_UNREACHABLE,
            &MEMBERSHIP_SILENT,
            &DATABASE_BUSY,
        ]);

/// Words as somebody writes them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageWordsBody {
    /// Title and text by language: `fa`, `ar` and `en`, all three.
    #[schema(value_type = BTreeMap<String, MessageWords>)]
    words: BTreeMap<Language, MessageWords>,
}

impl MessageWordsBody {
    fn written(self) -> Written {
        self.words.into_iter().map(|(language, words)| (language, (words.title, words.text))).collect()
    }
}

/// Which draft.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PublishBody {
    /// The number of the draft that was looked at.
    #[schema(minimum = 1, example = 3)]
    version: i32,
}

/// Since when messages say it.
#[derive(Serialize, ToSchema)]
pub(super) struct PublishedWords {
    /// The version.
    version: i32,
    /// Since then.
    live_from: Timestamp,
}

/// What is shown.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewBody {
    /// A version; 0 is what is built in. Left out: `words`, or else what messages say now.
    #[schema(minimum = 0, example = 3)]
    version: Option<i32>,
    /// Words that nobody has saved.
    #[schema(value_type = Option<BTreeMap<String, MessageWords>>)]
    words: Option<BTreeMap<Language, MessageWords>>,
}

/// What is tried, and by whom.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TrialBody {
    /// To which member: somebody of the chain's own people, who expects it.
    member_id: MemberId,
    /// The version; 0 is what is built in.
    #[schema(minimum = 0, example = 3)]
    version: i32,
}

fn kind(word: &str) -> Result<Trigger, Error> {
    Trigger::from_word(word).ok_or_else(|| Missing::Template.into())
}

/// Lists the kinds of messages: what each may name, and which version of its words is live.
#[utoipa::path(
    get, path = "/v1/message-templates", operation_id = "list_message_templates", tag = "messages",
    responses((status = 200, description = "Every kind of message.", body = MessageTemplateList))
)]
pub(super) async fn list_message_templates(
    State(counter): State<Counter>,
) -> Result<Json<MessageTemplateList>, Problem> {
    let current = templates::current(counter.desk.database.connection()).await?;
    Ok(Json(summary(&current)))
}

/// Shows what a kind of message says: what is built in, and up to a hundred versions of the chain's own, the newest first.
#[utoipa::path(
    get, path = "/v1/message-templates/{kind}", operation_id = "read_message_template", tag = "messages",
    params(("kind" = String, Path, description = "The kind of message, such as `earned`.")),
    responses((status = 200, description = "Its words.", body = MessageTemplateView))
)]
pub(super) async fn read_message_template(
    State(counter): State<Counter>,
    PathParams(word): PathParams<String>,
) -> Result<Json<MessageTemplateView>, Problem> {
    let trigger = kind(&word)?;
    let versions = templates::of_kind(counter.desk.database.connection(), trigger).await?;
    Ok(Json(of_kind(trigger, versions)))
}

/// Writes the draft of a kind of message, in three languages; it gets a number of its own each time.
///
/// Refused are a language that is missing, a name that the kind does not have, a text that is no pattern, and one that takes too many
/// parts as a text message.
#[utoipa::path(
    put, path = "/v1/message-templates/{kind}/draft", operation_id = "write_message_draft", tag = "messages",
    params(("kind" = String, Path, description = "The kind of message.")),
    request_body = MessageWordsBody,
    responses((status = 200, description = "What it says to a sample member.", body = PreviewList))
)]
pub(super) async fn write_message_draft(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(word): PathParams<String>,
    Body(body): Body<MessageWordsBody>,
) -> Result<Json<PreviewList>, Problem> {
    let trigger = kind(&word)?;
    let (number, shown) =
        write_draft(&counter.desk, trigger, &body.written(), &super::actor(&caller)).await?;
    Ok(Json(PreviewList::of(Some(number), shown)))
}

/// Takes the draft of a kind of message away.
#[utoipa::path(
    delete, path = "/v1/message-templates/{kind}/draft", operation_id = "discard_message_draft", tag = "messages",
    params(("kind" = String, Path, description = "The kind of message.")),
    responses((status = 204, description = "There is no draft any more."))
)]
pub(super) async fn discard_message_draft(
    State(counter): State<Counter>,
    PathParams(word): PathParams<String>,
) -> Result<StatusCode, Problem> {
    discard_draft(&counter.desk, kind(&word)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a draft what messages say from now on. What is live already stays so.
#[utoipa::path(
    post, path = "/v1/message-templates/{kind}/publish", operation_id = "publish_message_draft", tag = "messages",
    params(("kind" = String, Path, description = "The kind of message.")),
    request_body = PublishBody,
    responses((status = 200, description = "It is live.", body = PublishedWords))
)]
pub(super) async fn publish_message_draft(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(word): PathParams<String>,
    Body(body): Body<PublishBody>,
) -> Result<Json<PublishedWords>, Problem> {
    let by = super::actor(&caller);
    let live_from = publish(&counter.desk, kind(&word)?, body.version, &by).await?;
    Ok(Json(PublishedWords { version: body.version, live_from }))
}

/// Lets messages of a kind say again what is built in; what was live stays among the versions.
#[utoipa::path(
    delete, path = "/v1/message-templates/{kind}/live", operation_id = "restore_message_template", tag = "messages",
    params(("kind" = String, Path, description = "The kind of message.")),
    responses((status = 204, description = "Messages say what is built in."))
)]
pub(super) async fn restore_message_template(
    State(counter): State<Counter>,
    PathParams(word): PathParams<String>,
) -> Result<StatusCode, Problem> {
    restore(&counter.desk, kind(&word)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows words as a sample member gets them, with how many parts they take as a text message.
#[utoipa::path(
    post, path = "/v1/message-templates/{kind}/preview", operation_id = "preview_message_template", tag = "messages",
    params(("kind" = String, Path, description = "The kind of message.")),
    request_body = PreviewBody,
    responses((status = 200, description = "What it says.", body = PreviewList))
)]
pub(super) async fn preview_message_template(
    State(counter): State<Counter>,
    PathParams(word): PathParams<String>,
    Body(body): Body<PreviewBody>,
) -> Result<Json<PreviewList>, Problem> {
    let (trigger, desk) = (kind(&word)?, &counter.desk);
    let written = match (body.version, body.words) {
        (Some(number), _) => words_of(desk, trigger, number).await?,
        (None, Some(words)) => MessageWordsBody { words }.written(),
        (None, None) => {
            let live = templates::live_versions(desk.database.connection()).await?;
            let number = live.iter().find(|(kind, _)| *kind == word).map_or(0, |(_, number)| *number);
            words_of(desk, trigger, number).await?
        }
    };
    let shown = keep_templates::preview(desk, trigger, &written).map_err(Refusal::Template)?;
    Ok(Json(PreviewList::of(body.version, shown)))
}

/// Sends words, with sample values, to somebody of the chain's own people by text message, at once.
///
/// The same key again sends nothing again.
#[utoipa::path(
    post, path = "/v1/message-templates/{kind}/try", operation_id = "try_message_template", tag = "messages",
    params(
        ("kind" = String, Path, description = "The kind of message."),
        ("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters."),
    ),
    request_body = TrialBody,
    responses((status = 204, description = "A provider has it."))
)]
pub(super) async fn try_message_template(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    PathParams(word): PathParams<String>,
    Body(body): Body<TrialBody>,
) -> Result<StatusCode, Problem> {
    let named = format!("{}\n{word}\n{}\n{}", super::actor(&caller), body.member_id, key.as_str());
    let trial = Trial {
        id: super::id_of(&named),
        member: body.member_id,
        trigger: kind(&word)?,
        version: body.version,
    };
    try_template(&counter.desk, &trial).await?;
    Ok(StatusCode::NO_CONTENT)
}
