//! Redemptions at once, and their undoing.

use axum::extract::State;
use kernel::JournalId;
use serde::Deserialize;
use utoipa::ToSchema;
use web::{
    Access, Body, Bound, Caller, DeadlineAt, IdempotencyKey, Lane, PathParams, Problem, Response, RouteSpec,
};

use super::{
    Counter,
    holds::ReleaseRequest,
    operations::{Asking, OperationAnswer, answered, check_points, run_about, run_spending},
    purchase_request::Buyer,
    roles,
};
use crate::{commands::operate::Deed, error};

pub(super) static REDEEM: RouteSpec =
    RouteSpec::post("/v1/redemptions", "redeem_points", Access::TillOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .lane(Lane::Till)
        .body_limit(16 * 1024)
        .keyed()
        .problems(error::OF_OPERATIONS);
pub(super) static REVERSE: RouteSpec =
    RouteSpec::post("/v1/redemptions/{redemption_id}/reversal", "reverse_redemption", Access::TillOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .lane(Lane::Till)
        .body_limit(16 * 1024)
        .keyed()
        .problems(error::OF_REVERSALS);

/// Points to be redeemed at once.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedemptionRequest {
    /// Whose.
    pub member: Buyer,
    /// How many, 1 to 1,000,000,000.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub points: i64,
}

/// Redeem points
///
/// At once, earliest expiry first. Where the member may still change their mind, set the points aside with `POST /v1/holds` first.
#[utoipa::path(
    post, path = "/v1/redemptions", operation_id = "redeem_points", tag = "spending",
    params(("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters.")),
    request_body = RedemptionRequest,
    responses(
        (status = 201, description = "Redeemed now.", body = OperationAnswer),
        (status = 200, description = "Redeemed before (header `Idempotency-Replayed: true`).", body = OperationAnswer),
    )
)]
pub(super) async fn redeem_points(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    deadline: DeadlineAt,
    Body(request): Body<RedemptionRequest>,
) -> Result<Response, Problem> {
    let points = check_points(request.points, "/points")?;
    let named = request.member.named(&counter, "/member")?;
    let asked = |who: &str| ["redeem".to_owned(), who.to_owned(), points.to_string()];
    let command = Asking::of(&caller, key.as_str()).command_about(named, Deed::Redeem { points }, asked);
    answered(&run_spending(&counter, &caller, command, named, deadline).await?)
}

/// Undo a redemption
///
/// Of points redeemed at once, or of a capture by its own id. The very points come back with their last days; those whose
/// last day is over lapse with the account's next journal. Once only.
#[utoipa::path(
    post, path = "/v1/redemptions/{redemption_id}/reversal", operation_id = "reverse_redemption", tag = "spending",
    params(
        ("redemption_id" = JournalId, Path, description = "The redemption or capture."),
        ("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters."),
    ),
    request_body = ReleaseRequest,
    responses(
        (status = 201, description = "Undone now.", body = OperationAnswer),
        (status = 200, description = "Undone before with this key (header `Idempotency-Replayed: true`).", body = OperationAnswer),
    )
)]
pub(super) async fn reverse_redemption(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    deadline: DeadlineAt,
    PathParams(redemption): PathParams<JournalId>,
    Body(ReleaseRequest {}): Body<ReleaseRequest>,
) -> Result<Response, Problem> {
    let asked = ["reverse", &redemption.to_string()];
    let command = Asking::of(&caller, key.as_str()).command(None, Deed::Reverse { redemption }, None, &asked);
    answered(&run_about(&counter, command, deadline).await?)
}
