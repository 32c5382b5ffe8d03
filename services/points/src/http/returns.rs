//! Returns: what a purchase earned is taken back.

use axum::extract::State;
use contracts::points::{ReturnedLine, RewardGrant};
use http::StatusCode;
use kernel::{BranchCode, Currency, JournalId, MemberId, Points, TillCode, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tracing::Span;
use utoipa::ToSchema;
use web::{
    Access, Body, Bound, Caller, DeadlineAt, IdempotencyKey, Lane, PathParams, Problem, Response, RouteSpec,
    Shown, StaffReach, TraceParent,
};

use super::{
    Counter,
    checks::{check_clock, currency_of, receipt_text, text},
    purchase_request::{LONGEST_LINE_TEXT, MOST_LINES, check_quantity},
    purchases::respond,
    roles,
};
use crate::{
    commands::{
        await_purchase::await_purchase,
        record_purchases::{fingerprint, idempotency_digest, journal_id},
        record_return::{RecordReturn, Refusal, Returned, record_return as run},
    },
    domain::LineBack,
    error,
    store::{
        ledger::JournalRow,
        reading,
        waiting::{self, WaitingRow},
    },
};

pub(super) static READ: RouteSpec =
    RouteSpec::get("/v1/returns/{return_id}", "read_return", Access::TillOrOperator)
        .staff(Bound::Handler, roles::MEMBER_READERS)
        .showing_members()
        .problems(&[&error::RETURN_UNKNOWN]);

pub(super) static RECORD: RouteSpec = RouteSpec::post("/v1/returns", "record_return", Access::Till)
    .lane(Lane::Till)
    .body_limit(128 * 1024)
    .keyed()
    .problems(error::OF_RETURNS);

/// The purchase that is returned, as its receipt names it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnedReceipt {
    /// Where it was bought; the till's own branch when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "tehran-vanak")]
    pub branch: Option<BranchCode>,
    /// At which till.
    #[schema(value_type = String, example = "till-1")]
    pub till: TillCode,
    /// The receipt's number: 1 to 64 characters.
    #[schema(example = "R-100245", min_length = 1, max_length = 64)]
    pub receipt: String,
    /// Which operation on it: 1 to 32 characters.
    #[serde(default = "sale")]
    #[schema(example = "sale", default = "sale", min_length = 1, max_length = 32)]
    pub operation: String,
}

/// A return, as the till sends it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnRequest {
    /// The purchase that is returned, in whole or in part.
    pub purchase: ReturnedReceipt,
    /// The return's own receipt, unique at its till for ever: 1 to 64 characters.
    #[schema(example = "B-2031", min_length = 1, max_length = 64)]
    pub receipt: String,
    /// Which operation on that receipt: 1 to 32 characters.
    #[serde(default = "back")]
    #[schema(example = "return", default = "return", min_length = 1, max_length = 32)]
    pub operation: String,
    /// When it was brought back, by the till's clock, with its offset from UTC.
    pub occurred_at: Timestamp,
    /// The currency (ISO 4217): the purchase's.
    #[schema(example = "IRR")]
    pub currency: String,
    /// How much of the purchase's amount, in minor units, more than none. With neither an amount nor lines all that is left
    /// of the purchase comes back.
    #[serde(default)]
    #[schema(example = 250_000, minimum = 1)]
    pub amount: Option<i64>,
    /// The lines of the purchase's receipt that come back, in whole or in part, in place of an amount: 1 to 500.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 500)]
    pub lines: Option<Vec<LineBack>>,
    /// What happens when the purchase is not known yet, because its till was offline and sends it later: with true, which is
    /// also meant when it is left out, the return waits for it and the answer is 202; with false it is refused with 404.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub wait: bool,
    /// Answer what would happen, and keep nothing.
    #[serde(default)]
    pub dry_run: bool,
}

const fn yes() -> bool {
    true
}

fn sale() -> String {
    "sale".to_owned()
}

fn back() -> String {
    "return".to_owned()
}

/// A return as it was recorded.
#[derive(Serialize, ToSchema)]
pub struct ReturnAnswer<'a> {
    /// The return's id: the same for the same receipt, for ever.
    pub return_id: JournalId,
    /// The purchase that it undoes.
    pub purchase_id: JournalId,
    /// Whose it is.
    pub member_id: MemberId,
    /// The return's own receipt.
    pub receipt: &'a str,
    /// Which operation on it.
    pub operation: &'a str,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// True when nothing was kept.
    pub dry_run: bool,
    /// How much of the purchase's amount came back, in minor units.
    pub amount: i64,
    /// Which lines, where the till named them; their amounts add up to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<ReturnedLine>,
    /// How much of it has come back in all.
    pub returned_so_far: i64,
    /// How much of the amount is given back as money, in minor units; the rest had been paid with points.
    pub money: i64,
    /// Points that had paid for the purchase and are the member's again; absent where none are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points_back: Option<Points>,
    /// Points taken out of the account, pending ones among them.
    pub points_taken: Points,
    /// Points that were spent already and are owed now: later earnings pay them.
    pub points_owed: Points,
    /// Points that were due and had lapsed: nothing is taken for them.
    pub points_lapsed: Points,
    /// Rewards and draw tickets that are taken back; absent when there are none.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub rewards_revoked: &'a [RewardGrant],
    /// Points that can be spent afterwards.
    pub balance: Points,
    /// The account's version with it.
    pub account_version: u64,
}

/// A return that waits for its purchase, or that was refused when the purchase came.
#[derive(Serialize, ToSchema)]
pub struct WaitingReturn {
    /// The return's id: the same for the same receipt, for ever.
    pub return_id: JournalId,
    /// The purchase that it waits for.
    pub purchase_id: JournalId,
    /// What became of it.
    pub state: WaitingState,
    /// When it came.
    pub came_at: Timestamp,
    /// The code under which it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// What became of a return that came before its purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitingState {
    /// Its purchase has not come yet.
    Waiting,
    /// Its purchase came, and the return was refused.
    Refused,
}

impl From<WaitingRow> for WaitingReturn {
    fn from(row: WaitingRow) -> Self {
        let state = if row.refused.is_some() { WaitingState::Refused } else { WaitingState::Waiting };
        let (return_id, purchase_id) = (row.id, row.original);
        Self { return_id, purchase_id, state, came_at: row.came_at, refused: row.refused }
    }
}

/// Record a return
///
/// Names the purchase by its receipt and says how much of its amount came back, or which of its lines. What the purchase earned
/// is taken back in proportion, line by line where lines are named, from the very points that it brought; parts add up to the
/// whole and no further, of each line as of the purchase. Points that were spent become
/// a debt, which the member's other points pay at once and later earnings after them; the balance never falls below
/// none. A return whose purchase has not come yet waits for it. Send the same request again whenever no answer came.
#[utoipa::path(
    post, path = "/v1/returns", operation_id = "record_return", tag = "purchases",
    params(("Idempotency-Key" = String, Header, description = "Made and stored by the till before it sends; 1 to 255 visible ASCII characters.")),
    request_body = ReturnRequest,
    responses(
        (status = 201, description = "Recorded now.", body = ReturnAnswer),
        (status = 200, description = "Recorded before (header `Idempotency-Replayed: true`), or a dry run.", body = ReturnAnswer),
        (status = 202, description = "Kept: it is recorded when its purchase comes.", body = WaitingReturn),
    )
)]
pub(super) async fn record_return(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    deadline: DeadlineAt,
    Body(request): Body<ReturnRequest>,
) -> Result<Response, Problem> {
    let Caller::Till { branch, till, .. } = caller else {
        return Err(Problem::new(&web::ACCESS_DENIED));
    };
    let (dry_run, wait) = (request.dry_run, request.wait && !request.dry_run);
    let mut command = request.command(&counter, branch, till, key.as_str())?;
    command.traceparent = TraceParent::of_span(&Span::current()).map(|parent| parent.to_text());
    deadline.check()?;
    let recorder = std::sync::Arc::clone(&counter.recorder);
    // A till that hangs up cannot cut it in half.
    let outcome = store::shielded(async move {
        match run(&recorder, &command, !dry_run).await {
            Err(Refusal::UnknownPurchase) if wait => await_purchase(&recorder, &command).await.map(Err),
            outcome => outcome.map(Ok),
        }
    });
    match tokio::time::timeout_at(deadline.0.into(), outcome).await {
        Ok(outcome) => match outcome.map_err(error::return_refused)? {
            Ok(recorded) => answer(&recorded, dry_run),
            Err(waiting) => respond(&WaitingReturn::from(waiting), StatusCode::ACCEPTED, false),
        },
        Err(_) => Err(error::come_back(&error::STILL_RUNNING)),
    }
}

/// Read a return
///
/// As it was recorded, or that it waits for its purchase, or why it was refused when the purchase came.
#[utoipa::path(
    get, path = "/v1/returns/{return_id}", operation_id = "read_return", tag = "purchases",
    params(("return_id" = JournalId, Path, description = "As the till was told when it sent the return.")),
    responses(
        (status = 200, description = "The return.", body = ReturnAnswer),
        (status = 202, description = "It is not recorded.", body = WaitingReturn),
    )
)]
pub(super) async fn read_return(
    State(counter): State<Counter>,
    caller: Caller,
    reach: StaffReach,
    shown: Shown,
    PathParams(id): PathParams<JournalId>,
) -> Result<Response, Problem> {
    // What waits first: a return that is recorded meanwhile is found among the journals then.
    let waiting = waiting::read(&counter.database, id).await.map_err(error::fault)?;
    let row = reading::journal(&counter.database, id).await.map_err(error::fault)?;
    let row = row.filter(|row| row.returned().is_some());
    let branch = branch_of(row.as_ref(), waiting.as_ref())?;
    // A till sees what came back to its own branch.
    if let (Caller::Till { branch: own, .. }, Some(branch)) = (&caller, &branch)
        && own != branch
    {
        return Err(Problem::new(&error::RETURN_UNKNOWN));
    }
    if row.is_some() || waiting.is_some() {
        reach.place(branch.as_ref()).await?;
    }
    // Whose it is that waits is known when its purchase comes.
    shown.members(row.as_ref().map(|row| row.member));
    match (row, waiting) {
        (Some(row), _) => answer(&Returned { row: row.into(), replayed: false }, false).map(ok),
        (None, Some(waiting)) => respond(&WaitingReturn::from(waiting), StatusCode::ACCEPTED, false),
        (None, None) => Err(Problem::new(&error::RETURN_UNKNOWN)),
    }
}

/// The branch that took a return.
fn branch_of(row: Option<&JournalRow>, waiting: Option<&WaitingRow>) -> Result<Option<BranchCode>, Problem> {
    let recorded = row.and_then(|row| row.asked()).map(|asked| asked.branch.clone());
    match (recorded, waiting) {
        (None, Some(waiting)) => {
            let command: serde_json::Result<RecordReturn> = serde_json::from_str(&waiting.asked);
            Ok(Some(command.map_err(|error| error::fault(error.into()))?.branch))
        }
        (recorded, _) => Ok(recorded),
    }
}

fn ok(mut response: Response) -> Response {
    *response.status_mut() = StatusCode::OK;
    response
}

impl ReturnRequest {
    fn command(
        self,
        counter: &Counter,
        branch: BranchCode,
        till: TillCode,
        key: &str,
    ) -> Result<RecordReturn, Problem> {
        receipt_text(&self.purchase.receipt, &self.purchase.operation, "/purchase")?;
        receipt_text(&self.receipt, &self.operation, "")?;
        let currency: Currency = currency_of(counter, &self.currency)?;
        check_clock(counter, self.occurred_at)?;
        if self.amount.is_some_and(|amount| amount < 0) {
            return Err(Problem::new(&error::AMOUNT_NEGATIVE).pointer("/amount"));
        }
        if self.amount.is_some() && self.lines.is_some() {
            return Err(Problem::new(&error::RETURN_TOLD_TWICE).pointer("/lines"));
        }
        self.lines.as_deref().map_or(Ok(()), check_lines)?;
        let bought = self.purchase;
        let bought_at = bought.branch.as_ref().unwrap_or(&branch);
        let original = journal_id(bought_at, &bought.till, &bought.receipt, &bought.operation);
        let (at, amount) = (self.occurred_at.micros().to_string(), self.amount.map(|a| a.to_string()));
        let (undone, lines) =
            (original.to_string(), self.lines.as_ref().map(|lines| json!(lines).to_string()));
        let amount = amount.as_deref().unwrap_or_default();
        let mut asked = vec![undone.as_str(), &self.receipt, &self.operation, &at, &self.currency, amount];
        asked.extend(lines.as_deref());
        Ok(RecordReturn {
            journal_id: journal_id(&branch, &till, &self.receipt, &self.operation),
            idempotency_key: idempotency_digest(&branch, &till, key),
            fingerprint: fingerprint(&asked),
            original,
            branch,
            till,
            receipt: self.receipt,
            operation: self.operation,
            occurred_at: self.occurred_at,
            amount: self.amount,
            lines: self.lines,
            currency,
            traceparent: None,
        })
    }
}

/// What can be seen without the purchase.
fn check_lines(lines: &[LineBack]) -> Result<(), Problem> {
    if lines.len() > MOST_LINES {
        return Err(Problem::new(&error::LINES_TOO_MANY).pointer("/lines").arg("most", MOST_LINES));
    }
    for (i, line) in lines.iter().enumerate() {
        if let Some(sku) = &line.sku {
            text(sku, LONGEST_LINE_TEXT, &format!("/lines/{i}/sku"))?;
        }
        if line.amount.is_some_and(|amount| amount < 0) {
            return Err(Problem::new(&error::AMOUNT_NEGATIVE).pointer(format!("/lines/{i}/amount")));
        }
        if let Some(quantity) = line.quantity_milli {
            check_quantity(quantity, i)?;
        }
    }
    Ok(())
}

fn answer(recorded: &Returned, dry_run: bool) -> Result<Response, Problem> {
    let row = &recorded.row;
    let returned = row.returned().ok_or_else(|| Problem::new(&error::PURCHASE_UNKNOWN))?;
    let came_back = returned.outcome.came_back;
    let document = ReturnAnswer {
        return_id: row.id,
        purchase_id: returned.original,
        member_id: row.member,
        receipt: &returned.asked.receipt,
        operation: &returned.asked.operation,
        recorded_at: row.recorded_at,
        dry_run,
        amount: returned.asked.amount,
        lines: returned.came_back().map_err(error::fault)?,
        returned_so_far: returned.outcome.returned,
        money: returned.asked.amount - came_back.amount,
        points_back: Some(came_back.points).filter(|points| points.is_positive()),
        points_taken: returned.points_taken(row.points).map_err(|e| Problem::fault(e.into()))?,
        points_owed: returned.outcome.owed,
        points_lapsed: returned.outcome.lapsed,
        rewards_revoked: &returned.revoked,
        balance: row.balance,
        account_version: row.version,
    };
    let status = if recorded.replayed || dry_run { StatusCode::OK } else { StatusCode::CREATED };
    respond(&document, status, recorded.replayed)
}
