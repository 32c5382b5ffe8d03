//! Actions that did not count in the end: a payment reversed, a review withdrawn.

use axum::extract::State;
use http::StatusCode;
use kernel::{JournalId, MemberId, Points, Timestamp};
use serde::{Deserialize, Serialize};
use tracing::Span;
use utoipa::ToSchema;
use uuid::Builder;
use web::{
    Access, Body, Bound, Caller, DeadlineAt, IdempotencyKey, PathParams, Problem, Response, RouteSpec,
    TraceParent,
};

use super::{Counter, action_refusals, hands::hand_digest, operations::Hand, purchases::respond, roles};
use crate::{
    commands::{
        record_purchases::fingerprint,
        reverse_action::{ReverseAction, ReversedAction, reverse_action as record},
    },
    error,
};

pub(super) static REVERSE: RouteSpec =
    RouteSpec::post("/v1/actions/{action_id}/reversal", "reverse_action", Access::Operator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .body_limit(16 * 1024)
        .keyed()
        .problems(action_refusals::OF_ACTION_REVERSALS);

/// An action to be undone, in whole or in part.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionReversalRequest {
    /// How much of its value, in the same measure: units, or minor units of a payment. All that is left when absent; an action
    /// without a value is undone as a whole.
    #[serde(default)]
    #[schema(minimum = 1, example = 250_000)]
    pub amount: Option<i64>,
    /// The person or the system that does it: 1 to 64 characters.
    #[schema(example = "bank-feed", min_length = 1, max_length = 64)]
    pub actor: String,
    /// Why: 1 to 500 characters. Members read it in their history.
    #[schema(example = "The payment was reversed", min_length = 1, max_length = 500)]
    pub reason: String,
}

/// A reversal as it was recorded.
#[derive(Serialize, ToSchema)]
pub struct ActionReversalAnswer {
    /// The reversal's id.
    pub reversal_id: JournalId,
    /// The action that it undoes.
    pub action_id: JournalId,
    /// Whose it is.
    pub member_id: MemberId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Points taken, pending ones among them; what was owed and paid at once counts.
    pub points_taken: Points,
    /// Points that were spent already and are owed now.
    pub points_owed: Points,
    /// Points that were due and had lapsed: nothing is taken for them.
    pub points_lapsed: Points,
    /// How much of the action's value has been undone now.
    pub undone: i64,
    /// Points that can be spent afterwards.
    pub balance: Points,
    /// The account's version with it.
    pub account_version: u64,
}

/// Undo an action
///
/// What it earned is taken back in proportion, out of the very lots that it filled; parts add up to the whole and no further.
/// Points that were spent become a debt, as with returns. Limits stay as they were counted.
#[utoipa::path(
    post, path = "/v1/actions/{action_id}/reversal", operation_id = "reverse_action", tag = "actions",
    params(
        ("action_id" = JournalId, Path, description = "The action."),
        ("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters."),
    ),
    request_body = ActionReversalRequest,
    responses(
        (status = 201, description = "Undone now.", body = ActionReversalAnswer),
        (status = 200, description = "Undone before with this key (header `Idempotency-Replayed: true`).", body = ActionReversalAnswer),
    )
)]
pub(super) async fn reverse_action(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    deadline: DeadlineAt,
    PathParams(action): PathParams<JournalId>,
    Body(request): Body<ActionReversalRequest>,
) -> Result<Response, Problem> {
    let hand = Hand { actor: request.actor, reason: request.reason };
    hand.check(&caller)?;
    let key = hand_digest(&caller, key.as_str());
    let amount = request.amount.map(|amount| amount.to_string()).unwrap_or_default();
    let asked = fingerprint(&["undo", &action.to_string(), &amount, &hand.actor, &hand.reason]);
    let command = ReverseAction {
        journal_id: JournalId::from_uuid(Builder::from_custom_bytes(key.0).into_uuid()),
        action,
        amount: request.amount,
        request: Some((key, asked)),
        actor: Some(hand.actor),
        reason: Some(hand.reason),
        traceparent: TraceParent::of_span(&Span::current()).map(|parent| parent.to_text()),
    };
    deadline.check()?;
    let recorder = std::sync::Arc::clone(&counter.recorder);
    // A caller that hangs up cannot cut it in half.
    let running = store::shielded(async move { record(&recorder, &command).await });
    let outcome = tokio::time::timeout_at(deadline.0.into(), running).await;
    let outcome = outcome.map_err(|_| error::come_back(&error::STILL_RUNNING))?;
    let reversed = outcome.map_err(action_refusals::action_not_reversed)?;
    let status = if reversed.replayed { StatusCode::OK } else { StatusCode::CREATED };
    respond(&answer(action, &reversed), status, reversed.replayed)
}

fn answer(action_id: JournalId, reversed: &ReversedAction) -> ActionReversalAnswer {
    let ReversedAction { row, outcome, .. } = reversed;
    // It fits: each was counted when it was decided.
    let taken = outcome.pending.minus(row.points).unwrap_or_default();
    ActionReversalAnswer {
        reversal_id: row.id,
        action_id,
        member_id: row.member,
        recorded_at: row.recorded_at,
        points_taken: taken,
        points_owed: outcome.owed,
        points_lapsed: outcome.lapsed,
        undone: outcome.returned,
        balance: row.balance,
        account_version: row.version,
    }
}
