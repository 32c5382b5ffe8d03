//! What waits, what it costs, and dead letters sent again.

use axum::{Json, extract::State, http::StatusCode};
use kernel::{Day, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{Access, Bound, PathParams, Problem, QueryParams, RouteSpec};

use super::{Counter, roles};
use crate::{
    commands::replay_dead::{replay_all, replay_one},
    domain::message::MessageId,
    error::{DATABASE_BUSY, DAYS_OUT_OF_RANGE, DEAD_LETTER_UNKNOWN},
    store::{log, queue},
};

/// Days that one question about costs spans.
const MOST_DAYS: i32 = 366;

pub(super) static READ: RouteSpec =
    RouteSpec::get("/v1/message-queue", "read_message_queue", Access::Operator)
        .staff(Bound::Chain, roles::WATCHERS)
        .problems(&[&DATABASE_BUSY]);

pub(super) static COSTS: RouteSpec =
    RouteSpec::get("/v1/message-costs", "list_message_costs", Access::Operator)
        .staff(Bound::Chain, roles::COST_READERS)
        .problems(&[&DAYS_OUT_OF_RANGE, &DATABASE_BUSY]);

pub(super) static REPLAY: RouteSpec =
    RouteSpec::post("/v1/dead-messages/replay", "replay_messages", Access::Operator)
        .staff(Bound::Chain, roles::MENDERS)
        .problems(&[&DATABASE_BUSY]);

pub(super) static REPLAY_ONE: RouteSpec =
    RouteSpec::post("/v1/dead-messages/{message_id}/replay", "replay_message", Access::Operator)
        .staff(Bound::Chain, roles::MENDERS)
        .problems(&[&DEAD_LETTER_UNKNOWN, &DATABASE_BUSY]);

/// What waits in a lane.
#[derive(Serialize, ToSchema)]
struct MessageLaneView {
    /// `code`, `told` or `campaign`: nothing waits behind a lane that is less urgent.
    #[schema(example = "told")]
    lane: &'static str,
    /// Messages.
    waiting: u64,
    /// When the one is due that is due first; before now where senders are behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_due_at: Option<Timestamp>,
}

/// What waits.
#[derive(Serialize, ToSchema)]
pub(super) struct MessageQueueView {
    /// Each lane, the most urgent first.
    lanes: Vec<MessageLaneView>,
    /// Dead letters.
    dead: u64,
}

/// Tells what waits to be sent.
#[utoipa::path(
    get, path = "/v1/message-queue", operation_id = "read_message_queue", tag = "messages",
    responses((status = 200, description = "What waits.", body = MessageQueueView))
)]
pub(super) async fn read_message_queue(
    State(counter): State<Counter>,
) -> Result<Json<MessageQueueView>, Problem> {
    let (lanes, dead) = queue::waiting(counter.desk.database.connection()).await?;
    let lane = |one: queue::Waiting| MessageLaneView {
        lane: one.lane.word(),
        waiting: one.messages,
        first_due_at: one.since,
    };
    Ok(Json(MessageQueueView { lanes: lanes.into_iter().map(lane).collect(), dead }))
}

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CostParams {
    /// The first day, on the chain's wall clock; today when it is not said.
    from: Option<Day>,
    /// The last day; today when it is not said. 366 days at most.
    until: Option<Day>,
}

/// What a provider carried on a day.
#[derive(Serialize, ToSchema)]
struct MessageCostView {
    /// The provider.
    provider: String,
    /// The day.
    day: Day,
    /// Messages that it took, or may have taken.
    messages: u64,
    /// Parts of text messages, and one for everything else.
    parts: u64,
    /// What they cost, in thousandths of the minor unit of the chain's currency.
    cost: i64,
}

/// What providers cost.
#[derive(Serialize, ToSchema)]
pub(super) struct MessageCostList {
    /// By day and provider.
    costs: Vec<MessageCostView>,
}

/// Tells what providers cost, by day.
#[utoipa::path(
    get, path = "/v1/message-costs", operation_id = "list_message_costs", tag = "messages",
    params(CostParams),
    responses((status = 200, description = "What they cost.", body = MessageCostList))
)]
pub(super) async fn list_message_costs(
    State(counter): State<Counter>,
    QueryParams(asked): QueryParams<CostParams>,
) -> Result<Json<MessageCostList>, Problem> {
    let today = counter.desk.chain.local(counter.desk.clock.now(), None).day;
    let (from, until) = (asked.from.unwrap_or(today), asked.until.unwrap_or(today));
    if from > until || until.number() - from.number() > MOST_DAYS {
        return Err(Problem::new(&DAYS_OUT_OF_RANGE));
    }
    let found = log::spent(counter.desk.database.connection(), from, until).await?;
    let view = |one: log::Spent| MessageCostView {
        provider: one.provider,
        day: one.day,
        messages: one.attempts,
        parts: one.parts,
        cost: one.cost,
    };
    Ok(Json(MessageCostList { costs: found.into_iter().map(view).collect() }))
}

/// How many dead letters wait again.
#[derive(Serialize, ToSchema)]
pub(super) struct ReplayedMessages {
    /// How many; 1,000 at most.
    replayed: u64,
}

/// Lets up to 1,000 dead letters be sent again, the oldest first.
#[utoipa::path(
    post, path = "/v1/dead-messages/replay", operation_id = "replay_messages", tag = "messages",
    responses((status = 200, description = "They wait again.", body = ReplayedMessages))
)]
pub(super) async fn replay_messages(
    State(counter): State<Counter>,
) -> Result<Json<ReplayedMessages>, Problem> {
    Ok(Json(ReplayedMessages { replayed: replay_all(&counter.desk).await? }))
}

/// Lets a dead letter be sent again.
#[utoipa::path(
    post, path = "/v1/dead-messages/{message_id}/replay", operation_id = "replay_message", tag = "messages",
    params(("message_id" = MessageId, Path, description = "The dead letter.")),
    responses((status = 204, description = "It waits again."))
)]
pub(super) async fn replay_message(
    State(counter): State<Counter>,
    PathParams(id): PathParams<MessageId>,
) -> Result<StatusCode, Problem> {
    replay_one(&counter.desk, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
