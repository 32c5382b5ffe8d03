//! Lists of members whom people of the chain call, and what came of each call.

use axum::{Json, extract::State};
use kernel::{CampaignCode, MemberId, SegmentCode, StaffId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use web::{Access, Body, Bound, Caller, PathParams, Problem, QueryParams, RouteSpec, Shown};

use super::{Counter, pages, roles};
use crate::{
    commands::calls::{Filling, fill, record_outcome},
    domain::call::{CallOutcome, CallReason, CallState},
    error::{
        CALL_LIST_FULL, CALL_OVER, CALL_UNKNOWN, CAMPAIGN_SEGMENT_UNKNOWN, CURSOR_INVALID, DATABASE_BUSY,
        LIMIT_OUT_OF_RANGE, MEMBERSHIP_SILENT, POINTS_SILENT,
    },
    queries::Page,
    store::calls::{self, Call},
};

pub(super) static FILL: RouteSpec =
    RouteSpec::put("/v1/call-lists/{call_list}", "fill_call_list", Access::Operator)
        .staff(Bound::Chain, roles::CALL_KEEPERS)
        .heavy()
        .problems(&[
            &CAMPAIGN_SEGMENT_UNKNOWN,
            &CALL_LIST_FULL,
            &POINTS_SILENT,
            &MEMBERSHIP_SILENT,
            &DATABASE_BUSY,
        ]);
pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/call-lists/{call_list}/calls", "list_calls", Access::Operator)
        .staff(Bound::Chain, roles::CALL_READERS)
        .showing_members()
        .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);
pub(super) static RECORD: RouteSpec =
    RouteSpec::put("/v1/calls/{call_id}/outcome", "record_call_outcome", Access::Operator)
        .staff(Bound::Chain, roles::CALLERS)
        .showing_members()
        .problems(&[&CALL_UNKNOWN, &CALL_OVER, &DATABASE_BUSY]);

/// What a list of calls is filled with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CallListBody {
    /// With the members of this segment.
    #[schema(value_type = String, example = "best-hundred")]
    segment: SegmentCode,
    /// Why they are called.
    why: CallReason,
}

/// What became of a list of calls.
#[derive(Serialize, ToSchema)]
pub(super) struct CallListView {
    /// Calls that are new.
    added: u64,
    /// Members of the segment who have no phone, or did not consent to offers.
    left_out: u64,
    /// Calls on the list; 5,000 at most.
    listed: u64,
}

/// A call.
#[derive(Serialize, ToSchema)]
pub(super) struct CallView {
    /// Its id.
    call_id: Uuid,
    /// Whom.
    member_id: MemberId,
    /// Why.
    why: CallReason,
    /// Who asked for it; left out for the chain's own key.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked_by: Option<StaffId>,
    /// When.
    asked_at: Timestamp,
    /// Where it stands.
    state: CallState,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<CallOutcome>,
    /// Who made it; left out for the chain's own key.
    #[serde(skip_serializing_if = "Option::is_none")]
    done_by: Option<StaffId>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    done_at: Option<Timestamp>,
}

impl From<Call> for CallView {
    fn from(call: Call) -> Self {
        Self {
            call_id: call.id,
            member_id: call.member,
            why: call.why,
            asked_by: call.asked_by,
            asked_at: call.asked_at,
            state: call.state,
            outcome: call.outcome,
            done_by: call.done_by,
            done_at: call.done_at,
        }
    }
}

/// A page of calls.
#[derive(Serialize, ToSchema)]
pub(super) struct CallPage {
    /// The calls, the oldest first.
    calls: Vec<CallView>,
    /// Whether more follow.
    has_more: bool,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Which calls.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CallParams {
    /// In which state; those that are to be made when it is not said.
    state: Option<CallState>,
    /// How many, 1 to 500; 100 when it is not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// What came of a call.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CallOutcomeBody {
    /// In one word: it says whether the member was reached, was not, or wants no call.
    outcome: CallOutcome,
}

const fn staff(caller: &Caller) -> Option<StaffId> {
    match caller {
        Caller::Staff { staff, .. } => Some(*staff),
        _ => None,
    }
}

/// Fills a list of calls with the members of a segment.
///
/// Those who have a phone and consented to offers are put on it, for an apology those who did not, too. Whoever is on it stays as they
/// are: the same once more changes nothing.
#[utoipa::path(
    put, path = "/v1/call-lists/{call_list}", operation_id = "fill_call_list", tag = "calls",
    params(("call_list" = CampaignCode, Path, description = "The list's code.")),
    request_body = CallListBody,
    responses((status = 200, description = "How many were new.", body = CallListView))
)]
pub(super) async fn fill_call_list(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(list): PathParams<CampaignCode>,
    Body(body): Body<CallListBody>,
) -> Result<Json<CallListView>, Problem> {
    let filling = Filling { list, segment: body.segment, why: body.why, asked_by: staff(&caller) };
    let desk = counter.desk.clone();
    let filled = store::shielded(async move { fill(&desk, &filling).await }).await?;
    Ok(Json(CallListView { added: filled.added, left_out: filled.left_out, listed: filled.listed }))
}

/// Lists calls of a list, those that are to be made where nothing else is asked. Where members are reached is asked of membership.
#[utoipa::path(
    get, path = "/v1/call-lists/{call_list}/calls", operation_id = "list_calls", tag = "calls",
    params(("call_list" = CampaignCode, Path, description = "The list's code."), CallParams),
    responses((status = 200, description = "A page of calls.", body = CallPage))
)]
pub(super) async fn list_calls(
    State(counter): State<Counter>,
    shown: Shown,
    PathParams(list): PathParams<CampaignCode>,
    QueryParams(asked): QueryParams<CallParams>,
) -> Result<Json<CallPage>, Problem> {
    let limit = pages::limit(asked.limit)?;
    let after = pages::after(asked.cursor.as_deref())?;
    let state = asked.state.unwrap_or(CallState::Open);
    let found = calls::list(counter.desk.database.connection(), &list, state, after, limit + 1).await?;
    let page = Page::cut(found, limit);
    shown.members(page.items.iter().map(|call| call.member));
    let next_cursor = page.items.last().filter(|_| page.has_more).map(|last| pages::next(last.id));
    let calls = page.items.into_iter().map(CallView::from).collect();
    Ok(Json(CallPage { calls, has_more: page.has_more, next_cursor }))
}

/// Records what came of a call.
///
/// A member who was not reached may be called again; the same outcome once more changes nothing.
#[utoipa::path(
    put, path = "/v1/calls/{call_id}/outcome", operation_id = "record_call_outcome", tag = "calls",
    params(("call_id" = Uuid, Path, description = "The call.")),
    request_body = CallOutcomeBody,
    responses((status = 200, description = "The call as it is now.", body = CallView))
)]
pub(super) async fn record_call_outcome(
    State(counter): State<Counter>,
    caller: Caller,
    shown: Shown,
    PathParams(id): PathParams<Uuid>,
    Body(body): Body<CallOutcomeBody>,
) -> Result<Json<CallView>, Problem> {
    let desk = counter.desk.clone();
    let by = staff(&caller);
    let call = store::shielded(async move { record_outcome(&desk, id, body.outcome, by).await }).await?;
    shown.member(call.member);
    Ok(Json(call.into()))
}
