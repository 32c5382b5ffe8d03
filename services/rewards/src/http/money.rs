//! What rewards cost and what is outstanding, for accountants: as JSON, or as CSV for `Accept: text/csv`. No member stands in it.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::HeaderMap, response::IntoResponse as _};
use kernel::{Day, RewardCode};
use serde::Deserialize;
use utoipa::IntoParams;
use web::{Access, Bound, Problem, QueryParams, Response, RouteSpec};

use super::{
    Counter,
    money_csv::{cell, csv, wants_csv},
    money_views::{
        CostCounts, LiabilityLine, OwedBy, RewardCostReport, RewardCostView, RewardLiability,
        RewardLiabilityReport, WayCosts, counts,
    },
    pages, roles,
};
use crate::{
    domain::money::Sums,
    error::{CURSOR_INVALID, DATABASE_BUSY, Error, LIMIT_OUT_OF_RANGE, PERIOD_INVALID},
    queries::money::{self, Owed},
};

pub(super) static COSTS: RouteSpec =
    RouteSpec::get("/v1/reward-money/costs", "read_reward_costs", Access::Operator)
        .staff(Bound::Chain, roles::ACCOUNTANTS)
        .heavy()
        .problems(&[&PERIOD_INVALID, &LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);
pub(super) static LIABILITY: RouteSpec =
    RouteSpec::get("/v1/reward-money/liability", "read_reward_liability", Access::Operator)
        .staff(Bound::Chain, roles::ACCOUNTANTS)
        .heavy()
        .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

/// The longest period of a report: ten years.
const MOST_DAYS: i64 = 3_653;

/// Which days and rewards.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CostsParams {
    /// The first day, on the chain's wall clock.
    pub from: Day,
    /// The last day, at most ten years after the first.
    pub to: Day,
    /// How many rewards, 1 to 200; 50 when it is not said. A file has all of them.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Which rewards.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LiabilityParams {
    /// How many rewards, 1 to 200; 50 when it is not said. A file has all of them.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// The days of a period.
///
/// # Errors
/// A period that ends before it begins, or is too long.
pub(super) fn days(from: Day, to: Day) -> Result<(Day, Day), Problem> {
    let length = i64::from(to.number()) - i64::from(from.number());
    if (0..MOST_DAYS).contains(&length) {
        return Ok((from, to));
    }
    Err(Problem::new(&PERIOD_INVALID).arg("most", MOST_DAYS).extension("parameter", "to"))
}

const COST_COLUMNS: &str = "reward,kind,way,begun,completed,released,cancelled,refunded,forfeited,points_taken,points_back,money,issued,used,expired,voided,given,charge,correction,cost";

fn cost_row(reward: &RewardCode, kind: &str, way: &str, sums: &Sums) -> Result<String, Error> {
    let CostCounts {
        begun,
        completed,
        released,
        cancelled,
        refunded,
        forfeited,
        points_taken,
        points_back,
        money,
        issued,
        used,
        expired,
        voided,
        given,
        charge,
        correction,
        cost,
        ..
    } = counts(sums)?;
    Ok(format!(
        "{reward},{kind},{way},{begun},{completed},{released},{cancelled},{refunded},{forfeited},{points_taken},{points_back},\
         {money},{issued},{used},{expired},{voided},{given},{charge},{correction},{cost}"
    ))
}

/// What somebody asked about rewards on some days, and what was found.
pub(super) struct Asked {
    /// How many rewards a page has.
    pub(super) limit: u64,
    /// The first day and the last.
    pub(super) days: (Day, Day),
    /// The last reward of the page before.
    pub(super) after: Option<RewardCode>,
    /// Rewards of which something happened.
    pub(super) found: BTreeMap<RewardCode, money::RewardCosts>,
}

impl Asked {
    pub(super) async fn of(counter: &Counter, asked: &CostsParams) -> Result<Self, Problem> {
        let (limit, days) = (pages::limit(asked.limit)?, days(asked.from, asked.to)?);
        let after = pages::after(asked.cursor.as_deref())?;
        let desk = &counter.desk;
        let found = money::costs(&desk.database, &desk.chain, days, counter.now()).await?;
        Ok(Self { limit, days, after, found })
    }
}

/// What comes after a reward.
pub(super) fn beyond<T>(
    found: BTreeMap<RewardCode, T>,
    after: Option<RewardCode>,
) -> impl Iterator<Item = (RewardCode, T)> {
    found.into_iter().filter(move |(code, _)| after.as_ref().is_none_or(|after| code > after))
}

/// Reads what rewards cost.
///
/// What happened to each reward on these days, and what it cost who pays for it, by the terms under which it was given. Discounts, goods and
/// credit cost something when they are used; codes of partners, seats, tickets, top-ups, donations and what is arranged when they are given. What
/// comes back is a correction of the day on which it does.
#[utoipa::path(
    get, path = "/v1/reward-money/costs", operation_id = "read_reward_costs", tag = "money", params(CostsParams),
    responses((status = 200, description = "What rewards cost; as `text/csv` a row per reward and way.",
        content((RewardCostReport = "application/json"), (String = "text/csv"))))
)]
pub(super) async fn read_reward_costs(
    State(counter): State<Counter>,
    headers: HeaderMap,
    QueryParams(asked): QueryParams<CostsParams>,
) -> Result<Response, Problem> {
    let Asked { limit, days, after, found } = Asked::of(&counter, &asked).await?;
    if wants_csv(&headers) {
        let rows = found.iter().flat_map(|(reward, costs)| {
            costs.ways.iter().map(move |(way, sums)| cost_row(reward, &costs.kind, way, sums))
        });
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        return Ok(csv("reward-costs", COST_COLUMNS, rows.into_iter()));
    }
    let mut all = Sums::default();
    found.values().try_for_each(|costs| all.take(&costs.total)).map_err(Error::from)?;
    let mut rewards = Vec::new();
    for (reward, costs) in beyond(found, after) {
        let ways = costs.ways.into_iter().map(|(way, sums)| Ok(WayCosts { way, counts: counts(&sums)? }));
        let ways = ways.collect::<Result<_, Error>>()?;
        rewards.push(RewardCostView { reward, kind: costs.kind, total: counts(&costs.total)?, ways });
    }
    let next_cursor = pages::cut(&mut rewards, limit, |one| one.reward.clone());
    let (from, to) = days;
    Ok(Json(RewardCostReport {
        from,
        to,
        currency: counter.desk.chain.currency,
        cost: all.cost().map_err(Error::from)?,
        rewards,
        has_more: next_cursor.is_some(),
        next_cursor,
    })
    .into_response())
}

fn by(found: &money::Liability, name: impl Fn(&money::About) -> String) -> Result<Vec<OwedBy>, Error> {
    let mut all: BTreeMap<String, Owed> = BTreeMap::new();
    for (about, owed) in &found.lines {
        all.entry(name(about)).or_default().take(*owed)?;
    }
    Ok(all.into_iter().map(|(name, owed)| OwedBy { name, owed: owed.into() }).collect())
}

const OWED_COLUMNS: &str = "reward,kind,way,sponsor,ends_in,count,left,reserved,face,cost,expected_cost";

fn owed_row(about: &money::About, owed: &Owed) -> String {
    let Owed { count, left, reserved, face, cost, expected } = owed;
    let money::About { reward, kind, way, sponsor, ends_in } = about;
    let sponsor = cell(sponsor.as_deref().unwrap_or_default());
    format!("{reward},{kind},{way},{sponsor},{ends_in},{count},{left},{reserved},{face},{cost},{expected}")
}

/// Reads what is outstanding.
///
/// Vouchers and codes that can be used at this moment: how many, what is left of them, what is written on them, what they would cost and are
/// expected to. The expected cost is the whole cost × what was used in the last 366 days ÷ (what was used + what lapsed unused), per reward; the
/// whole where nothing has ended yet. Redemptions whose points are not redeemed yet stand apart.
#[utoipa::path(
    get, path = "/v1/reward-money/liability", operation_id = "read_reward_liability", tag = "money", params(LiabilityParams),
    responses((status = 200, description = "What is outstanding; as `text/csv` a row per reward, way, sponsor and month.",
        content((RewardLiabilityReport = "application/json"), (String = "text/csv"))))
)]
pub(super) async fn read_reward_liability(
    State(counter): State<Counter>,
    headers: HeaderMap,
    QueryParams(asked): QueryParams<LiabilityParams>,
) -> Result<Response, Problem> {
    let limit = pages::limit(asked.limit)?;
    let after: Option<RewardCode> = pages::after(asked.cursor.as_deref())?;
    let (desk, at) = (&counter.desk, counter.now());
    let found = money::liability(&desk.database, &desk.chain, at).await?;
    if wants_csv(&headers) {
        let rows = found.lines.iter().map(|(about, owed)| owed_row(about, owed));
        return Ok(csv("reward-liability", OWED_COLUMNS, rows));
    }
    let mut total = Owed::default();
    found.lines.values().try_for_each(|owed| total.take(*owed)).map_err(Error::from)?;
    let (by_sponsor, by_kind) = (
        by(&found, |about| about.sponsor.clone().unwrap_or_default())?,
        by(&found, |about| about.kind.clone())?,
    );
    let by_month = by(&found, |about| about.ends_in.to_string())?;
    let mut rewards = by_reward(found);
    rewards.retain(|one| after.as_ref().is_none_or(|after| one.reward > *after));
    let next_cursor = pages::cut(&mut rewards, limit, |one| one.reward.clone());
    Ok(Json(RewardLiabilityReport {
        at,
        currency: desk.chain.currency,
        total: total.into(),
        by_sponsor,
        by_kind,
        by_month,
        rewards,
        has_more: next_cursor.is_some(),
        next_cursor,
    })
    .into_response())
}

fn by_reward(found: money::Liability) -> Vec<RewardLiability> {
    let mut all: BTreeMap<RewardCode, Vec<LiabilityLine>> = BTreeMap::new();
    for (about, owed) in found.lines {
        let money::About { reward, way, kind, sponsor, ends_in } = about;
        all.entry(reward).or_default().push(LiabilityLine { way, kind, sponsor, ends_in, owed: owed.into() });
    }
    for reward in found.under_way.keys() {
        all.entry(reward.clone()).or_default();
    }
    let view = |(reward, lines)| {
        let (under_way, points_under_way) = found.under_way.get(&reward).copied().unwrap_or_default();
        RewardLiability { reward, under_way, points_under_way, lines }
    };
    all.into_iter().map(view).collect()
}
