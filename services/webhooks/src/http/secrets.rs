//! Secrets by which receivers verify what they are sent.

use axum::{extract::State, http::StatusCode};
use kernel::{Scope, Timestamp, WebhookId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, PathParams, Problem, RouteSpec};

use super::{Private, asker, private, roles};
use crate::{
    commands::{Desk, rotate_secret::rotate_secret},
    domain::webhook::LONGEST_OVERLAP_S,
    error::{DATABASE_BUSY, OVERLAP_TOO_LONG, WEBHOOK_UNKNOWN},
};

pub(super) static ROTATE: RouteSpec =
    RouteSpec::post("/v1/webhooks/{webhook_id}/secret", "rotate_webhook_secret", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .partners(Scope::WebhooksManage)
        .body_limit(1024)
        .problems(&[&WEBHOOK_UNKNOWN, &OVERLAP_TOO_LONG, &DATABASE_BUSY]);

/// How long the old secret signs beside the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretRotation {
    /// In seconds: with 0 it signs no more, seven days are the most.
    #[schema(example = 86_400, maximum = 604_800)]
    pub overlap_s: u32,
}

/// A fresh secret. It is shown here and never again.
#[derive(Serialize, ToSchema)]
pub struct SecretView {
    /// The webhook's id.
    pub webhook_id: WebhookId,
    /// The secret.
    #[schema(example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazfYJg6zqkA=")]
    pub secret: String,
    /// Until when the old secret signs, too.
    pub old_until: Timestamp,
}

/// Gives a webhook a new secret.
///
/// Until the overlap is over, every message has two signatures, so that the receiver changes its secret without a stop.
#[utoipa::path(
    post, path = "/v1/webhooks/{webhook_id}/secret", operation_id = "rotate_webhook_secret", tag = "webhooks",
    params(("webhook_id" = WebhookId, Path, description = "The webhook's id.")),
    request_body(content = SecretRotation, example = json!({"overlap_s": 86_400})),
    responses((status = 201, description = "The new secret, shown this once.", body = SecretView))
)]
pub(super) async fn rotate(
    State(desk): State<Desk>,
    caller: Caller,
    PathParams(id): PathParams<WebhookId>,
    Body(body): Body<SecretRotation>,
) -> Result<(StatusCode, Private<SecretView>), Problem> {
    if body.overlap_s > LONGEST_OVERLAP_S {
        return Err(Problem::new(&OVERLAP_TOO_LONG).arg("most", LONGEST_OVERLAP_S).pointer("/overlap_s"));
    }
    let rotated = rotate_secret(&desk, &asker(caller), id, body.overlap_s).await?;
    let view =
        SecretView { webhook_id: rotated.webhook.id, secret: rotated.secret, old_until: rotated.old_until };
    Ok((StatusCode::CREATED, private(view)))
}
