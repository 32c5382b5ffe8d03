//! Messages to webhooks: what was sent, how it went, and dead letters sent again.

use axum::{Json, extract::State, http::StatusCode};
use kernel::{DeliveryId, FactId, Scope, Timestamp, WebhookId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{Access, Body, Bound, Caller, PathParams, Problem, QueryParams, RouteSpec};

use super::{asker, pages, roles};
use crate::{
    commands::{Desk, ping::ping, replay as replaying},
    domain::delivery::{Attempt, Delivery, Standing},
    error::{
        CURSOR_INVALID, DATABASE_BUSY, DELIVERY_NOT_DEAD, DELIVERY_UNKNOWN, LIMIT_OUT_OF_RANGE,
        PINGS_TOO_MANY, WEBHOOK_ENDED, WEBHOOK_UNKNOWN,
    },
    queries::list_deliveries as asked,
};

pub(super) static PING: RouteSpec =
    RouteSpec::post("/v1/webhooks/{webhook_id}/ping", "ping_webhook", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .partners(Scope::WebhooksManage)
        .problems(&[&WEBHOOK_UNKNOWN, &WEBHOOK_ENDED, &PINGS_TOO_MANY, &DATABASE_BUSY]);

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/webhooks/{webhook_id}/deliveries", "list_webhook_deliveries", Access::Operator)
        .staff(Bound::Chain, roles::READERS)
        .partners(Scope::WebhooksManage)
        .problems(&[&WEBHOOK_UNKNOWN, &LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

pub(super) static GET: RouteSpec = RouteSpec::get(
    "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}",
    "read_webhook_delivery",
    Access::Operator,
)
.staff(Bound::Chain, roles::READERS)
.partners(Scope::WebhooksManage)
.problems(&[&WEBHOOK_UNKNOWN, &DELIVERY_UNKNOWN, &DATABASE_BUSY]);

pub(super) static REPLAY_ONE: RouteSpec = RouteSpec::post(
    "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
    "replay_webhook_delivery",
    Access::Operator,
)
.staff(Bound::Chain, roles::HEADS)
.partners(Scope::WebhooksManage)
.problems(&[&WEBHOOK_UNKNOWN, &DELIVERY_UNKNOWN, &WEBHOOK_ENDED, &DELIVERY_NOT_DEAD, &DATABASE_BUSY]);

pub(super) static REPLAY: RouteSpec =
    RouteSpec::post("/v1/webhooks/{webhook_id}/replay", "replay_webhook", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .partners(Scope::WebhooksManage)
        .body_limit(1024)
        .problems(&[&WEBHOOK_UNKNOWN, &WEBHOOK_ENDED, &DATABASE_BUSY]);

/// Where a message stands.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It waits for its next attempt.
    Waiting,
    /// It was taken.
    Delivered,
    /// It was given up: a dead letter, which can be sent again.
    Dead,
}

impl From<DeliveryState> for Standing {
    fn from(state: DeliveryState) -> Self {
        match state {
            DeliveryState::Waiting => Self::Waiting,
            DeliveryState::Delivered => Self::Delivered,
            DeliveryState::Dead => Self::Dead,
        }
    }
}

impl From<Standing> for DeliveryState {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Waiting => Self::Waiting,
            Standing::Delivered => Self::Delivered,
            Standing::Dead => Self::Dead,
        }
    }
}

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeliveryParams {
    /// Only those that stand so.
    pub state: Option<DeliveryState>,
    /// How many items, 1 to 500; 100 when it is not said.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A message, without what it says.
#[derive(Serialize, ToSchema)]
pub struct DeliveryView {
    /// Its id, `webhook-id` of every attempt.
    pub delivery_id: DeliveryId,
    /// The kind of fact that it tells.
    #[schema(example = "vafa.points.points_earned.v1")]
    pub kind: String,
    /// The fact that it tells; absent for a test message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fact_id: Option<FactId>,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts so far.
    pub attempts: u32,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// When the next attempt is due; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// When it is given up; absent when it is finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// When it was taken or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// The HTTP status of the last attempt, when there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_status: Option<u16>,
    /// What the last attempt came to: `taken`, `gone`, `refused`, `timed_out`, `unreachable`, `broken`,
    /// `address_refused`; or why there was none: `out_of_time`, `not_wanted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_outcome: Option<String>,
}

/// One attempt at a message.
#[derive(Serialize, ToSchema)]
pub struct AttemptView {
    /// Counted from 1.
    pub number: u32,
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: u32,
    /// The HTTP status that was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What it came to.
    #[schema(example = "timed_out")]
    pub outcome: String,
}

/// A message with its attempts.
#[derive(Serialize, ToSchema)]
pub struct DeliveryDetail {
    /// The message.
    pub delivery: DeliveryView,
    /// The attempts, in order.
    pub attempts: Vec<AttemptView>,
}

/// A page of messages, newest first.
#[derive(Serialize, ToSchema)]
pub struct DeliveryPage {
    /// The messages.
    pub deliveries: Vec<DeliveryView>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A message that will be sent.
#[derive(Serialize, ToSchema)]
pub struct QueuedView {
    /// Its id, `webhook-id` of every attempt.
    pub delivery_id: DeliveryId,
}

/// Which dead letters are sent again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayBody {
    /// Those recorded since then.
    pub since: Timestamp,
}

/// What is sent again.
#[derive(Serialize, ToSchema)]
pub struct ReplayView {
    /// How many dead letters, the oldest thousand at most.
    pub replayed: usize,
    /// Whether more are left: ask again.
    pub has_more: bool,
}

impl From<&Delivery> for DeliveryView {
    fn from(delivery: &Delivery) -> Self {
        let waits = delivery.standing == Standing::Waiting;
        Self {
            delivery_id: delivery.id,
            kind: delivery.kind.clone(),
            fact_id: delivery.fact,
            state: delivery.standing.into(),
            attempts: delivery.attempts,
            created_at: delivery.created_at,
            next_at: Some(delivery.next_at).filter(|_| waits),
            deadline: Some(delivery.deadline).filter(|_| waits),
            finished_at: delivery.finished_at,
            last_status: delivery.last_status,
            last_outcome: delivery.last_outcome.clone(),
        }
    }
}

impl From<&Attempt> for AttemptView {
    fn from(attempt: &Attempt) -> Self {
        Self {
            number: attempt.number,
            at: attempt.at,
            took_ms: attempt.took_ms,
            status: attempt.status,
            outcome: attempt.outcome.clone(),
        }
    }
}

/// Sends a test message, of kind `vafa.webhooks.ping.v1`, by the same way as all others. Five a minute are taken.
#[utoipa::path(
    post, path = "/v1/webhooks/{webhook_id}/ping", operation_id = "ping_webhook", tag = "webhooks",
    params(("webhook_id" = WebhookId, Path, description = "The webhook's id.")),
    responses((status = 202, description = "It is sent; read the message to see how it went.", body = QueuedView))
)]
pub(super) async fn send_ping(
    State(desk): State<Desk>,
    caller: Caller,
    PathParams(id): PathParams<WebhookId>,
) -> Result<(StatusCode, Json<QueuedView>), Problem> {
    let delivery_id = ping(&desk, &asker(caller), id).await?;
    Ok((StatusCode::ACCEPTED, Json(QueuedView { delivery_id })))
}

/// Lists messages to a webhook, newest first, without what they say.
#[utoipa::path(
    get, path = "/v1/webhooks/{webhook_id}/deliveries", operation_id = "list_webhook_deliveries", tag = "webhooks",
    params(("webhook_id" = WebhookId, Path, description = "The webhook's id."), DeliveryParams),
    responses((status = 200, description = "A page of messages.", body = DeliveryPage))
)]
pub(super) async fn list(
    State(desk): State<Desk>,
    caller: Caller,
    PathParams(id): PathParams<WebhookId>,
    QueryParams(page): QueryParams<DeliveryParams>,
) -> Result<Json<DeliveryPage>, Problem> {
    let (limit, before) = (pages::limit(page.limit)?, pages::after(page.cursor.as_deref())?);
    let state = page.state.map(Standing::from);
    let found = asked::list_deliveries(&desk.database, &asker(caller), id, state, before, limit).await?;
    let last = found.items.last().filter(|_| found.has_more);
    Ok(Json(DeliveryPage {
        next_cursor: last.map(|delivery| pages::next(delivery.id)),
        has_more: found.has_more,
        deliveries: found.items.iter().map(DeliveryView::from).collect(),
    }))
}

/// Shows a message with its attempts.
#[utoipa::path(
    get, path = "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}", operation_id = "read_webhook_delivery",
    tag = "webhooks",
    params(
        ("webhook_id" = WebhookId, Path, description = "The webhook's id."),
        ("delivery_id" = DeliveryId, Path, description = "The message's id."),
    ),
    responses((status = 200, description = "The message.", body = DeliveryDetail))
)]
pub(super) async fn read(
    State(desk): State<Desk>,
    caller: Caller,
    PathParams((webhook, id)): PathParams<(WebhookId, DeliveryId)>,
) -> Result<Json<DeliveryDetail>, Problem> {
    let (delivery, attempts) = asked::delivery(&desk.database, &asker(caller), webhook, id).await?;
    let attempts = attempts.iter().map(AttemptView::from).collect();
    Ok(Json(DeliveryDetail { delivery: (&delivery).into(), attempts }))
}

/// Sends a dead letter again, under its old id, for three days from now on.
#[utoipa::path(
    post, path = "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
    operation_id = "replay_webhook_delivery", tag = "webhooks",
    params(
        ("webhook_id" = WebhookId, Path, description = "The webhook's id."),
        ("delivery_id" = DeliveryId, Path, description = "The message's id."),
    ),
    responses((status = 202, description = "It is sent again.", body = DeliveryView))
)]
pub(super) async fn replay(
    State(desk): State<Desk>,
    caller: Caller,
    PathParams((webhook, id)): PathParams<(WebhookId, DeliveryId)>,
) -> Result<(StatusCode, Json<DeliveryView>), Problem> {
    let again = replaying::replay_one(&desk, &asker(caller), webhook, id).await?;
    Ok((StatusCode::ACCEPTED, Json((&again).into())))
}

/// Sends a webhook's dead letters again that were recorded since a time, the oldest thousand of them.
#[utoipa::path(
    post, path = "/v1/webhooks/{webhook_id}/replay", operation_id = "replay_webhook", tag = "webhooks",
    params(("webhook_id" = WebhookId, Path, description = "The webhook's id.")),
    request_body(content = ReplayBody, example = json!({"since": "2026-11-20T00:00:00Z"})),
    responses((status = 202, description = "They are sent again.", body = ReplayView))
)]
pub(super) async fn replay_all(
    State(desk): State<Desk>,
    caller: Caller,
    PathParams(id): PathParams<WebhookId>,
    Body(body): Body<ReplayBody>,
) -> Result<(StatusCode, Json<ReplayView>), Problem> {
    let (replayed, has_more) = replaying::replay_since(&desk, &asker(caller), id, body.since).await?;
    Ok((StatusCode::ACCEPTED, Json(ReplayView { replayed, has_more })))
}
