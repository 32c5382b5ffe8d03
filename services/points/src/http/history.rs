//! How a member's balance came to be.

use axum::{Json, extract::State};
use contracts::points::DrawnFrom;
use kernel::{ActionCode, BranchCode, Currency, JournalId, MemberId, Points, Scope, TillCode, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::paging::Cursor;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use web::{Access, Bound, PathParams, Problem, QueryParams, RouteSpec};

use super::{Counter, roles};
use crate::{
    domain::JournalKind,
    error, queries,
    store::{
        actions::ActionRow,
        ledger::{JournalRow, OperationRow},
    },
};

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/history", "list_history", Access::MemberTillOrOperator)
        .staff(Bound::Anywhere, roles::MEMBER_READERS)
        .partners(Scope::HistoryRead)
        .problems(&[&error::MEMBER_UNKNOWN, &error::CURSOR_INVALID, &error::LIMIT_OUT_OF_RANGE]);

const MOST: u32 = 200;

/// Which part of the list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// Where the last page ended, as it said; left out for the newest.
    cursor: Option<String>,
    /// How many, 1 to 200; 50 when left out.
    #[serde(default = "fifty")]
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub(super) limit: u32,
}

impl Page {
    /// Where the page begins; `None` for the newest.
    pub(super) fn place<T: DeserializeOwned>(&self) -> Result<Option<T>, Problem> {
        if !(1..=MOST).contains(&self.limit) {
            return Err(Problem::new(&error::LIMIT_OUT_OF_RANGE).arg("most", MOST));
        }
        let place = self.cursor.as_deref().map(Cursor::parse::<T>).transpose();
        place.map_err(|_| Problem::new(&error::CURSOR_INVALID))
    }

    /// Cuts the row beyond the page, and says whether there was one.
    pub(super) fn cut<T>(&self, rows: &mut Vec<T>) -> bool {
        let most = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > most;
        rows.truncate(most);
        has_more
    }
}

const fn fifty() -> u32 {
    50
}

/// One event of an account.
#[derive(Serialize, ToSchema)]
pub struct HistoryItem {
    /// The event's id; a purchase's own.
    pub id: JournalId,
    /// What happened.
    pub kind: JournalKind,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Points that came, negative when they went.
    pub points: Points,
    /// The balance afterwards.
    pub balance: Points,
    /// The account's version with it.
    pub account_version: u64,
    /// Where, for a purchase or a return.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<BranchCode>,
    /// At which till.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub till: Option<TillCode>,
    /// The receipt's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// Which operation on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// When, by the till's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// Paid or returned, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// Of this currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// What it is about: the purchase that a return undoes; a hold, a transfer, a redemption.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<Uuid>,
    /// What was done, for an action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<ActionCode>,
    /// Which action of its kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Why, for what people did by hand; for what a household spends together `purchase`, `redemption` or `hold`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The member of the household who spent the points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drawn_by: Option<MemberId>,
    /// The members of the household whose points came.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drawn_from: Vec<DrawnFrom>,
}

/// Events of an account, newest first.
#[derive(Serialize, ToSchema)]
pub struct History {
    /// The events.
    pub items: Vec<HistoryItem>,
    /// Whether there are older ones.
    pub has_more: bool,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// List an account's history
///
/// Newest first, with branch and reason.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/history", operation_id = "list_history", tag = "accounts",
    params(("member_id" = MemberId, Path, description = "The member."), Page),
    responses((status = 200, description = "A page of the history.", body = History))
)]
pub(super) async fn list_history(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
    QueryParams(page): QueryParams<Page>,
) -> Result<Json<History>, Problem> {
    let before = page.place::<u64>()?;
    let mut rows = queries::history::read(&counter.database, member_id, before, page.limit + 1).await?;
    if rows.is_empty() && before.is_none() && !counter.knows(member_id).await? {
        return Err(Problem::new(&error::MEMBER_UNKNOWN));
    }
    let has_more = page.cut(&mut rows);
    let next_cursor =
        rows.last().filter(|_| has_more).map(|row| Cursor::of(&row.version).as_str().to_owned());
    Ok(Json(History { items: rows.into_iter().map(HistoryItem::from).collect(), has_more, next_cursor }))
}

impl From<JournalRow> for HistoryItem {
    fn from(row: JournalRow) -> Self {
        let asked = row.asked();
        let operation = row.operation();
        let (action, reference) = ActionRow::of(&row).map(|said| (said.action, said.reference)).unzip();
        let branch = asked.map(|asked| &asked.branch).or_else(|| operation?.branch.as_ref());
        Self {
            id: row.id,
            kind: row.kind(),
            recorded_at: row.recorded_at,
            points: row.points,
            balance: row.balance,
            account_version: row.version,
            branch: branch.cloned(),
            till: asked.map(|asked| asked.till.clone()),
            receipt: asked.map(|asked| asked.receipt.clone()),
            operation: asked.map(|asked| asked.operation.clone()),
            occurred_at: asked.map(|asked| asked.occurred_at),
            amount: asked.map(|asked| asked.amount),
            currency: asked.map(|asked| asked.currency),
            about: row.about(),
            action,
            reference,
            reason: operation.and_then(|operation| operation.reason.clone()),
            drawn_by: operation.and_then(OperationRow::drawn_by),
            drawn_from: operation.map(OperationRow::drawn_from).unwrap_or_default(),
        }
    }
}
