//! Paid plans of the chain: what is sold, for how much.

use axum::{Json, extract::State, http::StatusCode};
use kernel::{Currency, PlanCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, PathParams, Problem, RouteSpec};

use super::{Counter, roles};
use crate::{
    commands::{Put, put_plan},
    domain::{
        plan::{PLAN_CODE_LIMIT, Plan, PlanFlaw, PlanPeriod, PlanTerms},
        question::Words,
    },
    error::{CONTENDED, DATABASE_BUSY, PLAN_CODE_TOO_LONG, PLAN_TERMS_INVALID, PLANS_TOO_MANY, limited},
    queries::plans::list_plans,
};

pub(super) static PUT: RouteSpec = RouteSpec::put("/v1/plans/{plan}", "put_plan", Access::Operator)
    .staff(Bound::Chain, roles::MARKETERS)
    .body_limit(16 * 1024)
    .problems(&[&PLAN_CODE_TOO_LONG, &PLAN_TERMS_INVALID, &PLANS_TOO_MANY, &CONTENDED, &DATABASE_BUSY]);

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/plans", "list_plans", Access::Anyone).problems(&[&DATABASE_BUSY]);

/// On what terms a plan is sold from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanBody {
    /// What it is called: a line of 200 characters at most in each language.
    pub name: Words,
    /// What it gives, as members read it: a line of 200 characters at most in each language.
    pub benefits: Words,
    /// What is paid for at a time.
    pub period: PlanPeriod,
    /// For how much, in minor units.
    #[schema(example = 5_000_000)]
    pub price: i64,
    /// Of this currency.
    #[schema(value_type = String, example = "IRR")]
    pub currency: Currency,
    /// How many days before the end the next period can be paid: 1 to 27.
    #[schema(example = 7)]
    pub renew_days: u16,
    /// How many days after the end the benefits go on without being paid for: 0 to 60.
    #[schema(example = 3)]
    pub grace_days: u16,
    /// Whether it is sold. One that is not is neither begun nor renewed; what was paid for stays.
    #[serde(default = "sold")]
    pub live: bool,
}

const fn sold() -> bool {
    true
}

/// A plan of the chain.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanView {
    /// Its code; its members are the segment `plan-` and this code.
    pub plan: PlanCode,
    /// From 1; goes up with each change of its terms.
    #[schema(example = 1)]
    pub version: u32,
    /// What it is called.
    pub name: Words,
    /// What it gives.
    pub benefits: Words,
    /// What is paid for at a time.
    pub period: PlanPeriod,
    /// For how much, in minor units.
    pub price: i64,
    /// Of this currency.
    #[schema(value_type = String, example = "IRR")]
    pub currency: Currency,
    /// How many days before the end the next period can be paid.
    pub renew_days: u16,
    /// How many days after the end the benefits go on without being paid for.
    pub grace_days: u16,
    /// Whether it is sold.
    pub live: bool,
}

/// All plans.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlansView {
    /// By code, 50 at most.
    pub plans: Vec<PlanView>,
}

impl From<Plan> for PlanView {
    fn from(plan: Plan) -> Self {
        let Plan { code, version, terms } = plan;
        let PlanTerms { name, benefits, period, price, currency, renew_days, grace_days, live } = terms;
        Self { plan: code, version, name, benefits, period, price, currency, renew_days, grace_days, live }
    }
}

impl From<PlanBody> for PlanTerms {
    fn from(body: PlanBody) -> Self {
        let PlanBody { name, benefits, period, price, currency, renew_days, grace_days, live } = body;
        Self { name, benefits, period, price, currency, renew_days, grace_days, live }
    }
}

/// Says on what terms a plan is sold from now on.
///
/// A chain has 50 plans at most, those that are not sold any more included. What members paid for stays as they paid it; the next
/// period is paid on the terms of that time.
#[utoipa::path(
    put, path = "/v1/plans/{plan}", operation_id = "put_plan", tag = "plans",
    params(("plan" = PlanCode, Path, description = "The plan's code, chosen by the chain: 24 characters at most.")),
    request_body(content = PlanBody),
    responses(
        (status = 201, description = "The plan is there.", body = PlanView),
        (status = 200, description = "The plan was there; it is now as sent.", body = PlanView),
    )
)]
pub(super) async fn put(
    State(counter): State<Counter>,
    PathParams(code): PathParams<PlanCode>,
    Body(body): Body<PlanBody>,
) -> Result<(StatusCode, Json<PlanView>), Problem> {
    if code.as_str().len() > PLAN_CODE_LIMIT {
        return Err(limited(&PLAN_CODE_TOO_LONG, u64::try_from(PLAN_CODE_LIMIT).unwrap_or_default()));
    }
    let terms = PlanTerms::from(body).checked().map_err(|PlanFlaw(field)| {
        Problem::new(&PLAN_TERMS_INVALID).arg("field", field).pointer(format!("/{field}"))
    })?;
    Ok(match put_plan::put_plan(counter.desk(), code, terms).await? {
        Put::New(plan) => (StatusCode::CREATED, Json(plan.into())),
        Put::Known(plan) => (StatusCode::OK, Json(plan.into())),
    })
}

/// Lists the plans of the chain, those that are not sold any more included.
#[utoipa::path(
    get, path = "/v1/plans", operation_id = "list_plans", tag = "plans",
    responses((status = 200, description = "The plans.", body = PlansView))
)]
pub(super) async fn list(State(counter): State<Counter>) -> Result<Json<PlansView>, Problem> {
    let plans = list_plans(&counter.desk().vault).await?;
    Ok(Json(PlansView { plans: plans.into_iter().map(PlanView::from).collect() }))
}
