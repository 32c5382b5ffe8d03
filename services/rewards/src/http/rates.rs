//! How much of what was given is used, how much lapses, and how soon it is used: as JSON, or as CSV for `Accept: text/csv`.

use axum::{Json, extract::State, http::HeaderMap, response::IntoResponse as _};
use kernel::{Day, RewardCode};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Access, Bound, Problem, QueryParams, Response, RouteSpec};

use super::{
    Counter,
    money::{Asked, CostsParams, beyond},
    money_csv::{csv, wants_csv},
    pages, roles,
};
use crate::{
    domain::{
        money::{Measure, Sums},
        rates::{BUCKETS, Rates},
    },
    error::{CURSOR_INVALID, DATABASE_BUSY, Error, LIMIT_OUT_OF_RANGE, PERIOD_INVALID},
};

pub(super) static READ: RouteSpec =
    RouteSpec::get("/v1/reward-money/rates", "read_redemption_rates", Access::Operator)
        .staff(Bound::Chain, roles::ACCOUNTANTS)
        .heavy()
        .problems(&[&PERIOD_INVALID, &LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

/// How much is used.
#[derive(Serialize, ToSchema)]
pub struct RateView {
    /// Vouchers and codes that somebody got.
    pub issued: i64,
    /// Uses of them, less those that tills took back.
    pub used: i64,
    /// Those whose time passed before they were used up.
    pub expired: i64,
    /// Of what was given on these days, by worth, so many thousandths were used on them; absent where nothing was given. More than 1000 where what was
    /// given before was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_per_mille: Option<i64>,
    /// Of what came to an end on these days, by worth, so many thousandths lapsed unused; absent where nothing did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breakage_per_mille: Option<i64>,
    /// Half of the uses came within so many seconds of getting it, to the next step of `uses`; absent where nothing was used, or most of it later than ninety
    /// days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median_within_s: Option<i64>,
    /// Uses by how long after it was got.
    pub uses: Vec<UsesWithin>,
}

/// Uses of one step.
#[derive(Serialize, ToSchema)]
pub struct UsesWithin {
    /// Within so many seconds of getting it, and not within those of the step before; absent for all that came later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within_s: Option<i64>,
    /// How many.
    pub uses: i64,
}

/// How much is used of what came to be somebody's in one way.
#[derive(Serialize, ToSchema)]
pub struct WayRates {
    /// `redemption`, `gift`, `purchase`, `offer`, `draw` or `batch`.
    pub way: String,
    /// How much.
    #[serde(flatten)]
    pub rates: RateView,
}

/// How much of a reward is used.
#[derive(Serialize, ToSchema)]
pub struct RewardRates {
    /// Which reward.
    #[schema(value_type = String, example = "coffee")]
    pub reward: RewardCode,
    /// All of it.
    pub total: RateView,
    /// By how it came to be somebody's.
    pub ways: Vec<WayRates>,
}

/// How much is used.
#[derive(Serialize, ToSchema)]
pub struct RedemptionRates {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// A page of rewards, by code.
    pub rewards: Vec<RewardRates>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

fn view(sums: &Sums) -> Result<RateView, Error> {
    let rates = Rates::of(sums)?;
    let uses = BUCKETS.map(|(measure, within_s)| UsesWithin { within_s, uses: sums.of(measure) });
    Ok(RateView {
        issued: sums.of(Measure::Issued),
        used: sums.of(Measure::Used) - sums.of(Measure::Returned),
        expired: sums.of(Measure::Expired),
        used_per_mille: rates.used,
        breakage_per_mille: rates.breakage,
        median_within_s: rates.median.and_then(|place| BUCKETS[place].1),
        uses: uses.into(),
    })
}

const COLUMNS: &str = "reward,way,issued,used,expired,used_per_mille,breakage_per_mille,median_within_s";

fn row(reward: &RewardCode, way: &str, sums: &Sums) -> Result<String, Error> {
    let RateView { issued, used, expired, used_per_mille, breakage_per_mille, median_within_s, .. } =
        view(sums)?;
    let shown = [used_per_mille, breakage_per_mille, median_within_s]
        .map(|number| number.map_or_else(String::new, |number| number.to_string()));
    Ok(format!("{reward},{way},{issued},{used},{expired},{}", shown.join(",")))
}

/// Reads how much of what was given is used.
///
/// By reward and by how it came to be somebody's: what share was used, what share lapsed unused, and how soon it was used.
#[utoipa::path(
    get, path = "/v1/reward-money/rates", operation_id = "read_redemption_rates", tag = "money", params(CostsParams),
    responses((status = 200, description = "How much is used; as `text/csv` a row per reward and way.",
        content((RedemptionRates = "application/json"), (String = "text/csv"))))
)]
pub(super) async fn read_redemption_rates(
    State(counter): State<Counter>,
    headers: HeaderMap,
    QueryParams(asked): QueryParams<CostsParams>,
) -> Result<Response, Problem> {
    let Asked { limit, days, after, found } = Asked::of(&counter, &asked).await?;
    if wants_csv(&headers) {
        let rows = found
            .iter()
            .flat_map(|(reward, costs)| costs.ways.iter().map(move |(way, sums)| row(reward, way, sums)));
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        return Ok(csv("redemption-rates", COLUMNS, rows.into_iter()));
    }
    let mut rewards = Vec::new();
    for (reward, costs) in beyond(found, after) {
        let ways = costs.ways.into_iter().map(|(way, sums)| Ok(WayRates { way, rates: view(&sums)? }));
        let ways = ways.collect::<Result<_, Error>>()?;
        rewards.push(RewardRates { reward, total: view(&costs.total)?, ways });
    }
    let next_cursor = pages::cut(&mut rewards, limit, |one| one.reward.clone());
    let (from, to) = days;
    Ok(Json(RedemptionRates { from, to, rewards, has_more: next_cursor.is_some(), next_cursor })
        .into_response())
}
