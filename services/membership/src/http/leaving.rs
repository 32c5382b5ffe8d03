//! Leaving: what happens, doing it, and who did.

use axum::{Json, extract::State};
use contracts::membership::HouseholdRole;
use kernel::{HouseholdId, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, DeadlineAt, PathParams, Problem, QueryParams, RouteSpec};

use super::{Counter, Private, own_household::raised, pages, private, regions::PageParams, roles};
use crate::{
    commands::leave::leave,
    domain::leaving::{Erasure, Leaver, LeavingReason},
    error::{
        CONTENDED, CURSOR_INVALID, DATABASE_BUSY, LEAVING_REASON_MISSING, LIMIT_OUT_OF_RANGE, MEMBER_UNKNOWN,
        STEP_UP_NEEDED,
    },
    queries::leaving::{Leaving, LeavingPoints, erasures, leaving},
};

pub(super) static GET: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/leaving", "read_leaving", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT_READERS)
        .problems(&[&MEMBER_UNKNOWN, &DATABASE_BUSY]);

pub(super) static POST: RouteSpec =
    RouteSpec::post("/v1/members/{member_id}/leaving", "leave_club", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .body_limit(4 * 1024)
        .problems(&[&MEMBER_UNKNOWN, &STEP_UP_NEEDED, &LEAVING_REASON_MISSING, &CONTENDED, &DATABASE_BUSY]);

pub(super) static LIST: RouteSpec = RouteSpec::get("/v1/erasures", "list_erasures", Access::Operator)
    .staff(Bound::Anywhere, roles::SUPPORT_READERS)
    .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

/// What ends when a member leaves.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeavingView {
    /// Who.
    pub member_id: MemberId,
    /// What they have of points: all of it lapses, and what they owe is forgiven. Absent when it cannot be told right now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<LeavingPointsView>,
    /// Cards that lead to nobody afterwards.
    pub cards: usize,
    /// Phones that lead to nobody afterwards.
    pub phones: usize,
    /// The household that they leave, too; absent for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub household: Option<LeavingHouseholdView>,
    /// Consents that end.
    pub consents: usize,
}

/// Points that lapse.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeavingPointsView {
    /// Points that could be spent.
    pub points: i64,
    /// Points that were earned and could not be spent yet.
    pub pending: i64,
    /// Points that were set aside.
    pub held: i64,
    /// Points that were owed, and are forgiven.
    pub debt: i64,
}

/// A household that is left.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeavingHouseholdView {
    /// Its id.
    pub household_id: HouseholdId,
    /// What the member is in it.
    pub role: HouseholdRole,
    /// How many others stay.
    pub others: usize,
}

impl LeavingView {
    fn of(member_id: MemberId, leaving: &Leaving) -> Self {
        let points = leaving.points.map(|LeavingPoints { points, pending, held, debt }| LeavingPointsView {
            points,
            pending,
            held,
            debt,
        });
        let household = leaving.household.as_ref().map(|(belonging, others)| LeavingHouseholdView {
            household_id: belonging.household,
            role: belonging.role,
            others: *others,
        });
        let Leaving { phones, cards, consents, .. } = *leaving;
        Self { member_id, points, cards, phones, household, consents }
    }
}

/// Why the back office lets a member leave.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfficeReason {
    /// They asked the chain to.
    Asked,
    /// They died.
    Deceased,
    /// The law or a court wants it.
    Duty,
}

impl From<OfficeReason> for LeavingReason {
    fn from(reason: OfficeReason) -> Self {
        match reason {
            OfficeReason::Asked => Self::Asked,
            OfficeReason::Deceased => Self::Deceased,
            OfficeReason::Duty => Self::Duty,
        }
    }
}

/// A member leaves.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaveBody {
    /// Why: from the back office only, which must say it.
    #[serde(default)]
    pub reason: Option<OfficeReason>,
}

/// Somebody who left.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasureView {
    /// The id that is left of them.
    pub member_id: MemberId,
    /// When what was known of them was erased.
    pub erased_at: Timestamp,
    /// Why: `own` (the member did it), `asked`, `deceased`, `duty`, or `restored` (a backup had brought them back).
    #[schema(example = "own")]
    pub reason: &'static str,
    /// When `points` said that it has closed the account and forgotten what led to it; absent while it has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points_at: Option<Timestamp>,
    /// When `rewards` said that it has called vouchers back and forgotten what led to them; absent while it has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rewards_at: Option<Timestamp>,
}

impl From<&Erasure> for ErasureView {
    fn from(erasure: &Erasure) -> Self {
        Self {
            member_id: erasure.member,
            erased_at: erasure.erased_at,
            reason: erasure.reason.word(),
            points_at: erasure.points_at,
            rewards_at: erasure.rewards_at,
        }
    }
}

/// A page of those who left, the first one first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasurePage {
    /// They.
    pub erasures: Vec<ErasureView>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Shows what ends when a member leaves; nothing happens.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/leaving", operation_id = "read_leaving", tag = "leaving",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses((status = 200, description = "What ends.", body = LeavingView))
)]
pub(super) async fn read_leaving(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<Private<LeavingView>, Problem> {
    let desk = counter.desk();
    let found = leaving(&desk.vault, desk.points.as_ref(), member_id).await?;
    Ok(private(LeavingView::of(member_id, &found)))
}

/// Lets a member leave, for good.
///
/// In one step: name, phones, cards, sessions and invitations are erased at once, with the key that sealed them; consents are
/// taken back, the household is left; points lapse within seconds. What stays are the ledgers of points and consents, under an id
/// that leads to nobody. Members need a session that a fresh code has raised; the back office says why.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/leaving", operation_id = "leave_club", tag = "leaving",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    request_body(content = LeaveBody, example = json!({})),
    responses((status = 200, description = "They have left, and nothing is known of them.", body = ErasureView))
)]
pub(super) async fn leave_club(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(member_id): PathParams<MemberId>,
    deadline: DeadlineAt,
    Body(body): Body<LeaveBody>,
) -> Result<Private<ErasureView>, Problem> {
    raised(&caller, counter.desk().clock.now())?;
    let leaver = match caller {
        Caller::Member { .. } => Leaver::Member,
        _ => Leaver::Office(body.reason.map(LeavingReason::from)),
    };
    deadline.check()?;
    let erasure = leave(counter.desk(), member_id, leaver).await?;
    Ok(private((&erasure).into()))
}

/// Lists who left, the first one first, and whether the other services have done their part.
#[utoipa::path(
    get, path = "/v1/erasures", operation_id = "list_erasures", tag = "leaving",
    params(PageParams),
    responses((status = 200, description = "A page of those who left.", body = ErasurePage))
)]
pub(super) async fn list_erasures(
    State(counter): State<Counter>,
    QueryParams(page): QueryParams<PageParams>,
) -> Result<Json<ErasurePage>, Problem> {
    let (limit, after) = (pages::limit(page.limit)?, pages::after(page.cursor.as_deref())?);
    let mut found = erasures(&counter.desk().vault, after, limit).await?;
    let page_size = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = found.len() > page_size;
    found.truncate(page_size);
    let last = found.last().filter(|_| has_more);
    Ok(Json(ErasurePage {
        next_cursor: last.map(|erasure| pages::next((erasure.erased_at, erasure.member))),
        has_more,
        erasures: found.iter().map(ErasureView::from).collect(),
    }))
}
