//! Statements for those who pay: drawn up, closed for ever, read as JSON, or as CSV for `Accept: text/csv`.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse as _,
};
use kernel::{Currency, Day, RewardCode, Timestamp};
use serde::{Deserialize, Serialize};
use store::Database;
use utoipa::{IntoParams, ToSchema};
use web::{Access, Body, Bound, Caller, PathParams, Problem, QueryParams, Response, RouteSpec};

use super::{
    Counter, actor,
    money_csv::{cell, csv, wants_csv},
    pages, roles,
};
use crate::{
    commands::close_statement::{Closing, close_statement as close, draft_statement as draft},
    domain::statement::Line,
    error::{
        CURSOR_INVALID, DATABASE_BUSY, Error, LIMIT_OUT_OF_RANGE, Missing, SPONSOR_UNKNOWN, STATEMENT_CLOSED,
        STATEMENT_UNKNOWN, STATEMENT_UNREADY,
    },
    store::{
        money,
        statements::{self as kept, Statement},
    },
};

pub(super) static CLOSE: RouteSpec =
    RouteSpec::post("/v1/sponsor-statements", "close_sponsor_statement", Access::Operator)
        .staff(Bound::Chain, roles::BOOKKEEPERS)
        .body_limit(8 * 1024)
        .heavy()
        .problems(&[&SPONSOR_UNKNOWN, &STATEMENT_CLOSED, &STATEMENT_UNREADY, &DATABASE_BUSY]);
pub(super) static DRAFT: RouteSpec =
    RouteSpec::get("/v1/sponsor-statement-drafts", "draft_sponsor_statement", Access::Operator)
        .staff(Bound::Chain, roles::ACCOUNTANTS)
        .heavy()
        .problems(&[&SPONSOR_UNKNOWN, &STATEMENT_CLOSED, &STATEMENT_UNREADY, &DATABASE_BUSY]);
pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/sponsor-statements", "list_sponsor_statements", Access::Operator)
        .staff(Bound::Chain, roles::ACCOUNTANTS)
        .problems(&[&SPONSOR_UNKNOWN, &LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);
pub(super) static READ: RouteSpec =
    RouteSpec::get("/v1/sponsor-statements/{statement}", "read_sponsor_statement", Access::Operator)
        .staff(Bound::Chain, roles::ACCOUNTANTS)
        .problems(&[&STATEMENT_UNKNOWN, &DATABASE_BUSY]);

/// What shall be closed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StatementClosing)]
pub struct ClosingBody {
    /// Who pays, as rewards name them, 1 to 64 characters; the chain itself where it is left out.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 64, example = "Mahak")]
    pub sponsor: Option<String>,
    /// The last day of the statement.
    pub to: Day,
}

/// What is drawn up.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DraftParams {
    /// Who pays, as rewards name them, 1 to 64 characters; the chain itself where it is left out.
    pub sponsor: Option<String>,
    /// The last day of the statement.
    pub to: Day,
}

/// Which statements.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatementsParams {
    /// Those of one who pays; empty for the chain itself, all where it is left out.
    pub sponsor: Option<String>,
    /// How many, 1 to 200; 50 when it is not said.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A statement.
#[derive(Serialize, ToSchema)]
pub struct SponsorStatement {
    /// Its number; of a draft, the one that it would have now.
    pub number: i64,
    /// Who pays; absent where it is the chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sponsor: Option<String>,
    /// Its first day: the one after the statement before.
    pub from: Day,
    /// Its last day.
    pub to: Day,
    /// The currency of the amounts.
    pub currency: Currency,
    /// What was given or used comes to, in minor units.
    pub charge: i64,
    /// What came back comes to, below zero.
    pub correction: i64,
    /// What is to be paid; what is to be paid back where it is below zero.
    pub amount: i64,
    /// When it was closed; absent for a draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// By whom: `operator`, or the id of one of the staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
    /// Line by line; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<SponsorStatementLine>>,
}

/// A line of a statement.
#[derive(Serialize, ToSchema)]
pub struct SponsorStatementLine {
    /// For which reward.
    #[schema(value_type = String, example = "coffee")]
    pub reward: RewardCode,
    /// By which version of its terms.
    pub version: i32,
    /// `charge` for what was given or used, `correction` for what came back.
    pub what: &'static str,
    /// How much: minor units of credit, else pieces; below zero for a correction.
    pub units: i64,
    /// What one costs by these terms: of credit, the whole.
    pub unit_cost: i64,
    /// What it comes to; below zero for a correction.
    pub amount: i64,
}

/// A page of statements, the latest first.
#[derive(Serialize, ToSchema)]
pub struct SponsorStatementPage {
    /// The statements, without lines.
    pub statements: Vec<SponsorStatement>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

fn view(of: Statement, currency: Currency) -> Result<SponsorStatement, Problem> {
    let Statement { number, sponsor, from, to, charge, correction, closed_at, closed_by } = of;
    let amount = charge.checked_add(correction).ok_or(crate::domain::money::TooLarge).map_err(Error::from)?;
    Ok(SponsorStatement {
        number,
        sponsor,
        from,
        to,
        currency,
        charge,
        correction,
        amount,
        closed_at: Some(closed_at),
        closed_by: Some(closed_by),
        lines: None,
    })
}

async fn lines_of(database: &Database, lines: Vec<Line>) -> Result<Vec<SponsorStatementLine>, Error> {
    let prices = money::prices(database.connection()).await?;
    let view = |Line { reward, version, what, units, amount }| {
        let unit_cost = prices.get(&(reward.clone(), version)).map_or(0, |price| price.cost);
        SponsorStatementLine { reward, version, what: what.word(), units, unit_cost, amount }
    };
    Ok(lines.into_iter().map(view).collect())
}

const COLUMNS: &str = "statement,sponsor,from,to,reward,version,what,units,unit_cost,amount";

/// A statement as JSON or as a file, whose last row is the sum.
async fn whole(
    counter: &Counter,
    headers: &HeaderMap,
    (mut statement, lines): (SponsorStatement, Vec<Line>),
) -> Result<Response, Problem> {
    let lines = lines_of(&counter.desk.database, lines).await?;
    if !wants_csv(headers) {
        statement.lines = Some(lines);
        return Ok(Json(statement).into_response());
    }
    let SponsorStatement { number, from, to, amount, .. } = statement;
    let head = format!("{number},{},{from},{to}", cell(statement.sponsor.as_deref().unwrap_or_default()));
    let row = |line: &SponsorStatementLine| {
        let SponsorStatementLine { reward, version, what, units, unit_cost, amount } = line;
        format!("{head},{reward},{version},{what},{units},{unit_cost},{amount}")
    };
    let sum = format!("{head},*,,total,,,{amount}");
    Ok(csv(&format!("statement-{number}"), COLUMNS, lines.iter().map(row).chain([sum])))
}

async fn closing(
    counter: &Counter,
    sponsor: Option<String>,
    to: Day,
    caller: &Caller,
) -> Result<Closing, Problem> {
    let sponsor = sponsor.filter(|name| !name.is_empty());
    known(counter, sponsor.as_deref()).await?;
    Ok(Closing { sponsor, to, actor: actor(caller) })
}

async fn known(counter: &Counter, sponsor: Option<&str>) -> Result<(), Error> {
    match sponsor {
        Some(name) if !money::is_sponsor(counter.desk.database.connection(), name).await? => {
            Err(Missing::Sponsor.into())
        }
        _ => Ok(()),
    }
}

/// Closes a statement.
///
/// It begins on the day after the sponsor's statement before, with the first day on which anything happened where there is none, and never changes.
/// All of its days must be summed: an hour after a day is over. Closing it again with the same last day answers the same statement.
#[utoipa::path(
    post, path = "/v1/sponsor-statements", operation_id = "close_sponsor_statement", tag = "money",
    request_body(content = ClosingBody, example = json!({"sponsor": "Mahak", "to": "2026-11-30"})),
    responses(
        (status = 201, description = "Closed now.", body = SponsorStatement),
        (status = 200, description = "Closed before with this day.", body = SponsorStatement),
    )
)]
pub(super) async fn close_sponsor_statement(
    State(counter): State<Counter>,
    caller: Caller,
    headers: HeaderMap,
    Body(body): Body<ClosingBody>,
) -> Result<Response, Problem> {
    let wanted = closing(&counter, body.sponsor, body.to, &caller).await?;
    let desk = counter.desk.clone();
    let (statement, lines, before) = store::shielded(async move { close(&desk, &wanted).await }).await?;
    let mut plain = headers;
    plain.remove(axum::http::header::ACCEPT);
    let shown = view(statement, counter.desk.chain.currency)?;
    let answer = whole(&counter, &plain, (shown, lines)).await?;
    let status = if before { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, answer).into_response())
}

/// Draws a statement up.
///
/// What the sponsor's next statement would say if it ended with this day. Nothing is written.
#[utoipa::path(
    get, path = "/v1/sponsor-statement-drafts", operation_id = "draft_sponsor_statement", tag = "money", params(DraftParams),
    responses((status = 200, description = "The draft; as `text/csv` a row per line, and the sum.",
        content((SponsorStatement = "application/json"), (String = "text/csv"))))
)]
pub(super) async fn draft_sponsor_statement(
    State(counter): State<Counter>,
    caller: Caller,
    headers: HeaderMap,
    QueryParams(asked): QueryParams<DraftParams>,
) -> Result<Response, Problem> {
    let wanted = closing(&counter, asked.sponsor, asked.to, &caller).await?;
    let (statement, lines) = draft(&counter.desk, &wanted).await?;
    let shown = view(statement, counter.desk.chain.currency)?;
    let shown = SponsorStatement { closed_at: None, closed_by: None, ..shown };
    whole(&counter, &headers, (shown, lines)).await
}

/// Lists statements that are closed.
#[utoipa::path(
    get, path = "/v1/sponsor-statements", operation_id = "list_sponsor_statements", tag = "money", params(StatementsParams),
    responses((status = 200, description = "A page of statements.", body = SponsorStatementPage))
)]
pub(super) async fn list_sponsor_statements(
    State(counter): State<Counter>,
    QueryParams(asked): QueryParams<StatementsParams>,
) -> Result<Json<SponsorStatementPage>, Problem> {
    let limit = pages::limit(asked.limit)?;
    let before: Option<i64> = pages::after(asked.cursor.as_deref())?;
    known(&counter, asked.sponsor.as_deref().filter(|name| !name.is_empty())).await?;
    let on = counter.desk.database.connection();
    let mut found = kept::list(on, asked.sponsor.as_deref(), before, limit + 1).await?;
    let next_cursor = pages::cut(&mut found, limit, |one| one.number);
    let currency = counter.desk.chain.currency;
    let statements = found.into_iter().map(|one| view(one, currency)).collect::<Result<_, _>>()?;
    Ok(Json(SponsorStatementPage { statements, has_more: next_cursor.is_some(), next_cursor }))
}

/// Shows a statement that is closed.
#[utoipa::path(
    get, path = "/v1/sponsor-statements/{statement}", operation_id = "read_sponsor_statement", tag = "money",
    params(("statement" = String, Path, description = "Its number.", example = "1")),
    responses((status = 200, description = "The statement; as `text/csv` a row per line, and the sum.",
        content((SponsorStatement = "application/json"), (String = "text/csv"))))
)]
pub(super) async fn read_sponsor_statement(
    State(counter): State<Counter>,
    headers: HeaderMap,
    PathParams(number): PathParams<String>,
) -> Result<Response, Problem> {
    let on = counter.desk.database.connection();
    let number = number.parse::<i64>().map_err(|_| Missing::Statement)?;
    let statement = kept::load(on, number).await?.ok_or(Missing::Statement)?;
    let lines = kept::lines(on, number).await?;
    let shown = view(statement, counter.desk.chain.currency)?;
    whole(&counter, &headers, (shown, lines)).await
}
