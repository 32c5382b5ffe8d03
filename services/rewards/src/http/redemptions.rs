//! Members redeem rewards: asked for, and answered when it is done, or came to nothing, or takes longer.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header::LOCATION},
    response::IntoResponse as _,
};
use kernel::{BranchCode, MemberId, Points, RedemptionId, RewardCode, Timestamp, VoucherId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{
    Access, Body, Bound, Caller, DeadlineAt, IdempotencyKey, Lane, PathParams, Problem, QueryParams,
    Response, RouteSpec, Shown,
};

use super::{
    Counter, REPLAYED, asking,
    catalogue::known,
    members::{self, Who},
    pages, roles,
};
use crate::{
    commands::{
        redeem::{Redeemed, Wish, asked_before, redeem as begin},
        redeem_together::Begin,
    },
    domain::{offer::Standing, redemption::State as Stage},
    error::{
        ACCOUNT_LOCKED, BALANCE_TOO_LOW, BRANCH_MISSING, BRANCH_UNKNOWN, CURSOR_INVALID, DATABASE_BUSY,
        DRAW_NOT_OPEN, IDENTIFIER_INVALID, KEY_REUSED, LIMIT_OUT_OF_RANGE, LIMIT_REACHED, MEMBER_MISNAMED,
        MEMBER_UNKNOWN, MEMBERSHIP_SILENT, Missing, NOT_OFFERED, NOT_REDEEMED, OUT_OF_STOCK, POINTS_SILENT,
        PROOF_MISSING, REDEMPTION_UNKNOWN, REWARD_UNKNOWN, silent,
    },
    store::{
        offers,
        redemptions::{self, Redemption},
    },
};

pub(super) static REDEEM: RouteSpec =
    RouteSpec::post("/v1/reward-redemptions", "redeem_reward", Access::MemberTillOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .owned_by_handler()
        .lane(Lane::Till)
        .body_limit(16 * 1024)
        .keyed()
        .problems(&[
            &REWARD_UNKNOWN,
            &MEMBER_MISNAMED,
            &MEMBER_UNKNOWN,
            &IDENTIFIER_INVALID,
            &BRANCH_UNKNOWN,
            &BRANCH_MISSING,
            &NOT_OFFERED,
            &DRAW_NOT_OPEN,
            &LIMIT_REACHED,
            &OUT_OF_STOCK,
            &BALANCE_TOO_LOW,
            &ACCOUNT_LOCKED,
            &PROOF_MISSING,
            &NOT_REDEEMED,
            &KEY_REUSED,
            &POINTS_SILENT,
            &MEMBERSHIP_SILENT,
            &DATABASE_BUSY,
        ]);
pub(super) static READ: RouteSpec = RouteSpec::get(
    "/v1/reward-redemptions/{redemption_id}",
    "read_reward_redemption",
    Access::MemberTillOrOperator,
)
.staff(Bound::Anywhere, roles::MEMBER_READERS)
.owned_by_handler()
.showing_members()
.lane(Lane::Till)
.problems(&[&REDEMPTION_UNKNOWN, &DATABASE_BUSY]);
pub(super) static LIST: RouteSpec = RouteSpec::get(
    "/v1/members/{member_id}/reward-redemptions",
    "list_reward_redemptions",
    Access::MemberOrOperator,
)
.staff(Bound::Anywhere, roles::MEMBER_READERS)
.problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

/// What is kept of the caller's deadline for the answer itself.
const FOR_THE_ANSWER: Duration = Duration::from_millis(150);

/// What a member wants.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedemptionBody {
    /// The reward's code.
    #[schema(value_type = String, example = "coffee")]
    pub reward: RewardCode,
    /// The member: named by tills and staff, left out by members.
    #[serde(default)]
    pub member: Option<Who>,
    /// Where the member wants it. A till is at its own branch.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "tehran-vanak")]
    pub branch: Option<BranchCode>,
}

/// A redemption.
#[derive(Serialize, ToSchema)]
pub struct RedemptionView {
    /// Its id; its hold has the same.
    pub redemption_id: RedemptionId,
    /// Whose.
    pub member_id: MemberId,
    /// What for.
    #[schema(value_type = String, example = "coffee")]
    pub reward: RewardCode,
    /// By which version of the reward's terms.
    pub version: i32,
    /// At which branch, where one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "tehran-vanak")]
    pub branch: Option<BranchCode>,
    /// What it costs.
    pub points: Points,
    /// What is paid besides when it is handed out, in minor units.
    pub money: i64,
    /// `requested`, `fulfilling` (somebody else delivers it), `fulfilled` (all under way), `completed` or `released` (it came to nothing); `cancelled` (its points are on
    /// their way back), `refunded` or `forfeited` (the account is closed) where it was given back.
    #[schema(example = "completed")]
    pub state: &'static str,
    /// Why it came to nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "balance_too_low")]
    pub reason: Option<String>,
    /// How many points there were too few.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<i64>,
    /// The voucher, once the member has it; absent for a reward that is given without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voucher_id: Option<VoucherId>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Until when the member may cancel it while nothing of it is used; absent where they may not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancellable_until: Option<Timestamp>,
}

/// Which redemptions.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RedemptionsParams {
    /// How many, 1 to 200; 50 when it is not said.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A page of redemptions, the latest first.
#[derive(Serialize, ToSchema)]
pub struct RedemptionPage {
    /// The redemptions.
    pub redemptions: Vec<RedemptionView>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl From<&Redemption> for RedemptionView {
    fn from(own: &Redemption) -> Self {
        Self {
            redemption_id: own.id,
            member_id: own.member,
            reward: own.reward.clone(),
            version: own.version,
            branch: own.branch.clone(),
            points: own.points,
            money: own.money,
            state: own.state.word(),
            reason: own.reason.clone(),
            missing: own.missing,
            voucher_id: own.voucher,
            requested_at: own.requested_at,
            ended_at: own.ended_at,
            cancellable_until: own.cancel_by.filter(|_| !own.state.is_undone()),
        }
    }
}

/// Redeems a reward.
///
/// One is reserved and points are set aside; it is done within moments, and answered with 201. Where it takes longer than the chain
/// lets a request wait, the answer is 202 with the address (`Location`) at which its end is read. The same request again, by its
/// key, gets the same redemption. What came to nothing is a problem that says why, and nothing is taken.
#[utoipa::path(
    post, path = "/v1/reward-redemptions", operation_id = "redeem_reward", tag = "redemptions",
    params(("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters.")),
    request_body(content = RedemptionBody, example = json!({"reward": "coffee", "member": {"phone": "+989121234567"}})),
    responses(
        (status = 201, description = "Done.", body = RedemptionView),
        (status = 200, description = "Done before with this key (header `Idempotency-Replayed: true`).", body = RedemptionView),
        (status = 202, description = "Under way; its end is read at `Location`.", body = RedemptionView),
    )
)]
pub(super) async fn redeem_reward(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    deadline: DeadlineAt,
    Body(body): Body<RedemptionBody>,
) -> Result<Response, Problem> {
    let member = members::meant(&counter, &caller, body.member.as_ref()).await?;
    let branch = match (&caller, body.branch) {
        (Caller::Till { branch, .. }, None) => Some(branch.clone()),
        (Caller::Till { branch, .. }, Some(named)) if named != *branch => {
            return Err(Problem::new(&BRANCH_UNKNOWN).pointer("/branch"));
        }
        (Caller::Till { .. }, named) | (_, named @ None) => named,
        (_, Some(named)) => Some(known(&counter, named).await?.branch),
    };
    let at = branch.as_ref().map_or("", BranchCode::as_str);
    let (member_text, reward_text) = (member.to_string(), body.reward.to_string());
    let request = asking(&caller, key.as_str(), &["redeem", &member_text, &reward_text, at]);
    let shown = members::shown(&counter, &caller, member).await?;
    let (standing, traceparent) = (None, super::traceparent());
    let wish =
        Wish { member, reward: body.reward, branch, standing, shown, seat: None, request, traceparent };
    let redeemed = match begun_together(&counter, &wish, deadline).await {
        Some(begun) => begun?,
        None => begun_alone(&counter, wish).await?,
    };
    let ended = await_end(&counter, redeemed.redemption, deadline).await?;
    answered(&ended, redeemed.replayed)
}

/// Begins with others; nothing where it is to begin alone, or nobody knows.
async fn begun_together(counter: &Counter, wish: &Wish, deadline: DeadlineAt) -> Begin {
    let waiting = counter.beginnings.take(&wish.member, wish.clone()).ok()?;
    // Whoever asks again, by the same key, finds out what became of it.
    tokio::time::timeout_at(deadline.0.into(), waiting).await.ok()?.ok()?
}

async fn begun_alone(counter: &Counter, wish: Wish) -> Result<Redeemed, Problem> {
    if let Some(redemption) = asked_before(&counter.desk, wish.request).await? {
        return Ok(Redeemed { redemption, replayed: true });
    }
    let standing = standing_for(counter, &wish.reward, wish.member).await?;
    let (desk, wish) = (counter.desk.clone(), Wish { standing, ..wish });
    Ok(store::shielded(async move { begin(&desk, &wish).await }).await?)
}

/// Where the member stands, for a reward that is not for everybody.
async fn standing_for(
    counter: &Counter,
    reward: &RewardCode,
    member: MemberId,
) -> Result<Option<Standing>, Problem> {
    let found = offers::load(counter.desk.database.connection(), reward).await?;
    if !found.ok_or(Missing::Reward)?.terms.audience.asks_standing() {
        return Ok(None);
    }
    standing_of(counter, member).await.map(Some)
}

/// Where a member stands, for what is not the same for everybody.
pub(super) async fn standing_of(counter: &Counter, member: MemberId) -> Result<Standing, Problem> {
    members::standing(counter, member).await.ok_or_else(|| silent(&POINTS_SILENT))
}

/// Waits until it is over, as long as a request may.
pub(super) async fn await_end(
    counter: &Counter,
    redemption: Redemption,
    deadline: DeadlineAt,
) -> Result<Redemption, Problem> {
    let left = counter.desk.settings.wait.min(deadline.left().saturating_sub(FOR_THE_ANSWER));
    if redemption.state.is_over() || left.is_zero() {
        return Ok(redemption);
    }
    if let Some(ended) = counter.lookout.end_of(redemption.id, left).await {
        return Ok(ended);
    }
    let found = redemptions::load(counter.desk.database.connection(), redemption.id).await?;
    Ok(found.ok_or(Missing::Redemption)?)
}

fn answered(redemption: &Redemption, replayed: bool) -> Result<Response, Problem> {
    let (status, view) = match redemption.state {
        Stage::Released => return Err(released(redemption)),
        // What is cancelled was done before.
        Stage::Completed | Stage::Cancelled | Stage::Refunded | Stage::Forfeited if replayed => {
            (StatusCode::OK, RedemptionView::from(redemption))
        }
        Stage::Completed | Stage::Cancelled | Stage::Refunded | Stage::Forfeited => {
            (StatusCode::CREATED, RedemptionView::from(redemption))
        }
        Stage::Requested | Stage::Fulfilling | Stage::Fulfilled => {
            (StatusCode::ACCEPTED, RedemptionView::from(redemption))
        }
    };
    let mut response = (status, Json(view)).into_response();
    if replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    if status == StatusCode::ACCEPTED {
        let place = HeaderValue::try_from(format!("/v1/reward-redemptions/{}", redemption.id));
        let place = place.map_err(|error| Problem::fault(error.into()))?;
        response.headers_mut().insert(LOCATION, place);
    }
    Ok(response)
}

/// What came to nothing, as a problem.
pub(super) fn released(redemption: &Redemption) -> Problem {
    let reason = redemption.reason.clone().unwrap_or_default();
    let problem = match reason.as_str() {
        "balance_too_low" => {
            let missing = redemption.missing.unwrap_or_default();
            Problem::new(&BALANCE_TOO_LOW).arg("missing", missing).extension("missing", missing)
        }
        "account_frozen" | "account_closed" | "account_guarded" => Problem::new(&ACCOUNT_LOCKED),
        "phone_unconfirmed" | "code_needed" => Problem::new(&PROOF_MISSING),
        _ => Problem::new(&NOT_REDEEMED),
    };
    problem.extension("reason", reason).extension("redemption_id", redemption.id.to_string())
}

/// Shows a redemption: where it stands, and why it came to nothing.
#[utoipa::path(
    get, path = "/v1/reward-redemptions/{redemption_id}", operation_id = "read_reward_redemption", tag = "redemptions",
    params(("redemption_id" = RedemptionId, Path, description = "The redemption.")),
    responses((status = 200, description = "The redemption.", body = RedemptionView))
)]
pub(super) async fn read_reward_redemption(
    State(counter): State<Counter>,
    caller: Caller,
    shown: Shown,
    PathParams(id): PathParams<RedemptionId>,
) -> Result<Json<RedemptionView>, Problem> {
    let found = redemptions::load(counter.desk.database.connection(), id).await?;
    // Another's is as unknown as one that never was.
    let own = found.filter(|found| caller.owns(found.member).is_ok()).ok_or(Missing::Redemption)?;
    shown.member(own.member);
    Ok(Json((&own).into()))
}

/// Lists a member's redemptions, the latest first.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/reward-redemptions", operation_id = "list_reward_redemptions", tag = "redemptions",
    params(("member_id" = MemberId, Path, description = "The member."), RedemptionsParams),
    responses((status = 200, description = "A page of redemptions.", body = RedemptionPage))
)]
pub(super) async fn list_reward_redemptions(
    State(counter): State<Counter>,
    PathParams(member): PathParams<MemberId>,
    QueryParams(asked): QueryParams<RedemptionsParams>,
) -> Result<Json<RedemptionPage>, Problem> {
    let limit = pages::limit(asked.limit)?;
    let before = pages::after(asked.cursor.as_deref())?;
    let on = counter.desk.database.connection();
    let mut found = redemptions::of_member(on, member, before, limit + 1).await?;
    let next_cursor = pages::cut(&mut found, limit, |own| own.id);
    Ok(Json(RedemptionPage {
        redemptions: found.iter().map(RedemptionView::from).collect(),
        has_more: next_cursor.is_some(),
        next_cursor,
    }))
}
