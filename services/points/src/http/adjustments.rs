//! What people do to accounts by hand: points given or taken, accounts frozen, opened and closed (P5).

use axum::{Json, extract::State, response::IntoResponse};
use http::StatusCode;
use kernel::{Day, JournalId, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use tracing::Span;
use utoipa::ToSchema;
use web::{
    Access, Body, Bound, Caller, DeadlineAt, IdempotencyKey, PathParams, Problem, Response, RouteSpec, Shown,
    TraceParent,
};

use super::{
    Counter,
    hands::check_person,
    operations::{Asking, Hand, OperationAnswer, answered, check_funder, check_points, run_for},
    purchase_request::Named,
    roles,
};
use crate::{
    commands::{
        operate::{Deed, Operate},
        propose::{self, NotDecided},
        record_purchases::Identity,
    },
    domain::{AccountState, Lot, NEVER},
    error,
    store::proposals::{self, ProposalRow, ProposalState},
};

pub(super) static ADJUST: RouteSpec =
    RouteSpec::post("/v1/members/{member_id}/adjustments", "adjust_points", Access::Operator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .body_limit(16 * 1024)
        .keyed()
        .problems(error::OF_ADJUSTMENTS);
pub(super) static READ: RouteSpec =
    RouteSpec::get("/v1/adjustments/{adjustment_id}", "read_adjustment", Access::Operator)
        .staff(Bound::Anywhere, roles::SUPPORT_READERS)
        .showing_members()
        .problems(&[&error::PROPOSAL_UNKNOWN]);
pub(super) static APPROVE: RouteSpec =
    RouteSpec::post("/v1/adjustments/{adjustment_id}/approval", "approve_adjustment", Access::Operator)
        .staff(Bound::Chain, roles::SECOND_LOOK)
        .body_limit(16 * 1024)
        .problems(error::OF_ADJUSTMENTS);
pub(super) static REJECT: RouteSpec =
    RouteSpec::post("/v1/adjustments/{adjustment_id}/rejection", "reject_adjustment", Access::Operator)
        .staff(Bound::Chain, roles::SECOND_LOOK)
        .body_limit(16 * 1024)
        .problems(error::OF_ADJUSTMENTS);
pub(super) static FREEZE: RouteSpec =
    RouteSpec::post("/v1/members/{member_id}/account/freeze", "freeze_account", Access::Operator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .body_limit(16 * 1024)
        .keyed()
        .problems(error::OF_ADJUSTMENTS);
pub(super) static UNFREEZE: RouteSpec =
    RouteSpec::post("/v1/members/{member_id}/account/unfreeze", "unfreeze_account", Access::Operator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .body_limit(16 * 1024)
        .keyed()
        .problems(error::OF_ADJUSTMENTS);
pub(super) static CLOSE: RouteSpec =
    RouteSpec::post("/v1/members/{member_id}/account/closure", "close_account", Access::Operator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .body_limit(16 * 1024)
        .keyed()
        .problems(error::OF_ADJUSTMENTS);

/// Points to be given or taken by hand.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustmentRequest {
    /// How many; negative to take them. 1 to 1,000,000,000 either way.
    #[schema(example = 500)]
    pub points: i64,
    /// The branch that pays for points that are given; left out for points that are taken.
    #[serde(default)]
    #[schema(example = "tehran-vanak")]
    pub funder: Option<String>,
    /// The last day of points that are given; left out, they never lapse.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2027-11-21")]
    pub expires_on: Option<Day>,
    /// The person who does it: 1 to 64 characters.
    #[schema(example = "staff-17", min_length = 1, max_length = 64)]
    pub actor: String,
    /// Why: 1 to 500 characters. Members read it in their history.
    #[schema(example = "A receipt that the till had lost", min_length = 1, max_length = 500)]
    pub reason: String,
}

/// A person who decides.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionRequest {
    /// The person: 1 to 64 characters; another one than who proposed.
    #[schema(example = "staff-4", min_length = 1, max_length = 64)]
    pub actor: String,
}

/// An account to be closed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosureRequest {
    /// The branch that pays for a debt that is left.
    #[schema(example = "tehran-vanak")]
    pub funder: String,
    /// The person who does it: 1 to 64 characters.
    #[schema(example = "staff-17", min_length = 1, max_length = 64)]
    pub actor: String,
    /// Why: 1 to 500 characters.
    #[schema(example = "Left the club", min_length = 1, max_length = 500)]
    pub reason: String,
}

/// An adjustment that waits for a second person, or what became of it.
#[derive(Serialize, ToSchema)]
pub struct Proposal {
    /// Its id; the adjustment's own once it is approved.
    pub id: JournalId,
    /// What became of it.
    pub state: ProposalState,
    /// Whose account.
    pub member_id: MemberId,
    /// How many points; negative when they are to be taken.
    pub points: i64,
    /// Who proposed it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// When.
    pub proposed_at: Timestamp,
    /// Who decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
}

impl From<ProposalRow> for Proposal {
    fn from(row: ProposalRow) -> Self {
        Self {
            id: JournalId::from_uuid(row.id),
            state: row.state,
            member_id: row.member,
            points: row.points,
            actor: row.actor,
            reason: row.reason,
            proposed_at: row.proposed_at,
            decided_by: row.decided_by,
        }
    }
}

/// Give or take points by hand
///
/// With a person and a reason. Above the chain's limit (setting `points.adjustment_approval_above`) nothing is recorded yet: the
/// answer is 202 with a proposal, which a second person approves or rejects.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/adjustments", operation_id = "adjust_points", tag = "staff",
    params(
        ("member_id" = MemberId, Path, description = "The member."),
        ("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters."),
    ),
    request_body = AdjustmentRequest,
    responses(
        (status = 201, description = "Recorded now.", body = OperationAnswer),
        (status = 200, description = "Recorded before (header `Idempotency-Replayed: true`).", body = OperationAnswer),
        (status = 202, description = "Proposed; a second person decides.", body = Proposal),
    )
)]
pub(super) async fn adjust_points(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    deadline: DeadlineAt,
    PathParams(member): PathParams<MemberId>,
    Body(request): Body<AdjustmentRequest>,
) -> Result<Response, Problem> {
    let hand = Hand { actor: request.actor, reason: request.reason };
    hand.check(&caller)?;
    let count = request.points.saturating_abs();
    let points = check_points(count, "/points")?;
    let funder = request.funder.as_deref().unwrap_or_default();
    let day = request.expires_on.map(|day| day.to_string()).unwrap_or_default();
    let asked = ["adjust", &member.to_string(), &request.points.to_string(), funder, &day];
    let deed = if request.points < 0 {
        Deed::Deduct { points }
    } else {
        let today = counter.chain.local(counter.clock.now(), None).day;
        if request.expires_on.is_some_and(|day| day < today) {
            return Err(Problem::new(&error::DAY_IS_PAST).pointer("/expires_on"));
        }
        let funder = check_funder(&counter, funder).await?;
        Deed::Give(Lot::new(request.expires_on.unwrap_or(NEVER), funder, points))
    };
    let command =
        Asking::of(&caller, key.as_str()).command(Some(Identity::Member(member)), deed, Some(hand), &asked);
    if count > counter.settings.adjustment_approval_above {
        if !counter.knows(member).await? {
            return Err(Problem::new(&error::MEMBER_UNKNOWN));
        }
        let row = propose::propose(&counter.recorder, &command, member).await;
        let proposal = Proposal::from(row.map_err(error::operation_refused)?);
        return Ok((StatusCode::ACCEPTED, Json(proposal)).into_response());
    }
    answered(&run_for(&counter, command, Named::Member(member), deadline).await?)
}

/// Read a proposed adjustment
///
/// With what became of it.
#[utoipa::path(
    get, path = "/v1/adjustments/{adjustment_id}", operation_id = "read_adjustment", tag = "staff",
    params(("adjustment_id" = JournalId, Path, description = "The proposal.")),
    responses((status = 200, description = "The proposal.", body = Proposal))
)]
pub(super) async fn read_adjustment(
    State(counter): State<Counter>,
    shown: Shown,
    PathParams(id): PathParams<JournalId>,
) -> Result<Json<Proposal>, Problem> {
    let row = proposals::read(&counter.database, id.as_uuid()).await.map_err(error::fault)?;
    let row = row.ok_or_else(|| Problem::new(&error::PROPOSAL_UNKNOWN))?;
    shown.member(row.member);
    Ok(Json(row.into()))
}

/// Approve an adjustment
///
/// By a second person; it is recorded at once, or refused and waits on.
#[utoipa::path(
    post, path = "/v1/adjustments/{adjustment_id}/approval", operation_id = "approve_adjustment", tag = "staff",
    params(("adjustment_id" = JournalId, Path, description = "The proposal.")),
    request_body = DecisionRequest,
    responses(
        (status = 201, description = "Recorded now.", body = OperationAnswer),
        (status = 200, description = "Approved before by the same person (header `Idempotency-Replayed: true`).", body = OperationAnswer),
    )
)]
pub(super) async fn approve_adjustment(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(id): PathParams<JournalId>,
    Body(request): Body<DecisionRequest>,
) -> Result<Response, Problem> {
    check_person(&caller, &request.actor, "/actor")?;
    let traceparent = TraceParent::of_span(&Span::current()).map(|parent| parent.to_text());
    let recorder = std::sync::Arc::clone(&counter.recorder);
    let approved = store::shielded(async move {
        propose::approve(&recorder, id.as_uuid(), &request.actor, traceparent.as_deref()).await
    });
    answered(&approved.await.map_err(not_decided)?)
}

/// Reject an adjustment
///
/// Nothing is recorded on the account.
#[utoipa::path(
    post, path = "/v1/adjustments/{adjustment_id}/rejection", operation_id = "reject_adjustment", tag = "staff",
    params(("adjustment_id" = JournalId, Path, description = "The proposal.")),
    request_body = DecisionRequest,
    responses((status = 200, description = "Rejected.", body = Proposal))
)]
pub(super) async fn reject_adjustment(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(id): PathParams<JournalId>,
    Body(request): Body<DecisionRequest>,
) -> Result<Json<Proposal>, Problem> {
    check_person(&caller, &request.actor, "/actor")?;
    let rejected = propose::reject(&counter.recorder, id.as_uuid(), &request.actor).await;
    Ok(Json(rejected.map_err(not_decided)?.into()))
}

fn not_decided(why: NotDecided) -> Problem {
    match why {
        NotDecided::Unknown => Problem::new(&error::PROPOSAL_UNKNOWN),
        NotDecided::Before => Problem::new(&error::PROPOSAL_DECIDED),
        NotDecided::SecondPersonNeeded => Problem::new(&error::SECOND_PERSON_NEEDED).pointer("/actor"),
        NotDecided::Refused(refusal) => error::operation_refused(refusal),
    }
}

/// Freeze an account
///
/// It goes on earning; nothing is spent, captured or passed on until it is opened again.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/account/freeze", operation_id = "freeze_account", tag = "staff",
    params(
        ("member_id" = MemberId, Path, description = "The member."),
        ("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters."),
    ),
    request_body = Hand,
    responses(
        (status = 201, description = "Frozen now.", body = OperationAnswer),
        (status = 200, description = "Frozen before with this key (header `Idempotency-Replayed: true`).", body = OperationAnswer),
    )
)]
pub(super) async fn freeze_account(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    deadline: DeadlineAt,
    PathParams(member): PathParams<MemberId>,
    Body(hand): Body<Hand>,
) -> Result<Response, Problem> {
    hand.check(&caller)?;
    let asking = Asking::of(&caller, key.as_str());
    by_hand(&counter, member, asking, Deed::State(AccountState::Frozen), (hand, "freeze"), deadline).await
}

/// Open a frozen account again
///
/// Everything is possible again.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/account/unfreeze", operation_id = "unfreeze_account", tag = "staff",
    params(
        ("member_id" = MemberId, Path, description = "The member."),
        ("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters."),
    ),
    request_body = Hand,
    responses(
        (status = 201, description = "Opened now.", body = OperationAnswer),
        (status = 200, description = "Opened before with this key (header `Idempotency-Replayed: true`).", body = OperationAnswer),
    )
)]
pub(super) async fn unfreeze_account(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    deadline: DeadlineAt,
    PathParams(member): PathParams<MemberId>,
    Body(hand): Body<Hand>,
) -> Result<Response, Problem> {
    hand.check(&caller)?;
    let asking = Asking::of(&caller, key.as_str());
    by_hand(&counter, member, asking, Deed::State(AccountState::Open), (hand, "unfreeze"), deadline).await
}

/// Close an account
///
/// For good: what is pending or held becomes free, all points are given up, and a debt that is left is forgiven at the expense
/// of the branch that the request names. The ledger stays.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/account/closure", operation_id = "close_account", tag = "staff",
    params(
        ("member_id" = MemberId, Path, description = "The member."),
        ("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters."),
    ),
    request_body = ClosureRequest,
    responses(
        (status = 201, description = "Closed now.", body = OperationAnswer),
        (status = 200, description = "Closed before with this key (header `Idempotency-Replayed: true`).", body = OperationAnswer),
    )
)]
pub(super) async fn close_account(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    deadline: DeadlineAt,
    PathParams(member): PathParams<MemberId>,
    Body(request): Body<ClosureRequest>,
) -> Result<Response, Problem> {
    let funder = check_funder(&counter, &request.funder).await?;
    let hand = Hand { actor: request.actor, reason: request.reason };
    hand.check(&caller)?;
    let asking = Asking::of(&caller, key.as_str());
    by_hand(&counter, member, asking, Deed::Close { funder }, (hand, "close"), deadline).await
}

async fn by_hand(
    counter: &Counter,
    member: MemberId,
    asking: Asking,
    deed: Deed,
    (hand, word): (Hand, &str),
    deadline: DeadlineAt,
) -> Result<Response, Problem> {
    let asked = [word, &member.to_string(), &format!("{deed:?}")];
    let command: Operate = asking.command(Some(Identity::Member(member)), deed, Some(hand), &asked);
    answered(&run_for(counter, command, Named::Member(member), deadline).await?)
}
