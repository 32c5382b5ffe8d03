//! What people of the chain deliver, or find out: the list of what waits for them, and what they decide.

use axum::{Json, extract::State};
use kernel::{MemberId, RedemptionId, RewardCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{Access, Body, Bound, Caller, PathParams, Problem, QueryParams, RouteSpec, Shown};

use super::{Counter, pages, reasons::reason, roles};
use crate::{
    commands::fulfil::{Outcome, Verdict, decide_fulfilment as decide},
    error::{
        CURSOR_INVALID, DATABASE_BUSY, FULFILMENT_UNKNOWN, LIMIT_OUT_OF_RANGE, OUTCOME_IMPOSSIBLE,
        REASON_MISSING,
    },
    store::fulfilments::{self, Fulfilment},
};

pub(super) static LIST: RouteSpec = RouteSpec::get("/v1/fulfilments", "list_fulfilments", Access::Operator)
    .staff(Bound::Chain, roles::MEMBER_READERS)
    .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);
pub(super) static DECIDE: RouteSpec =
    RouteSpec::post("/v1/fulfilments/{redemption_id}/outcome", "decide_fulfilment", Access::Operator)
        .staff(Bound::Chain, roles::SUPPORT)
        .showing_members()
        .body_limit(8 * 1024)
        .problems(&[&FULFILMENT_UNKNOWN, &OUTCOME_IMPOSSIBLE, &REASON_MISSING, &DATABASE_BUSY]);

/// Which ones.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FulfilmentsParams {
    /// How many, 1 to 200; 50 when it is not said.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// What is decided.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FulfilmentOutcome {
    /// The member has it: points are redeemed.
    Done,
    /// The member will not have it: points are free again.
    Failed,
    /// What contradicted its end was looked into.
    Settled,
}

/// What is decided, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutcomeBody {
    /// What.
    pub outcome: FulfilmentOutcome,
    /// Why, or how it is known: 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500, example = "The operator confirmed it by telephone.")]
    pub reason: String,
}

/// What somebody else delivers for a redemption.
#[derive(Serialize, ToSchema)]
pub struct FulfilmentView {
    /// Of which redemption.
    pub redemption_id: RedemptionId,
    /// For whom.
    pub member_id: MemberId,
    /// What.
    #[schema(value_type = String, example = "topup-50")]
    pub reward: RewardCode,
    /// How much, in minor units; none where it is no money.
    pub amount: i64,
    /// `provider` or `people`.
    #[schema(example = "people")]
    pub by: &'static str,
    /// `waiting`, `asked`, `doubted` (all open), `delivered` or `refused`.
    #[schema(example = "waiting")]
    pub state: &'static str,
    /// How often the provider was asked.
    pub tries: i32,
    /// Since when points are set aside for it.
    pub begun_at: Timestamp,
    /// Since when it lies before people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people_since: Option<Timestamp>,
    /// What contradicts its end: `delivered_after_refused` or `refused_after_delivered`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

/// A page of them.
#[derive(Serialize, ToSchema)]
pub struct FulfilmentPage {
    /// What waits.
    pub fulfilments: Vec<FulfilmentView>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl From<Fulfilment> for FulfilmentView {
    fn from(own: Fulfilment) -> Self {
        Self {
            redemption_id: own.redemption,
            member_id: own.member,
            reward: own.reward,
            amount: own.amount,
            by: own.by.word(),
            state: own.state.word(),
            tries: own.tries,
            begun_at: own.begun_at,
            people_since: own.people_since,
            trouble: own.trouble,
            ended_at: own.ended_at,
        }
    }
}

/// Lists what waits for people: what they deliver themselves, what a provider does not answer for too long, and what contradicts its end.
#[utoipa::path(
    get, path = "/v1/fulfilments", operation_id = "list_fulfilments", tag = "fulfilments",
    params(FulfilmentsParams),
    responses((status = 200, description = "A page of what waits.", body = FulfilmentPage))
)]
pub(super) async fn list_fulfilments(
    State(counter): State<Counter>,
    QueryParams(asked): QueryParams<FulfilmentsParams>,
) -> Result<Json<FulfilmentPage>, Problem> {
    let limit = pages::limit(asked.limit)?;
    let after = pages::after(asked.cursor.as_deref())?;
    let on = counter.desk.database.connection();
    let mut found = fulfilments::for_people(on, after, limit + 1).await?;
    let next_cursor = pages::cut(&mut found, limit, |own| own.redemption);
    let fulfilments = found.into_iter().map(FulfilmentView::from).collect();
    Ok(Json(FulfilmentPage { fulfilments, has_more: next_cursor.is_some(), next_cursor }))
}

/// Decides what waits for people: `done` redeems the points, `failed` frees them, `settled` closes what contradicted its end.
///
/// The same again changes nothing.
#[utoipa::path(
    post, path = "/v1/fulfilments/{redemption_id}/outcome", operation_id = "decide_fulfilment", tag = "fulfilments",
    params(("redemption_id" = RedemptionId, Path, description = "The redemption.")),
    request_body(content = OutcomeBody, example = json!({"outcome": "done", "reason": "The ticket is booked."})),
    responses((status = 200, description = "How it stands now.", body = FulfilmentView))
)]
pub(super) async fn decide_fulfilment(
    State(counter): State<Counter>,
    caller: Caller,
    shown: Shown,
    PathParams(id): PathParams<RedemptionId>,
    Body(body): Body<OutcomeBody>,
) -> Result<Json<FulfilmentView>, Problem> {
    let verdict = Verdict {
        outcome: match body.outcome {
            FulfilmentOutcome::Done => Outcome::Done,
            FulfilmentOutcome::Failed => Outcome::Failed,
            FulfilmentOutcome::Settled => Outcome::Settled,
        },
        actor: super::actor(&caller),
        reason: reason(body.reason)?,
        traceparent: super::traceparent(),
    };
    let desk = counter.desk.clone();
    let decided = store::shielded(async move { decide(&desk, id, &verdict).await }).await?;
    shown.member(decided.member);
    Ok(Json(decided.into()))
}
