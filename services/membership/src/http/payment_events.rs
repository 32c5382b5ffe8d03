//! What the payment provider tells by itself. Its signature is all that opens this door.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use kernel::{CheckoutId, Currency};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;
use web::{Access, DeadlineAt, Problem, RouteSpec, Sent};

use super::Counter;
use crate::{
    adapters::payments::is_payment_name,
    commands::checkouts::{fail_checkout, take_payment},
    domain::checkout::Money,
    error::{CONTENDED, DATABASE_BUSY, PAYMENT_EVENT_FORGED, PAYMENT_EVENT_UNREADABLE},
};

pub(super) static POST: RouteSpec =
    RouteSpec::post("/v1/payment-events", "receive_payment_event", Access::Anyone)
        .body_limit(16 * 1024)
        .problems(&[&PAYMENT_EVENT_FORGED, &PAYMENT_EVENT_UNREADABLE, &CONTENDED, &DATABASE_BUSY]);

/// What happened at the payment provider.
#[derive(Deserialize, ToSchema)]
pub struct PaymentEventBody {
    /// `payment.succeeded`, `payment.failed` or `payment.cancelled`; anything else is taken and means nothing here.
    #[serde(rename = "type")]
    #[schema(example = "payment.succeeded")]
    pub kind: String,
    /// About which payment.
    #[schema(value_type = PaymentEventData)]
    pub data: Value,
}

/// A payment at the provider. More fields may be there.
#[derive(Deserialize, ToSchema)]
pub struct PaymentEventData {
    /// What the provider calls it: 1 to 128 visible ASCII characters.
    #[schema(example = "pay_7")]
    pub payment_id: String,
    /// The reference that it was asked for with: a checkout's id.
    #[schema(example = "0192f3a1-7c00-7000-8000-000000000007")]
    pub reference: String,
    /// How much, in minor units.
    #[schema(example = 5_000_000)]
    pub amount: i64,
    /// Of this currency.
    #[schema(value_type = String, example = "IRR")]
    pub currency: Currency,
}

fn readable<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_json::from_value(value).map_err(|_| Problem::new(&PAYMENT_EVENT_UNREADABLE))
}

/// Takes what the payment provider tells, signed as Standard Webhooks has it (`v1`, HMAC-SHA256).
///
/// A payment counts once, however often it is told. Money that no checkout wants is kept for people to look at, and taken, too.
#[utoipa::path(
    post, path = "/v1/payment-events", operation_id = "receive_payment_event", tag = "plans",
    params(
        ("webhook-id" = Option<String>, Header, description = "The message's id."),
        ("webhook-timestamp" = Option<String>, Header, description = "When it was sent, in seconds since 1970: five minutes ago at most."),
        ("webhook-signature" = Option<String>, Header, description = "`v1,` and the signature as base64; several with spaces between them."),
    ),
    request_body(content = PaymentEventBody),
    responses((status = 204, description = "It was taken."))
)]
pub(super) async fn receive(
    State(counter): State<Counter>,
    deadline: DeadlineAt,
    headers: HeaderMap,
    sent: Sent<Value>,
) -> Result<StatusCode, Problem> {
    let desk = counter.desk();
    let vouched = desk
        .payments
        .as_ref()
        .is_some_and(|payments| payments.seals.vouch_for(&headers, &sent.bytes, desk.clock.now()));
    if !vouched {
        return Err(Problem::new(&PAYMENT_EVENT_FORGED));
    }
    let event: PaymentEventBody = readable(sent.value)?;
    let succeeded = match event.kind.as_str() {
        "payment.succeeded" => true,
        "payment.failed" | "payment.cancelled" => false,
        _ => return Ok(StatusCode::NO_CONTENT),
    };
    let data: PaymentEventData = readable(event.data)?;
    if !is_payment_name(&data.payment_id) || data.amount < 0 {
        return Err(Problem::new(&PAYMENT_EVENT_UNREADABLE));
    }
    deadline.check()?;
    let reference: Option<CheckoutId> = data.reference.parse().ok();
    if succeeded {
        let money = Money { payment: data.payment_id, amount: data.amount, currency: data.currency };
        take_payment(desk, reference, &money, counter.today()).await?;
    } else if let Some(id) = reference {
        fail_checkout(desk, id, &data.payment_id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
