//! What points are worth: stated by the operator, from a day on.

use axum::{Json, extract::State};
use http::StatusCode;
use kernel::{Day, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Access, Body, Bound, PathParams, Problem, RouteSpec};

use super::{Counter, roles};
use crate::{
    commands::state_rates::{NotStated, state_rates},
    domain::Rates,
    error,
    store::rates::{self, StatedRates},
};

pub(super) static PUT: RouteSpec =
    RouteSpec::put("/v1/money/rates/{valid_from}", "put_rates", Access::Operator)
        .staff(Bound::Chain, roles::FINANCE)
        .problems(&[&error::RATES_INVALID]);

pub(super) static LIST: RouteSpec = RouteSpec::get("/v1/money/rates", "list_rates", Access::Operator)
    .staff(Bound::Chain, roles::MONEY_READERS);

/// What points are worth from a day on.
#[derive(Serialize, ToSchema)]
pub struct RatesAnswer {
    /// The first day.
    pub valid_from: Day,
    /// How often rates were stated for this day, from 1; the highest counts.
    pub revision: u32,
    /// When they were stated.
    pub recorded_at: Timestamp,
    /// What they are.
    pub rates: Rates,
}

/// Everything that was ever stated.
#[derive(Serialize, ToSchema)]
pub struct RatesList {
    /// Latest day first, then latest revision.
    pub items: Vec<RatesAnswer>,
}

impl From<StatedRates> for RatesAnswer {
    fn from(stated: StatedRates) -> Self {
        let StatedRates { valid_from, revision, recorded_at, rates } = stated;
        Self { valid_from, revision, recorded_at, rates }
    }
}

/// State rates
///
/// What points cost and how much is expected never to be redeemed, from a day on until the next stated day. Stating other
/// rates for the same day makes a new revision, and the earlier one stays readable; the same again changes nothing.
#[utoipa::path(
    put, path = "/v1/money/rates/{valid_from}", operation_id = "put_rates", tag = "money",
    params(("valid_from" = Day, Path, description = "The first day, on the chain's wall clock.")),
    request_body = Rates,
    responses(
        (status = 201, description = "Stated.", body = RatesAnswer),
        (status = 200, description = "They were stated already.", body = RatesAnswer),
    )
)]
pub(super) async fn put_rates(
    State(counter): State<Counter>,
    PathParams(valid_from): PathParams<Day>,
    Body(rates): Body<Rates>,
) -> Result<(StatusCode, Json<RatesAnswer>), Problem> {
    match state_rates(&counter.recorder, valid_from, &rates).await {
        Ok((stated, new)) => {
            let status = if new { StatusCode::CREATED } else { StatusCode::OK };
            Ok((status, Json(stated.into())))
        }
        Err(NotStated::Mistake(pointer)) => Err(Problem::new(&error::RATES_INVALID).pointer(pointer)),
        Err(NotStated::Fault(fault)) => Err(error::fault(fault)),
    }
}

/// List rates
#[utoipa::path(
    get, path = "/v1/money/rates", operation_id = "list_rates", tag = "money",
    responses((status = 200, description = "Everything that was ever stated.", body = RatesList))
)]
pub(super) async fn list_rates(State(counter): State<Counter>) -> Result<Json<RatesList>, Problem> {
    let all = rates::all(counter.database.connection()).await.map_err(error::fault)?;
    Ok(Json(RatesList { items: all.into_iter().map(RatesAnswer::from).collect() }))
}
