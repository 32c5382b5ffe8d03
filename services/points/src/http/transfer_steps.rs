//! What is said to a transfer that is on its way.

use axum::{Json, extract::State};
use kernel::TransferId;
use serde::Deserialize;
use tracing::Span;
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, DeadlineAt, PathParams, Problem, RouteSpec, TraceParent};

use super::{
    Counter,
    hands::check_person,
    roles,
    transfer_answer::TransferAnswer,
    transfer_refusals::{OF_TRANSFER_REVIEWS, OF_TRANSFER_STEPS, step_refused},
};
use crate::{
    commands::step_transfer::step_transfer,
    domain::{TransferStep, standing},
    error,
    store::transfers::TransferRow,
};

pub(super) static CONFIRM: RouteSpec =
    RouteSpec::post("/v1/transfers/{transfer_id}/confirm", "confirm_transfer", Access::MemberOrOperator)
        .owned_by_handler()
        .staff(Bound::Chain, roles::NOBODY)
        .problems(OF_TRANSFER_STEPS);
pub(super) static ACCEPT: RouteSpec =
    RouteSpec::post("/v1/transfers/{transfer_id}/accept", "accept_transfer", Access::MemberOrOperator)
        .owned_by_handler()
        .staff(Bound::Anywhere, roles::SUPPORT)
        .problems(OF_TRANSFER_STEPS);
pub(super) static DECLINE: RouteSpec =
    RouteSpec::post("/v1/transfers/{transfer_id}/decline", "decline_transfer", Access::MemberOrOperator)
        .owned_by_handler()
        .staff(Bound::Anywhere, roles::SUPPORT)
        .problems(OF_TRANSFER_STEPS);
pub(super) static RECALL: RouteSpec =
    RouteSpec::post("/v1/transfers/{transfer_id}/recall", "recall_transfer", Access::MemberOrOperator)
        .owned_by_handler()
        .staff(Bound::Anywhere, roles::SUPPORT)
        .problems(OF_TRANSFER_STEPS);
pub(super) static APPROVE: RouteSpec =
    RouteSpec::post("/v1/transfers/{transfer_id}/approve", "approve_transfer", Access::Operator)
        .staff(Bound::Chain, roles::SECOND_LOOK)
        .problems(OF_TRANSFER_REVIEWS);
pub(super) static REJECT: RouteSpec =
    RouteSpec::post("/v1/transfers/{transfer_id}/reject", "reject_transfer", Access::Operator)
        .staff(Bound::Chain, roles::SECOND_LOOK)
        .problems(OF_TRANSFER_REVIEWS);

/// The second person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewRequest {
    /// Who looked at it, as the chain names its staff: 1 to 64 characters; not who made it.
    #[schema(example = "support-7", min_length = 1, max_length = 64)]
    pub reviewer: String,
}

/// Confirm a transfer
///
/// The sender confirmed it by a one-time code. A member does so in a session that a fresh code has raised (`step-up`); the
/// operator vouches that the code was right.
#[utoipa::path(
    post, path = "/v1/transfers/{transfer_id}/confirm", operation_id = "confirm_transfer", tag = "transfers",
    params(("transfer_id" = TransferId, Path, description = "The transfer.")),
    responses((status = 200, description = "Where it stands now.", body = TransferAnswer))
)]
pub(super) async fn confirm_transfer(
    State(counter): State<Counter>,
    caller: Caller,
    deadline: DeadlineAt,
    PathParams(id): PathParams<TransferId>,
) -> Result<Json<TransferAnswer>, Problem> {
    take(&counter, &caller, id, TransferStep::Confirm, deadline).await
}

/// Accept a transfer
///
/// The receiver says yes; a member does so for what was sent to them.
#[utoipa::path(
    post, path = "/v1/transfers/{transfer_id}/accept", operation_id = "accept_transfer", tag = "transfers",
    params(("transfer_id" = TransferId, Path, description = "The transfer.")),
    responses((status = 200, description = "Where it stands now.", body = TransferAnswer))
)]
pub(super) async fn accept_transfer(
    State(counter): State<Counter>,
    caller: Caller,
    deadline: DeadlineAt,
    PathParams(id): PathParams<TransferId>,
) -> Result<Json<TransferAnswer>, Problem> {
    take(&counter, &caller, id, TransferStep::Accept, deadline).await
}

/// Decline a transfer
///
/// The receiver says no, and the points come back, the fee too.
#[utoipa::path(
    post, path = "/v1/transfers/{transfer_id}/decline", operation_id = "decline_transfer", tag = "transfers",
    params(("transfer_id" = TransferId, Path, description = "The transfer.")),
    responses((status = 200, description = "Where it stands now.", body = TransferAnswer))
)]
pub(super) async fn decline_transfer(
    State(counter): State<Counter>,
    caller: Caller,
    deadline: DeadlineAt,
    PathParams(id): PathParams<TransferId>,
) -> Result<Json<TransferAnswer>, Problem> {
    take(&counter, &caller, id, TransferStep::Decline, deadline).await
}

/// Recall a transfer
///
/// The sender takes it back before it has arrived, and the points come back, the fee too.
#[utoipa::path(
    post, path = "/v1/transfers/{transfer_id}/recall", operation_id = "recall_transfer", tag = "transfers",
    params(("transfer_id" = TransferId, Path, description = "The transfer.")),
    responses((status = 200, description = "Where it stands now.", body = TransferAnswer))
)]
pub(super) async fn recall_transfer(
    State(counter): State<Counter>,
    caller: Caller,
    deadline: DeadlineAt,
    PathParams(id): PathParams<TransferId>,
) -> Result<Json<TransferAnswer>, Problem> {
    take(&counter, &caller, id, TransferStep::Recall, deadline).await
}

/// Approve a transfer
///
/// A second person looked at it; never the one who made it.
#[utoipa::path(
    post, path = "/v1/transfers/{transfer_id}/approve", operation_id = "approve_transfer", tag = "transfers",
    params(("transfer_id" = TransferId, Path, description = "The transfer.")),
    request_body = ReviewRequest,
    responses((status = 200, description = "Where it stands now.", body = TransferAnswer))
)]
pub(super) async fn approve_transfer(
    State(counter): State<Counter>,
    caller: Caller,
    deadline: DeadlineAt,
    PathParams(id): PathParams<TransferId>,
    Body(ReviewRequest { reviewer }): Body<ReviewRequest>,
) -> Result<Json<TransferAnswer>, Problem> {
    check_person(&caller, &reviewer, "/reviewer")?;
    take(&counter, &caller, id, TransferStep::Approve { reviewer }, deadline).await
}

/// Reject a transfer
///
/// A second person says no, and the points come back, the fee too.
#[utoipa::path(
    post, path = "/v1/transfers/{transfer_id}/reject", operation_id = "reject_transfer", tag = "transfers",
    params(("transfer_id" = TransferId, Path, description = "The transfer.")),
    request_body = ReviewRequest,
    responses((status = 200, description = "Where it stands now.", body = TransferAnswer))
)]
pub(super) async fn reject_transfer(
    State(counter): State<Counter>,
    caller: Caller,
    deadline: DeadlineAt,
    PathParams(id): PathParams<TransferId>,
    Body(ReviewRequest { reviewer }): Body<ReviewRequest>,
) -> Result<Json<TransferAnswer>, Problem> {
    check_person(&caller, &reviewer, "/reviewer")?;
    take(&counter, &caller, id, TransferStep::Reject { reviewer }, deadline).await
}

async fn take(
    counter: &Counter,
    caller: &Caller,
    id: TransferId,
    step: TransferStep,
    deadline: DeadlineAt,
) -> Result<Json<TransferAnswer>, Problem> {
    deadline.check()?;
    counter.may_step(caller, id, &step).await?;
    let recorder = std::sync::Arc::clone(&counter.recorder);
    let traceparent = TraceParent::of_span(&Span::current()).map(|parent| parent.to_text());
    // A caller that hangs up cannot cut it in half.
    let done =
        store::shielded(
            async move { step_transfer(&recorder, id, Some(&step), traceparent.as_deref()).await },
        );
    match tokio::time::timeout_at(deadline.0.into(), done).await {
        Ok(outcome) => Ok(Json(TransferAnswer::shown(outcome.map_err(step_refused)?, caller))),
        Err(_) => Err(error::come_back(&error::STILL_RUNNING)),
    }
}

impl Counter {
    /// The transfer where it stands now: what time has done to it is noted first.
    pub(super) async fn up_to_date(&self, row: TransferRow) -> Result<TransferRow, Problem> {
        if standing(&row.transfer, self.clock.now()) == row.transfer.status {
            return Ok(row);
        }
        let (recorder, id) = (std::sync::Arc::clone(&self.recorder), row.transfer.id);
        let done = store::shielded(async move { step_transfer(&recorder, id, None, None).await });
        done.await.map_err(step_refused)
    }
}
