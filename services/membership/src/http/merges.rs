//! Two memberships of one person: what would become of them, asking, proving it, and a second look.

use axum::{extract::State, http::StatusCode};
use kernel::{MemberId, MergeId};
use web::{Access, Body, Bound, Caller, DeadlineAt, PathParams, Problem, RouteSpec, Shown};

use super::{
    Counter, Private,
    merge_views::{
        MergeBody, MergeList, MergePreview, MergeProofBody, MergeReasonWord, MergeView, code_of, half, view,
    },
    private, reading, roles,
};
use crate::{
    commands::propose_merge::{self, AskedMerge, approve_merge, withdraw_merge},
    domain::merging::{MergeReason, Side},
    error::{
        CODE_MALFORMED, CODE_SPENT, CODE_WRONG, CODES_EXHAUSTED, CODES_TOO_MANY, CONTENDED, DATABASE_BUSY,
        IDENTIFIER_UNKNOWN, MEMBER_MERGED, MEMBER_UNKNOWN, MERGE_HEADS, MERGE_OVER, MERGE_PHONE_CHANGING,
        MERGE_PLANS, MERGE_SAME, MERGE_UNKNOWN, SECOND_PERSON_NEEDED,
    },
    queries::merges::{Preview, merges_of, preview},
};

pub(super) static PREVIEW: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/merge-previews/{absorbed_id}", "preview_merge", Access::Operator)
        .staff(Bound::Anywhere, roles::SUPPORT_READERS)
        .showing_members()
        .problems(&[&MEMBER_UNKNOWN, &MEMBER_MERGED, &MERGE_SAME, &DATABASE_BUSY]);

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/merges", "list_merges", Access::Operator)
        .staff(Bound::Anywhere, roles::PHONE_READERS)
        .problems(&[&DATABASE_BUSY]);

pub(super) static REQUEST: RouteSpec =
    RouteSpec::post("/v1/members/{member_id}/merges", "request_merge", Access::Operator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .body_limit(1024)
        .problems(&[
            &MEMBER_UNKNOWN,
            &IDENTIFIER_UNKNOWN,
            &MEMBER_MERGED,
            &MERGE_SAME,
            &MERGE_PHONE_CHANGING,
            &MERGE_PLANS,
            &MERGE_HEADS,
            &CODES_TOO_MANY,
            &CODES_EXHAUSTED,
            &DATABASE_BUSY,
        ]);

pub(super) static CONFIRM: RouteSpec = RouteSpec::post(
    "/v1/members/{member_id}/merges/{merge_id}/confirmation",
    "confirm_merge",
    Access::Operator,
)
.staff(Bound::Anywhere, roles::SUPPORT)
.body_limit(1024)
.problems(&[
    &MEMBER_UNKNOWN,
    &MERGE_UNKNOWN,
    &MEMBER_MERGED,
    &CODE_MALFORMED,
    &CODE_WRONG,
    &CODE_SPENT,
    &MERGE_PHONE_CHANGING,
    &MERGE_PLANS,
    &MERGE_HEADS,
    &CONTENDED,
    &DATABASE_BUSY,
]);

pub(super) static APPROVE: RouteSpec =
    RouteSpec::post("/v1/members/{member_id}/merges/{merge_id}/approval", "approve_merge", Access::Operator)
        .staff(Bound::Chain, roles::SECOND_LOOK)
        .problems(&[
            &MEMBER_UNKNOWN,
            &MERGE_UNKNOWN,
            &MEMBER_MERGED,
            &MERGE_OVER,
            &SECOND_PERSON_NEEDED,
            &MERGE_PHONE_CHANGING,
            &MERGE_PLANS,
            &MERGE_HEADS,
            &CONTENDED,
            &DATABASE_BUSY,
        ]);

pub(super) static WITHDRAW: RouteSpec =
    RouteSpec::delete("/v1/members/{member_id}/merges/{merge_id}", "withdraw_merge", Access::Operator)
        .staff(Bound::Anywhere, roles::PHONE_HANDS)
        .problems(&[&MEMBER_UNKNOWN, &MERGE_UNKNOWN, &MEMBER_MERGED, &MERGE_OVER, &DATABASE_BUSY]);

/// Who asks, as records name them: staff by their own id.
fn asking(caller: &Caller) -> String {
    match caller {
        Caller::Staff { staff, .. } => staff.to_string(),
        _ => caller.word().to_owned(),
    }
}

/// Shows what would become of two memberships.
///
/// Nothing is changed. Look before you ask for the codes; what both have of points is asked from points.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/merge-previews/{absorbed_id}", operation_id = "preview_merge", tag = "merges",
    params(
        ("member_id" = MemberId, Path, description = "The member who stays."),
        ("absorbed_id" = MemberId, Path, description = "The member whose membership goes into it."),
    ),
    responses((status = 200, description = "Both, and what becomes of them.", body = MergePreview))
)]
pub(super) async fn preview_merge(
    State(counter): State<Counter>,
    shown: Shown,
    PathParams((member_id, absorbed_id)): PathParams<(MemberId, MemberId)>,
) -> Result<Private<MergePreview>, Problem> {
    let desk = counter.desk();
    shown.members([member_id, absorbed_id]);
    let now = (desk.clock.now(), counter.today());
    let Preview { survivor, absorbed, answers_taken, answers_dropped, consents_ended, refusal } =
        preview(&desk.vault, [member_id, absorbed_id], now).await?;
    Ok(private(MergePreview {
        survivor: half(survivor),
        absorbed: half(absorbed),
        answers_taken,
        answers_dropped,
        consents_ended,
        stands_against: refusal.map(|refusal| code_of(refusal).code),
    }))
}

/// Lists the merges that a member is a part of, also under an id that leads to another member since.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/merges", operation_id = "list_merges", tag = "merges",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses((status = 200, description = "The merges.", body = MergeList))
)]
pub(super) async fn list_merges(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<Private<MergeList>, Problem> {
    let (desk, now) = (counter.desk(), counter.desk().clock.now());
    let merges = merges_of(&desk.vault, member_id).await?;
    Ok(private(MergeList { merges: merges.iter().map(|merge| view(merge, now)).collect() }))
}

/// Asks for two memberships to become one: a code goes to the phone of each.
///
/// Where one phone is lost (`lost_phone`), only the other one gets a code, the lost one gets word, and a second person approves. What
/// was asked for before into the same member and waits is given up.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/merges", operation_id = "request_merge", tag = "merges",
    params(("member_id" = MemberId, Path, description = "The member who stays.")),
    request_body = MergeBody,
    responses((status = 202, description = "Codes are on their way.", body = MergeView))
)]
pub(super) async fn request_merge(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(member_id): PathParams<MemberId>,
    deadline: DeadlineAt,
    Body(body): Body<MergeBody>,
) -> Result<(StatusCode, Private<MergeView>), Problem> {
    deadline.check()?;
    let reason = match body.reason {
        MergeReasonWord::JoinedTwice => MergeReason::JoinedTwice,
        MergeReasonWord::PhoneOfOther => MergeReason::PhoneOfOther,
        MergeReasonWord::CardApart => MergeReason::CardApart,
    };
    let asked = AskedMerge {
        survivor: member_id,
        absorbed: body.absorbed,
        reason,
        lost: body.lost_phone.map(Side::from),
        asked_by: asking(&caller),
    };
    let merge = propose_merge::propose_merge(counter.desk(), asked, counter.today()).await?;
    Ok((StatusCode::ACCEPTED, private(view(&merge, merge.asked_at))))
}

/// Shows, by the code that came to it, that one of the phones is at hand.
///
/// With the last code the two become one: everything leads to the member of the path, the other one's sessions end, and their id leads
/// there for good. Where a phone is lost the merge waits up to three days for a second person.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/merges/{merge_id}/confirmation", operation_id = "confirm_merge", tag = "merges",
    params(
        ("member_id" = MemberId, Path, description = "The member who stays."),
        ("merge_id" = MergeId, Path, description = "The merge's id."),
    ),
    request_body = MergeProofBody,
    responses((status = 200, description = "The merge, done or waiting for more.", body = MergeView))
)]
pub(super) async fn confirm_merge(
    State(counter): State<Counter>,
    PathParams((member_id, merge_id)): PathParams<(MemberId, MergeId)>,
    deadline: DeadlineAt,
    Body(body): Body<MergeProofBody>,
) -> Result<Private<MergeView>, Problem> {
    let code = reading::code(body.code.expose(), "/code")?;
    deadline.check()?;
    let (desk, today) = (counter.desk(), counter.today());
    let proof = (body.side.into(), &code);
    let merge = propose_merge::confirm_merge(desk, (member_id, merge_id), proof, today).await?;
    Ok(private(view(&merge, desk.clock.now())))
}

/// Approves a merge that another person of the back office asked for, where one phone is lost.
///
/// The lost phone rests, and until the guard is over the member passes no points on and spends few.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/merges/{merge_id}/approval", operation_id = "approve_merge", tag = "merges",
    params(
        ("member_id" = MemberId, Path, description = "The member who stays."),
        ("merge_id" = MergeId, Path, description = "The merge's id."),
    ),
    responses((status = 200, description = "The two are one.", body = MergeView))
)]
pub(super) async fn second_look_merge(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams((member_id, merge_id)): PathParams<(MemberId, MergeId)>,
    deadline: DeadlineAt,
) -> Result<Private<MergeView>, Problem> {
    deadline.check()?;
    let (desk, today) = (counter.desk(), counter.today());
    let merge = approve_merge(desk, (member_id, merge_id), asking(&caller), today).await?;
    Ok(private(view(&merge, desk.clock.now())))
}

/// Gives up a merge that waits for its codes or for a second person.
#[utoipa::path(
    delete, path = "/v1/members/{member_id}/merges/{merge_id}", operation_id = "withdraw_merge", tag = "merges",
    params(
        ("member_id" = MemberId, Path, description = "The member who stays."),
        ("merge_id" = MergeId, Path, description = "The merge's id."),
    ),
    responses((status = 204, description = "It is given up."))
)]
pub(super) async fn end_merge(
    State(counter): State<Counter>,
    PathParams((member_id, merge_id)): PathParams<(MemberId, MergeId)>,
) -> Result<StatusCode, Problem> {
    withdraw_merge(counter.desk(), (member_id, merge_id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
