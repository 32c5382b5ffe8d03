//! Pending points of a purchase become spendable before their day.

use axum::extract::State;
use kernel::JournalId;
use web::{
    Access, Body, Bound, Caller, DeadlineAt, IdempotencyKey, Lane, PathParams, Problem, Response, RouteSpec,
};

use super::{
    Counter, action_refusals,
    holds::ReleaseRequest,
    operations::{Asking, OperationAnswer, answered, run_about},
    roles,
};
use crate::commands::operate::Deed;

pub(super) static ACTIVATE: RouteSpec =
    RouteSpec::post("/v1/purchases/{purchase_id}/activation", "activate_points", Access::TillOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .lane(Lane::Till)
        .body_limit(16 * 1024)
        .keyed()
        .problems(action_refusals::OF_ACTIVATIONS);

/// Activate a purchase's pending points
///
/// What earned them cannot come back any more: the goods were accepted, the time for returns is over. Everything that is still
/// pending of the purchase can be spent now; their last days stay as they are, and a debt takes its share. Without it they are
/// activated on their day. Once only; returns afterwards take from what can be spent.
#[utoipa::path(
    post, path = "/v1/purchases/{purchase_id}/activation", operation_id = "activate_points", tag = "purchases",
    params(
        ("purchase_id" = JournalId, Path, description = "The purchase; a till's own branch's."),
        ("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters."),
    ),
    request_body = ReleaseRequest,
    responses(
        (status = 201, description = "Activated now; perhaps nothing was pending any more.", body = OperationAnswer),
        (status = 200, description = "Activated before with this key (header `Idempotency-Replayed: true`).", body = OperationAnswer),
    )
)]
pub(super) async fn activate_points(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    deadline: DeadlineAt,
    PathParams(purchase): PathParams<JournalId>,
    Body(ReleaseRequest {}): Body<ReleaseRequest>,
) -> Result<Response, Problem> {
    let asked = ["activate", &purchase.to_string()];
    let command = Asking::of(&caller, key.as_str()).command(None, Deed::Activate { purchase }, None, &asked);
    answered(&run_about(&counter, command, deadline).await?)
}
