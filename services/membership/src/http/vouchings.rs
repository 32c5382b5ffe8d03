//! A code that a member tells at the till: there, and for some minutes, it vouches for them.

use axum::{Json, extract::State, http::StatusCode};
use kernel::{MemberId, Pii, SignInId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{
    Access, Body, Bound, Caller, DeadlineAt, Lane, MOST_PROOFS, PathParams, Problem, ProofFound,
    ProofQuestion, ProofQuestions, RouteSpec,
};

use super::{Counter, Private, private, reading, roles};
use crate::{
    commands::{confirm_code::Answered, vouch::vouch},
    domain::vouching::VouchedAt,
    error::{CODE_MALFORMED, CODE_SPENT, CODE_WRONG, DATABASE_BUSY},
    queries,
};

pub(super) static POST: RouteSpec =
    RouteSpec::post("/v1/members/{member_id}/vouchings", "vouch_for_member", Access::TillOrOperator)
        .staff(Bound::Anywhere, roles::COUNTER)
        .lane(Lane::Till)
        .body_limit(1024)
        .problems(&[&CODE_MALFORMED, &CODE_WRONG, &CODE_SPENT, &DATABASE_BUSY]);

pub(super) static ASK: RouteSpec = RouteSpec::post("/internal/v1/proofs", "check_proofs", Access::Services)
    .lane(Lane::Till)
    .body_limit(128 * 1024)
    .problems(&[&DATABASE_BUSY]);

/// The code that the member was sent and tells at the till.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VouchingBody {
    /// What the asking for the code was answered with.
    pub sign_in_id: SignInId,
    /// The six digits; Persian and Arabic digits are read.
    #[schema(value_type = String, example = "۰۴۲۷۱۹")]
    pub code: Pii<String>,
}

/// A code that vouches.
#[derive(Serialize, ToSchema)]
pub struct VouchingView {
    /// For whom.
    pub member_id: MemberId,
    /// Until when it vouches for them at this till.
    pub until: Timestamp,
}

fn counter_of(caller: Caller) -> VouchedAt {
    match caller {
        Caller::Till { branch, till, .. } => VouchedAt::Till { branch, till },
        Caller::Staff { staff, .. } => VouchedAt::Staff(staff),
        _ => VouchedAt::Operator,
    }
}

/// Vouches for a member with the code that they tell at the till.
///
/// Ask for the code as for signing in, with the member's own phone; the customer reads it out. It confirms their phone, and for some
/// minutes (`membership.vouching_s`) points may be spent for them by the till, or the person, that sent it, where the programme asks
/// for a fresh code. It signs nobody in.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/vouchings", operation_id = "vouch_for_member", tag = "sign-in",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    request_body = VouchingBody,
    responses((status = 201, description = "The code vouches for the member at this till.", body = VouchingView))
)]
pub(super) async fn vouch_for_member(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(member_id): PathParams<MemberId>,
    deadline: DeadlineAt,
    Body(body): Body<VouchingBody>,
) -> Result<(StatusCode, Private<VouchingView>), Problem> {
    let answered = Answered { sign_in: body.sign_in_id, code: reading::code(body.code.expose(), "/code")? };
    deadline.check()?;
    let until = vouch(counter.desk(), member_id, &counter_of(caller), &answered).await?;
    Ok((StatusCode::CREATED, private(VouchingView { member_id, until })))
}

pub(super) async fn check_proofs(
    State(counter): State<Counter>,
    Body(questions): Body<ProofQuestions>,
) -> Result<Json<Vec<Option<ProofFound>>>, Problem> {
    let asked: Vec<(MemberId, VouchedAt)> = questions
        .asked
        .into_iter()
        .take(MOST_PROOFS)
        .map(|ProofQuestion { member_id, place }| {
            let at = match (place.branch, place.till, place.staff_id) {
                (Some(branch), Some(till), _) => VouchedAt::Till { branch, till },
                (_, _, Some(staff)) => VouchedAt::Staff(staff),
                _ => VouchedAt::Operator,
            };
            (member_id, at)
        })
        .collect();
    let desk = counter.desk();
    let found = queries::proof::proofs(&desk.vault, &asked, desk.clock.now()).await?;
    let said = |proof: queries::proof::Proof| ProofFound {
        phone_confirmed: proof.phone_confirmed,
        vouched_until: proof.vouched_until,
    };
    Ok(Json(found.into_iter().map(|proof| proof.map(said)).collect()))
}
