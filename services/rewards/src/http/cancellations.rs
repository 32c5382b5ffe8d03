//! Redemptions that are done are given back: by their members as the terms let them, by the chain with a reason.

use axum::{Json, extract::State};
use contracts::rewards::WhoCancelled;
use kernel::RedemptionId;
use serde::Deserialize;
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, DeadlineAt, PathParams, Problem, RouteSpec, Shown};

use super::{
    Counter,
    reasons::reason,
    redemptions::{RedemptionView, await_end},
    roles,
};
use crate::{
    commands::cancel_redemption::{Cancelling, cancel_redemption as cancel},
    error::{
        CANCELLATION_OVER, DATABASE_BUSY, DRAW_NOT_OPEN, Missing, NOT_CANCELLABLE, REASON_MISSING,
        REDEMPTION_UNKNOWN, VOUCHER_NOT_USABLE,
    },
    store::redemptions,
};

pub(super) static CANCEL: RouteSpec = RouteSpec::post(
    "/v1/reward-redemptions/{redemption_id}/cancellation",
    "cancel_reward_redemption",
    Access::MemberOrOperator,
)
.staff(Bound::Anywhere, roles::SUPPORT)
.owned_by_handler()
.showing_members()
.body_limit(8 * 1024)
.problems(&[
    &REDEMPTION_UNKNOWN,
    &NOT_CANCELLABLE,
    &CANCELLATION_OVER,
    &VOUCHER_NOT_USABLE,
    &REASON_MISSING,
    &DRAW_NOT_OPEN,
    &DATABASE_BUSY,
]);

/// Why a redemption is cancelled.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancellationBody {
    /// Why: staff say so, members need not.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500, example = "The gift was broken.")]
    pub reason: Option<String>,
}

/// Cancels a redemption that is done, and gives its points back.
///
/// The voucher cannot be used from that moment on. The points go back to the lots they came from, with their last days, within moments:
/// `state` is `refunded` then, and `cancelled` until then; `forfeited` where the account is closed. Once more changes nothing.
#[utoipa::path(
    post, path = "/v1/reward-redemptions/{redemption_id}/cancellation", operation_id = "cancel_reward_redemption",
    tag = "redemptions",
    params(("redemption_id" = RedemptionId, Path, description = "The redemption.")),
    request_body(content = CancellationBody, example = json!({"reason": "The gift was broken."})),
    responses((status = 200, description = "The redemption as it is now.", body = RedemptionView))
)]
pub(super) async fn cancel_reward_redemption(
    State(counter): State<Counter>,
    caller: Caller,
    shown: Shown,
    deadline: DeadlineAt,
    PathParams(id): PathParams<RedemptionId>,
    Body(body): Body<CancellationBody>,
) -> Result<Json<RedemptionView>, Problem> {
    let found = redemptions::load(counter.desk.database.connection(), id).await?;
    // Another's is as unknown as one that never was.
    let own = found.filter(|found| caller.owns(found.member).is_ok()).ok_or(Missing::Redemption)?;
    shown.member(own.member);
    let unsaid = || Problem::new(&REASON_MISSING).pointer("/reason");
    let why = body.reason.map(reason).transpose()?;
    let (who, actor) = match &caller {
        Caller::Member { .. } => (WhoCancelled::Member, "member".to_owned()),
        _ if why.is_none() => return Err(unsaid()),
        _ => (WhoCancelled::Chain, super::actor(&caller)),
    };
    let wanted = Cancelling { id, who, actor, reason: why, traceparent: super::traceparent() };
    let desk = counter.desk.clone();
    let cancelled = store::shielded(async move { cancel(&desk, &wanted).await }).await?;
    let settled = await_end(&counter, cancelled, deadline).await?;
    Ok(Json((&settled).into()))
}
