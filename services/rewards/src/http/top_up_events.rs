//! What the provider of top-ups tells by itself. Its signature is all that opens this door.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use kernel::RedemptionId;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;
use web::{Access, DeadlineAt, Problem, RouteSpec, Sent};

use super::Counter;
use crate::{
    commands::fulfil::{Origin, hear_provider},
    domain::fulfilment::Answer,
    error::{DATABASE_BUSY, EVENT_FORGED, EVENT_UNREADABLE},
};

pub(super) static POST: RouteSpec =
    RouteSpec::post("/v1/top-up-events", "receive_top_up_event", Access::Anyone)
        .body_limit(16 * 1024)
        .problems(&[&EVENT_FORGED, &EVENT_UNREADABLE, &DATABASE_BUSY]);

/// What happened at the provider of top-ups.
#[derive(Deserialize, ToSchema)]
pub struct TopUpEventBody {
    /// `top_up.delivered`, `top_up.failed` or `top_up.pending`; anything else is taken and means nothing here.
    #[serde(rename = "type")]
    #[schema(example = "top_up.delivered")]
    pub kind: String,
    /// About which top-up.
    #[schema(value_type = TopUpEventData)]
    pub data: Value,
}

/// A top-up at the provider. More fields may be there.
#[derive(Deserialize, ToSchema)]
pub struct TopUpEventData {
    /// The reference that it was asked for with: a redemption's id.
    pub reference: RedemptionId,
}

fn readable<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_json::from_value(value).map_err(|_| Problem::new(&EVENT_UNREADABLE))
}

/// Takes what the provider of top-ups tells, signed as Standard Webhooks has it (`v1`, HMAC-SHA256).
///
/// It counts once, however often it is told; what contradicts an end is taken, and lies where people look.
#[utoipa::path(
    post, path = "/v1/top-up-events", operation_id = "receive_top_up_event", tag = "fulfilments",
    params(
        ("webhook-id" = Option<String>, Header, description = "The message's id."),
        ("webhook-timestamp" = Option<String>, Header, description = "When it was sent, in seconds since 1970: five minutes ago at most."),
        ("webhook-signature" = Option<String>, Header, description = "`v1,` and the signature as base64; several with spaces between them."),
    ),
    request_body(content = TopUpEventBody),
    responses((status = 204, description = "It was taken."))
)]
pub(super) async fn receive_top_up_event(
    State(counter): State<Counter>,
    deadline: DeadlineAt,
    headers: HeaderMap,
    sent: Sent<Value>,
) -> Result<StatusCode, Problem> {
    let vouched = counter
        .desk
        .top_ups
        .as_ref()
        .is_some_and(|top_ups| top_ups.vouch_for(&headers, &sent.bytes, counter.now()));
    if !vouched {
        return Err(Problem::new(&EVENT_FORGED));
    }
    let event: TopUpEventBody = readable(sent.value)?;
    let answer = match event.kind.as_str() {
        "top_up.delivered" => Answer::Delivered,
        "top_up.failed" => Answer::Refused,
        "top_up.pending" => Answer::Pending,
        _ => return Ok(StatusCode::NO_CONTENT),
    };
    let data: TopUpEventData = readable(event.data)?;
    deadline.check()?;
    let desk = counter.desk.clone();
    store::shielded(async move { hear_provider(&desk, data.reference, answer, Origin::Told).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}
