//! What members want to hear, topic by topic and channel by channel.

use axum::{Json, extract::State};
use kernel::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, PathParams, Problem, RouteSpec};

use super::{Counter, roles};
use crate::{
    commands::note_wishes::note_wishes,
    domain::{
        channel::Channel,
        trigger::Topic,
        wish::{CHANNELS, MOST, SaidBy, Wish},
    },
    error::{DATABASE_BUSY, MEMBER_UNKNOWN, PREFERENCE_INVALID},
    store::wishes::{self, Said},
};

pub(super) static READ: RouteSpec = RouteSpec::get(
    "/v1/members/{member_id}/message-preferences",
    "read_message_preferences",
    Access::MemberOrOperator,
)
.staff(Bound::Anywhere, roles::MEMBER_READERS)
.problems(&[&DATABASE_BUSY]);
pub(super) static SAY: RouteSpec = RouteSpec::put(
    "/v1/members/{member_id}/message-preferences",
    "set_message_preferences",
    Access::MemberOrOperator,
)
.staff(Bound::Anywhere, roles::SUPPORT)
.problems(&[&PREFERENCE_INVALID, &MEMBER_UNKNOWN, &DATABASE_BUSY]);

/// A topic on a channel.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PreferenceBody {
    /// `account`, `points`, `rewards`, `events` or `offers`; `security` is no choice.
    #[schema(example = "points")]
    topic: String,
    /// `sms`, `email`, `push` or `inbox`.
    #[schema(example = "sms")]
    channel: String,
    /// Whether they want to hear of it there.
    wanted: bool,
}

/// What a member wants.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreferencesBody {
    /// 1 to 30; what is not named stays as it is.
    #[schema(min_items = 1, max_items = 30)]
    preferences: Vec<PreferenceBody>,
}

/// A topic on a channel.
#[derive(Serialize, ToSchema)]
struct PreferenceView {
    /// `security`, `account`, `points`, `rewards`, `events` or `offers`.
    #[schema(example = "points")]
    topic: &'static str,
    /// `sms`, `email`, `push` or `inbox`.
    #[schema(example = "sms")]
    channel: &'static str,
    /// Whether they hear of it there. Offers take a consent besides.
    wanted: bool,
    /// Whether it is a choice: what keeps the account safe is none.
    is_a_choice: bool,
    /// By what they said so: `member`, `staff`, `link` or `text`; left out where they said nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    said_by: Option<String>,
    /// When they said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    said_at: Option<Timestamp>,
}

/// What a member wants to hear.
#[derive(Serialize, ToSchema)]
pub(super) struct PreferencesView {
    /// Every topic on every channel.
    preferences: Vec<PreferenceView>,
}

fn all(said: &[Said]) -> PreferencesView {
    let view = |topic: Topic, channel: Channel| {
        let found = said.iter().find(|one| (one.wish.topic, one.wish.channel) == (topic, channel));
        let found = found.filter(|_| topic.is_a_choice());
        PreferenceView {
            topic: topic.word(),
            channel: channel.word(),
            wanted: found.is_none_or(|one| one.wish.wanted),
            is_a_choice: topic.is_a_choice(),
            said_by: found.map(|one| one.by.clone()),
            said_at: found.map(|one| one.at),
        }
    };
    let topics = Topic::ALL.into_iter();
    let preferences = topics.flat_map(|topic| CHANNELS.map(|channel| view(topic, channel))).collect();
    PreferencesView { preferences }
}

fn wishes_of(body: PreferencesBody) -> Result<Vec<Wish>, Problem> {
    let wrong = |pointer: String| Problem::new(&PREFERENCE_INVALID).pointer(pointer);
    if body.preferences.is_empty() || body.preferences.len() > MOST {
        return Err(wrong("/preferences".to_owned()));
    }
    let wish = |(index, one): (usize, PreferenceBody)| {
        let topic = Topic::from_word(&one.topic).filter(|topic| topic.is_a_choice());
        let channel = Channel::from_word(&one.channel).filter(|channel| CHANNELS.contains(channel));
        Ok(Wish {
            topic: topic.ok_or_else(|| wrong(format!("/preferences/{index}/topic")))?,
            channel: channel.ok_or_else(|| wrong(format!("/preferences/{index}/channel")))?,
            wanted: one.wanted,
        })
    };
    body.preferences.into_iter().enumerate().map(wish).collect()
}

/// Tells what a member wants to hear, by what; what they said nothing about is wanted.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/message-preferences", operation_id = "read_message_preferences", tag = "messages",
    params(("member_id" = MemberId, Path, description = "The member.")),
    responses((status = 200, description = "What they want.", body = PreferencesView))
)]
pub(super) async fn read_message_preferences(
    State(counter): State<Counter>,
    PathParams(member): PathParams<MemberId>,
) -> Result<Json<PreferencesView>, Problem> {
    let said = wishes::of_member(counter.desk.database.connection(), member).await?;
    Ok(Json(all(&said)))
}

/// Notes what a member wants to hear, by what. It holds for messages that are not on their way yet.
#[utoipa::path(
    put, path = "/v1/members/{member_id}/message-preferences", operation_id = "set_message_preferences", tag = "messages",
    params(("member_id" = MemberId, Path, description = "The member.")),
    request_body = PreferencesBody,
    responses((status = 200, description = "What they want now.", body = PreferencesView))
)]
pub(super) async fn set_message_preferences(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(member): PathParams<MemberId>,
    Body(body): Body<PreferencesBody>,
) -> Result<Json<PreferencesView>, Problem> {
    let by = if matches!(caller, Caller::Member { .. }) { SaidBy::Member } else { SaidBy::Staff };
    note_wishes(&counter.desk, member, &wishes_of(body)?, by).await?;
    let said = wishes::of_member(counter.desk.database.connection(), member).await?;
    Ok(Json(all(&said)))
}
