//! What was sent to members: messages and attempts, never what they said.

use axum::{Json, extract::State};
use kernel::{MemberId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use web::{Access, Bound, PathParams, Problem, QueryParams, RouteSpec};

use super::{Counter, pages, roles};
use crate::{
    domain::{attempt::Attempt, message::MessageId},
    error::{CURSOR_INVALID, DATABASE_BUSY, LIMIT_OUT_OF_RANGE},
    queries::Page,
    store::log::{self, Logged},
};

pub(super) static OF_MEMBER: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/messages", "list_member_messages", Access::Operator)
        .staff(Bound::Anywhere, roles::MEMBER_READERS)
        .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

pub(super) static DEAD: RouteSpec =
    RouteSpec::get("/v1/dead-messages", "list_dead_messages", Access::Operator)
        .staff(Bound::Chain, roles::WATCHERS)
        .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

/// A message to a member.
#[derive(Serialize, ToSchema)]
pub(super) struct MessageView {
    /// Its id.
    message_id: MessageId,
    /// Of which kind.
    #[schema(example = "earned")]
    kind: String,
    /// Where it stands: `waiting`, `sent`, `dropped`, `dead`.
    #[schema(example = "sent")]
    state: &'static str,
    /// Why it did not go: `not_wanted`, `no_consent`, `too_much`, `unreachable`, `too_late`, `providers`.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// When what it tells of happened.
    told_at: Timestamp,
    /// When it was queued.
    queued_at: Timestamp,
    /// When it is looked at again, where it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
    /// How often no provider took it.
    failures: u32,
    /// The attempts at it, the oldest first.
    attempts: Vec<MessageAttemptView>,
}

/// An attempt at a message.
#[derive(Serialize, ToSchema)]
struct MessageAttemptView {
    /// Its id, which the provider was given.
    attempt_id: Uuid,
    /// By which channel: `sms`, `email`, `push`, `inbox`, `hook`.
    #[schema(example = "sms")]
    channel: &'static str,
    /// By which provider.
    provider: String,
    /// Where it stands: `handing`, `taken`, `delivered`, `read`, `failed`, `uncertain`.
    #[schema(example = "delivered")]
    standing: &'static str,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// Parts of a text message; 1 for everything else.
    parts: u16,
    /// What it costs, in thousandths of the minor unit of the chain's currency.
    cost: i64,
    /// When the provider was called.
    begun_at: Timestamp,
    /// Since when it stands so.
    noted_at: Timestamp,
}

impl From<Attempt> for MessageAttemptView {
    fn from(attempt: Attempt) -> Self {
        Self {
            attempt_id: attempt.id,
            channel: attempt.channel.word(),
            provider: attempt.provider,
            standing: attempt.standing.word(),
            why: attempt.why,
            parts: attempt.parts,
            cost: attempt.cost,
            begun_at: attempt.begun_at,
            noted_at: attempt.noted_at,
        }
    }
}

impl From<Logged> for MessageView {
    fn from(logged: Logged) -> Self {
        let due_at = logged.finished_at.is_none().then_some(logged.due_at);
        Self {
            message_id: logged.id,
            kind: logged.kind,
            state: logged.state.word(),
            why: logged.why,
            told_at: logged.told_at,
            queued_at: logged.queued_at,
            due_at,
            finished_at: logged.finished_at,
            failures: logged.failures,
            attempts: logged.attempts.into_iter().map(MessageAttemptView::from).collect(),
        }
    }
}

/// A page of messages.
#[derive(Serialize, ToSchema)]
pub(super) struct MessagePage {
    /// The messages, the newest first.
    messages: Vec<MessageView>,
    /// Whether more follow.
    has_more: bool,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl From<Page<Logged>> for MessagePage {
    fn from(page: Page<Logged>) -> Self {
        let next_cursor = page.items.last().filter(|_| page.has_more).map(|last| pages::next(last.id));
        let messages = page.items.into_iter().map(MessageView::from).collect();
        Self { messages, has_more: page.has_more, next_cursor }
    }
}

/// Lists what was sent to a member, the newest first, with the attempts at each. What messages said is not kept.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/messages", operation_id = "list_member_messages", tag = "messages",
    params(("member_id" = MemberId, Path, description = "The member."), pages::PageParams),
    responses((status = 200, description = "A page of messages.", body = MessagePage))
)]
pub(super) async fn list_member_messages(
    State(counter): State<Counter>,
    PathParams(member): PathParams<MemberId>,
    QueryParams(asked): QueryParams<pages::PageParams>,
) -> Result<Json<MessagePage>, Problem> {
    let limit = pages::limit(asked.limit)?;
    let before = pages::after(asked.cursor.as_deref())?;
    let found = log::of_member(counter.desk.database.connection(), member, before, limit + 1).await?;
    Ok(Json(Page::cut(found, limit).into()))
}

/// Lists messages that no provider took in time, the newest first; whose they are is not said.
#[utoipa::path(
    get, path = "/v1/dead-messages", operation_id = "list_dead_messages", tag = "messages",
    params(pages::PageParams),
    responses((status = 200, description = "A page of dead letters.", body = MessagePage))
)]
pub(super) async fn list_dead_messages(
    State(counter): State<Counter>,
    QueryParams(asked): QueryParams<pages::PageParams>,
) -> Result<Json<MessagePage>, Problem> {
    let limit = pages::limit(asked.limit)?;
    let before = pages::after(asked.cursor.as_deref())?;
    let found = log::dead(counter.desk.database.connection(), before, limit + 1).await?;
    Ok(Json(Page::cut(found, limit).into()))
}
