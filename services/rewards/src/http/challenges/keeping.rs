//! Challenges and contests as the chain keeps them.

use axum::{Json, extract::State};
use kernel::{ChallengeCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{Access, Body, Bound, PathParams, Problem, QueryParams, RouteSpec};

use crate::{
    commands::challenges::keep_challenges::{
        publish_challenge as publish, put_challenge as put, withdraw_challenge as withdraw,
    },
    domain::{challenge::ChallengeTerms, taking::Stage},
    error::{
        CHALLENGE_FIXED, CHALLENGE_INVALID, CHALLENGE_OVER, CHALLENGE_UNKNOWN, CURSOR_INVALID, DATABASE_BUSY,
        GIFT_BUDGET_TOO_SMALL, LIMIT_OUT_OF_RANGE, Missing, REWARD_UNKNOWN,
    },
    http::{Counter, pages, roles},
    queries::challenges::figures,
    store::challenges::{self, KeptChallenge},
};

pub(in crate::http) static PUT: RouteSpec =
    RouteSpec::put("/v1/challenges/{challenge}", "put_challenge", Access::Operator)
        .staff(Bound::Chain, roles::KEEPERS)
        .problems(&[
            &CHALLENGE_INVALID,
            &REWARD_UNKNOWN,
            &CHALLENGE_FIXED,
            &GIFT_BUDGET_TOO_SMALL,
            &DATABASE_BUSY,
        ]);
pub(in crate::http) static PUBLISH: RouteSpec =
    RouteSpec::post("/v1/challenges/{challenge}/publication", "publish_challenge", Access::Operator)
        .staff(Bound::Chain, roles::KEEPERS)
        .problems(&[&CHALLENGE_UNKNOWN, &CHALLENGE_OVER, &DATABASE_BUSY]);
pub(in crate::http) static WITHDRAW: RouteSpec =
    RouteSpec::post("/v1/challenges/{challenge}/withdrawal", "withdraw_challenge", Access::Operator)
        .staff(Bound::Chain, roles::KEEPERS)
        .problems(&[&CHALLENGE_UNKNOWN, &CHALLENGE_OVER, &DATABASE_BUSY]);
pub(in crate::http) static READ: RouteSpec =
    RouteSpec::get("/v1/challenges/{challenge}", "read_challenge", Access::Operator)
        .staff(Bound::Anywhere, roles::READERS)
        .problems(&[&CHALLENGE_UNKNOWN, &DATABASE_BUSY]);
pub(in crate::http) static LIST: RouteSpec =
    RouteSpec::get("/v1/challenges", "list_challenges", Access::Operator)
        .staff(Bound::Anywhere, roles::READERS)
        .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

/// A challenge or a contest as the chain keeps it.
#[derive(Serialize, ToSchema)]
#[schema(as = KeptChallenge)]
pub struct ChallengeKept {
    /// Its code.
    #[schema(value_type = String, example = "may-coffee")]
    pub challenge: ChallengeCode,
    /// `draft`, `scheduled`, `live`, `closing` (its days are over, and late purchases are heard of), `over`, `decided` (a contest) or
    /// `withdrawn`.
    #[schema(example = "live")]
    pub state: &'static str,
    /// What it says.
    pub terms: ChallengeTerms,
    /// When its first day begins.
    pub starts_at: Timestamp,
    /// When its last day ends.
    pub ends_at: Timestamp,
    /// Until when purchases of its days are heard of.
    pub closes_at: Timestamp,
    /// Of how many members something counts.
    pub participants: i64,
    /// How many reached the goal.
    pub reached: i64,
    /// How many were given something.
    pub given: i64,
    /// What that cost, in minor units, by the cost that the rewards' terms name now.
    pub cost: i64,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<Timestamp>,
    /// When it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<Timestamp>,
    /// When it was closed: a contest is decided then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
}

async fn view(counter: &Counter, kept: KeptChallenge) -> Result<ChallengeKept, Problem> {
    let found = figures(&counter.desk.database, &kept).await?;
    Ok(ChallengeKept {
        state: kept.state(counter.now()),
        starts_at: kept.starts_at(),
        ends_at: kept.ends_at(),
        closes_at: kept.closes_at(),
        participants: found.participants,
        reached: found.reached,
        given: found.given,
        cost: found.cost,
        published_at: kept.live_at,
        withdrawn_at: kept.withdrawn_at,
        decided_at: kept.decided_at,
        challenge: kept.code,
        terms: kept.terms,
    })
}

/// What was done with it.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChallengeStage {
    /// It is being written.
    Draft,
    /// It was published, whether its days are over or not.
    Live,
    /// It was withdrawn.
    Withdrawn,
}

/// Which challenges.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChallengesParams {
    /// Only drafts, only those that were published, or only those that were withdrawn.
    pub stage: Option<ChallengeStage>,
    /// How many, 1 to 200; 50 when it is not said.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A page of challenges and contests, by code.
#[derive(Serialize, ToSchema)]
pub struct ChallengePage {
    /// The challenges.
    pub challenges: Vec<ChallengeKept>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Writes a challenge or a contest down.
///
/// A draft is replaced. Of one that is published the texts may change, and how many are given; of one that is withdrawn nothing.
#[utoipa::path(
    put, path = "/v1/challenges/{challenge}", operation_id = "put_challenge", tag = "challenges",
    params(("challenge" = ChallengeCode, Path, description = "The challenge's code.")),
    request_body(content = ChallengeTerms, example = json!({
        "title": {"en": "Three coffees in May", "fa": "سه قهوه در اردیبهشت"}, "first_day": "2027-05-01", "last_day": "2027-05-31",
        "counts": {"of": "purchases", "category": "coffee", "minimum_amount": 100_000},
        "aim": {"type": "goal", "goal": 3, "reward": {"reward": "cake", "budget": 1000}},
    })),
    responses((status = 200, description = "The challenge as it is now.", body = ChallengeKept))
)]
pub(in crate::http) async fn put_challenge(
    State(counter): State<Counter>,
    PathParams(code): PathParams<ChallengeCode>,
    Body(terms): Body<ChallengeTerms>,
) -> Result<Json<ChallengeKept>, Problem> {
    if let Some(pointer) = terms.mistake() {
        return Err(Problem::new(&CHALLENGE_INVALID).pointer(pointer));
    }
    let desk = counter.desk.clone();
    let kept = store::shielded(async move { put(&desk, &code, &terms).await }).await?;
    view(&counter, kept).await.map(Json)
}

/// Publishes a challenge or a contest: from its first day on purchases count.
#[utoipa::path(
    post, path = "/v1/challenges/{challenge}/publication", operation_id = "publish_challenge", tag = "challenges",
    params(("challenge" = ChallengeCode, Path, description = "The challenge's code.")),
    responses((status = 200, description = "The challenge as it is now.", body = ChallengeKept))
)]
pub(in crate::http) async fn publish_challenge(
    State(counter): State<Counter>,
    PathParams(code): PathParams<ChallengeCode>,
) -> Result<Json<ChallengeKept>, Problem> {
    let desk = counter.desk.clone();
    let kept = store::shielded(async move { publish(&desk, &code).await }).await?;
    view(&counter, kept).await.map(Json)
}

/// Withdraws a challenge or a contest: nothing counts any more, and a contest is not decided.
///
/// What was given stays given. What is closed cannot be withdrawn.
#[utoipa::path(
    post, path = "/v1/challenges/{challenge}/withdrawal", operation_id = "withdraw_challenge", tag = "challenges",
    params(("challenge" = ChallengeCode, Path, description = "The challenge's code.")),
    responses((status = 200, description = "The challenge as it is now.", body = ChallengeKept))
)]
pub(in crate::http) async fn withdraw_challenge(
    State(counter): State<Counter>,
    PathParams(code): PathParams<ChallengeCode>,
) -> Result<Json<ChallengeKept>, Problem> {
    let desk = counter.desk.clone();
    let kept = store::shielded(async move { withdraw(&desk, &code).await }).await?;
    view(&counter, kept).await.map(Json)
}

/// Shows a challenge or a contest, and how many took part, reached the goal and were given something.
#[utoipa::path(
    get, path = "/v1/challenges/{challenge}", operation_id = "read_challenge", tag = "challenges",
    params(("challenge" = ChallengeCode, Path, description = "The challenge's code.")),
    responses((status = 200, description = "The challenge.", body = ChallengeKept))
)]
pub(in crate::http) async fn read_challenge(
    State(counter): State<Counter>,
    PathParams(code): PathParams<ChallengeCode>,
) -> Result<Json<ChallengeKept>, Problem> {
    let found = challenges::load(counter.desk.database.connection(), &code).await?;
    view(&counter, found.ok_or(Missing::Challenge)?).await.map(Json)
}

/// Lists challenges and contests, drafts and those that are over with them.
#[utoipa::path(
    get, path = "/v1/challenges", operation_id = "list_challenges", tag = "challenges",
    params(ChallengesParams),
    responses((status = 200, description = "A page of challenges.", body = ChallengePage))
)]
pub(in crate::http) async fn list_challenges(
    State(counter): State<Counter>,
    QueryParams(asked): QueryParams<ChallengesParams>,
) -> Result<Json<ChallengePage>, Problem> {
    let limit = pages::limit(asked.limit)?;
    let after: Option<ChallengeCode> = pages::after(asked.cursor.as_deref())?;
    let after = after.as_ref().map_or("", ChallengeCode::as_str);
    let stage = asked.stage.map(|stage| match stage {
        ChallengeStage::Draft => Stage::Draft,
        ChallengeStage::Live => Stage::Live,
        ChallengeStage::Withdrawn => Stage::Ended,
    });
    let mut found = challenges::list(counter.desk.database.connection(), (after, stage), limit + 1).await?;
    let next_cursor = pages::cut(&mut found, limit, |kept| kept.code.clone());
    let mut shown = Vec::with_capacity(found.len());
    for kept in found {
        shown.push(view(&counter, kept).await?);
    }
    Ok(Json(ChallengePage { challenges: shown, has_more: next_cursor.is_some(), next_cursor }))
}
