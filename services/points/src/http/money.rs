//! What the chain owes in points, for its accountants: as JSON, or as CSV for `Accept: text/csv`.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use kernel::{BranchCode, Currency, Day, Points};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{Access, Bound, Problem, QueryParams, RouteSpec};

use super::{
    Counter,
    money_csv::{
        ALL, OWED_COLUMNS, POSITION_COLUMNS, ROLL_FORWARD_COLUMNS, csv, owed_row, position_row,
        roll_forward_row, wants_csv,
    },
    roles,
};
use crate::{
    domain::{
        Book, Cell, Position, Value,
        money::{Debts, RollForward},
    },
    error,
    queries::money::{self, Days, Owed},
    store::rates::StatedRates,
};

pub(super) static ROLL_FORWARD: RouteSpec =
    RouteSpec::get("/v1/money/roll-forward", "read_roll_forward", Access::Operator)
        .staff(Bound::Chain, roles::MONEY_READERS)
        .heavy()
        .problems(&[&error::PERIOD_INVALID, &error::DATABASE_BUSY]);

pub(super) static LIABILITY: RouteSpec =
    RouteSpec::get("/v1/money/liability", "read_liability", Access::Operator)
        .staff(Bound::Chain, roles::MONEY_READERS)
        .heavy()
        .problems(&[&error::PERIOD_INVALID, &error::DATABASE_BUSY]);

pub(super) static CLEARING: RouteSpec =
    RouteSpec::get("/v1/money/clearing", "read_clearing", Access::Operator)
        .staff(Bound::Chain, roles::MONEY_READERS)
        .heavy()
        .problems(&[&error::PERIOD_INVALID, &error::DATABASE_BUSY]);

/// The longest period of a report: ten years.
const MOST_DAYS: i64 = 3_653;

/// Which days.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Period {
    /// The first day, on the chain's wall clock.
    from: Day,
    /// The last day, at most ten years after the first.
    to: Day,
}

/// Which day.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OnDay {
    /// The day at whose end, on the chain's wall clock; today when left out, and then as of now.
    on: Option<Day>,
}

/// Which rates a report went by.
#[derive(Serialize, ToSchema)]
pub struct RatesUsed {
    /// Since when they are valid.
    pub valid_from: Day,
    /// Which revision of them.
    pub revision: u32,
}

/// One funder's roll-forward.
#[derive(Serialize, ToSchema)]
pub struct FunderRollForward {
    /// Who owes.
    #[schema(value_type = String)]
    pub funder: BranchCode,
    /// How that came to be.
    #[serde(flatten)]
    pub lines: RollForward,
}

/// From what was owed when a period began to what was owed when it was over, in points.
#[derive(Serialize, ToSchema)]
pub struct RollForwardReport {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// Per funder.
    pub funders: Vec<FunderRollForward>,
    /// All together.
    pub total: RollForward,
    /// What members owe the chain.
    pub debts: Debts,
}

/// What one funder owes.
#[derive(Serialize, ToSchema)]
pub struct OwedPoints {
    /// Points that members can spend.
    pub spendable: Points,
    /// Points that they cannot spend yet.
    pub pending: Points,
    /// Points set aside for redemptions under way.
    pub held: Points,
    /// Points on the way from one member to another.
    pub in_transit: Points,
    /// All of them.
    pub points: Points,
    /// Points whose last day was over and that nobody had written off yet: not owed any more, and not counted above.
    pub lapsed: Points,
    /// What they are worth, in minor units; absent as long as no rates are stated for the day.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// What one funder owes.
#[derive(Serialize, ToSchema)]
pub struct FunderOwed {
    /// Who owes.
    #[schema(value_type = String)]
    pub funder: BranchCode,
    /// How much.
    #[serde(flatten)]
    pub owed: OwedPoints,
}

/// The balance of one kind of account.
#[derive(Serialize, ToSchema)]
pub struct BookBalance {
    /// Which kind, as in the table of accounts.
    #[schema(example = "issuance")]
    pub book: &'static str,
    /// Everything that came less everything that went.
    pub points: Points,
}

/// What is owed at the end of a day.
#[derive(Serialize, ToSchema)]
pub struct LiabilityReport {
    /// Which day.
    pub on: Day,
    /// The currency of the amounts.
    pub currency: Currency,
    /// The rates that were valid; absent when none were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rates: Option<RatesUsed>,
    /// Per funder.
    pub funders: Vec<FunderOwed>,
    /// All together.
    pub total: OwedPoints,
    /// The balance of every kind of account, lapsed points included.
    pub books: Vec<BookBalance>,
    /// Their sum: always zero.
    pub sum_of_books: Points,
}

/// Points of one funder that were redeemed at one branch.
#[derive(Serialize, ToSchema)]
pub struct ClearingCell {
    /// Who issued them, and pays.
    #[schema(value_type = String)]
    pub funder: BranchCode,
    /// Where they were redeemed; absent for what was redeemed in no branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub redeemed_at: Option<BranchCode>,
    /// How many.
    pub points: Points,
    /// What they cost the funder, in minor units; absent as long as no rates are stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<i64>,
}

/// What a branch is to receive from the others, less what it is to pay them.
#[derive(Serialize, ToSchema)]
pub struct ClearingPosition {
    /// Which branch; absent for what was redeemed in no branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub branch: Option<BranchCode>,
    /// Points that it issued.
    pub issued: Points,
    /// Its points that were redeemed anywhere.
    pub redeemed: Points,
    /// Points of others that were redeemed here, less its points that were redeemed elsewhere.
    pub net: Points,
    /// The same in minor units; negative when the branch is to pay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_value: Option<i64>,
}

/// Who issued, who redeemed, and who owes whom.
#[derive(Serialize, ToSchema)]
pub struct ClearingReport {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// The currency of the amounts.
    pub currency: Currency,
    /// The rates that were valid on the last day; absent when none were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rates: Option<RatesUsed>,
    /// Who issued what was redeemed where; nothing is left out.
    pub cells: Vec<ClearingCell>,
    /// Per branch; the net positions add up to nothing.
    pub positions: Vec<ClearingPosition>,
}

/// Read the roll-forward
///
/// Opening, every line and closing, per funder and in total, in points: each line is signed, so that opening plus lines is
/// closing. Points that lapsed and that nobody has written off yet are still in the closing; `read_liability` leaves them out.
#[utoipa::path(
    get, path = "/v1/money/roll-forward", operation_id = "read_roll_forward", tag = "money", params(Period),
    responses((status = 200, description = "The roll-forward; as `text/csv`, the last row's funder is `*`.",
        content((RollForwardReport = "application/json"), (String = "text/csv"))))
)]
pub(super) async fn read_roll_forward(
    State(counter): State<Counter>,
    headers: HeaderMap,
    QueryParams(period): QueryParams<Period>,
) -> Result<Response, Problem> {
    let days = period.days()?;
    let found = money::roll_forward(&counter.database, &counter.chain, days).await.map_err(error::fault)?;
    if wants_csv(&headers) {
        let named = found.funders.iter().map(|(funder, lines)| (funder.as_str(), lines));
        let rows = named.chain([(ALL, &found.total)]).map(|(name, lines)| roll_forward_row(name, lines));
        return Ok(csv("roll-forward", ROLL_FORWARD_COLUMNS, rows));
    }
    let funders = found.funders.into_iter().map(|(funder, lines)| FunderRollForward { funder, lines });
    let Days { from, to } = days;
    let (total, debts) = (found.total, found.debts);
    Ok(Json(RollForwardReport { from, to, funders: funders.collect(), total, debts }).into_response())
}

/// Read the liability
///
/// What every funder owes at the end of a day, in points and in money: points whose last day is over are left out whether
/// or not anything has written them off. The value is rounded to the nearest minor unit, halves up, expected breakage
/// down, both per funder.
#[utoipa::path(
    get, path = "/v1/money/liability", operation_id = "read_liability", tag = "money", params(OnDay),
    responses((status = 200, description = "What is owed; as `text/csv`, the last row's funder is `*`.",
        content((LiabilityReport = "application/json"), (String = "text/csv"))))
)]
pub(super) async fn read_liability(
    State(counter): State<Counter>,
    headers: HeaderMap,
    QueryParams(OnDay { on }): QueryParams<OnDay>,
) -> Result<Response, Problem> {
    let today = counter.chain.local(counter.clock.now(), None).day;
    let on = on.unwrap_or(today);
    if on > today {
        return Err(Problem::new(&error::PERIOD_INVALID).arg("most", MOST_DAYS).extension("parameter", "on"));
    }
    let found = money::liability(&counter.database, &counter.chain, on).await.map_err(error::fault)?;
    if wants_csv(&headers) {
        let named = found.funders.iter().map(|(funder, owed)| (funder.as_str(), owed));
        let rows = named.chain([(ALL, &found.total)]).map(|(name, owed)| owed_row(name, owed));
        return Ok(csv("liability", OWED_COLUMNS, rows));
    }
    let funders = found.funders.into_iter().map(|(funder, owed)| FunderOwed { funder, owed: owed.into() });
    let balance = |(book, points): (&Book, &Points)| BookBalance { book: book.name(), points: *points };
    let sum = Points::sum(found.books.values().copied()).map_err(|e| Problem::fault(e.into()))?;
    let report = LiabilityReport {
        on,
        currency: counter.chain.currency,
        rates: found.rates.as_ref().map(RatesUsed::from),
        funders: funders.collect(),
        total: found.total.into(),
        books: found.books.iter().map(balance).collect(),
        sum_of_books: sum,
    };
    Ok(Json(report).into_response())
}

/// Read the clearing
///
/// Who issued the points that were redeemed where, and what every branch is to receive from the others, at the cost that is
/// valid on the last day.
#[utoipa::path(
    get, path = "/v1/money/clearing", operation_id = "read_clearing", tag = "money", params(Period),
    responses((status = 200, description = "The clearing; as `text/csv` the positions, a row per branch.",
        content((ClearingReport = "application/json"), (String = "text/csv"))))
)]
pub(super) async fn read_clearing(
    State(counter): State<Counter>,
    headers: HeaderMap,
    QueryParams(period): QueryParams<Period>,
) -> Result<Response, Problem> {
    let days = period.days()?;
    let (found, rates) =
        money::clearing(&counter.database, &counter.chain, days).await.map_err(error::fault)?;
    if wants_csv(&headers) {
        return Ok(csv("clearing", POSITION_COLUMNS, found.positions.iter().map(position_row)));
    }
    let position = |(branch, position): (Option<BranchCode>, Position)| {
        let Position { issued, redeemed, net, net_value } = position;
        ClearingPosition { branch, issued, redeemed, net, net_value }
    };
    let report = ClearingReport {
        from: days.from,
        to: days.to,
        currency: counter.chain.currency,
        rates: rates.as_ref().map(RatesUsed::from),
        cells: found.cells.into_iter().map(ClearingCell::from).collect(),
        positions: found.positions.into_iter().map(position).collect(),
    };
    Ok(Json(report).into_response())
}

impl Period {
    fn days(&self) -> Result<Days, Problem> {
        let length = i64::from(self.to.number()) - i64::from(self.from.number());
        if (0..MOST_DAYS).contains(&length) {
            return Ok(Days { from: self.from, to: self.to });
        }
        Err(Problem::new(&error::PERIOD_INVALID).arg("most", MOST_DAYS).extension("parameter", "to"))
    }
}

impl From<&StatedRates> for RatesUsed {
    fn from(stated: &StatedRates) -> Self {
        Self { valid_from: stated.valid_from, revision: stated.revision }
    }
}

impl From<Owed> for OwedPoints {
    fn from(owed: Owed) -> Self {
        let Owed { spendable, pending, held, in_transit, points, lapsed, value } = owed;
        Self { spendable, pending, held, in_transit, points, lapsed, value }
    }
}

impl From<Cell> for ClearingCell {
    fn from(cell: Cell) -> Self {
        Self { funder: cell.funder, redeemed_at: cell.counter, points: cell.points, value: cell.value }
    }
}
