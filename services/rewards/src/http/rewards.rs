//! The catalogue as the chain keeps it.

use axum::{Json, extract::State};
use kernel::{BranchCode, RewardCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{Access, Body, Bound, PathParams, Problem, QueryParams, RouteSpec};

use super::{Counter, pages, roles, views::KeptReward};
use crate::{
    commands::{
        import_coupons::import_coupons as take_in,
        keep_catalogue::{put_reward as put, schedule_reward as schedule, set_stock as set},
    },
    domain::{
        offer::{Offer, Schedule},
        reward::Terms,
    },
    error::{
        BRANCH_UNKNOWN, COUPONS_INVALID, CURSOR_INVALID, DATABASE_BUSY, Error, KIND_CHANGED,
        LIMIT_OUT_OF_RANGE, Missing, NOT_POOLED, REWARD_UNKNOWN, SCHEDULE_INVALID, STOCK_IS_POOL,
        STOCK_TOO_SMALL, TERMS_INVALID, UNITS_INVALID,
    },
    store::{offers, places, stock},
};

pub(super) static PUT: RouteSpec = RouteSpec::put("/v1/rewards/{reward}", "put_reward", Access::Operator)
    .staff(Bound::Chain, roles::KEEPERS)
    .problems(&[&TERMS_INVALID, &KIND_CHANGED, &DATABASE_BUSY]);
pub(super) static READ: RouteSpec = RouteSpec::get("/v1/rewards/{reward}", "read_reward", Access::Operator)
    .staff(Bound::Anywhere, roles::READERS)
    .problems(&[&REWARD_UNKNOWN, &DATABASE_BUSY]);
pub(super) static LIST: RouteSpec = RouteSpec::get("/v1/rewards", "list_rewards", Access::Operator)
    .staff(Bound::Anywhere, roles::READERS)
    .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);
pub(super) static SCHEDULE: RouteSpec =
    RouteSpec::put("/v1/rewards/{reward}/schedule", "schedule_reward", Access::Operator)
        .staff(Bound::Chain, roles::KEEPERS)
        .problems(&[&REWARD_UNKNOWN, &SCHEDULE_INVALID, &DATABASE_BUSY]);
pub(super) static STOCK: RouteSpec =
    RouteSpec::put("/v1/rewards/{reward}/stock", "set_reward_stock", Access::Operator)
        .staff(Bound::Chain, roles::KEEPERS)
        .problems(&[
            &REWARD_UNKNOWN,
            &UNITS_INVALID,
            &BRANCH_UNKNOWN,
            &STOCK_TOO_SMALL,
            &STOCK_IS_POOL,
            &DATABASE_BUSY,
        ]);
pub(super) static COUPONS: RouteSpec =
    RouteSpec::post("/v1/rewards/{reward}/coupons", "import_coupons", Access::Operator)
        .staff(Bound::Chain, roles::KEEPERS)
        .body_limit(128 * 1024)
        .problems(&[&REWARD_UNKNOWN, &NOT_POOLED, &COUPONS_INVALID, &DATABASE_BUSY]);

/// The most units of a stock.
const MOST_UNITS: i64 = 1_000_000_000;
/// The most codes of one import.
const MOST_COUPONS: usize = 1_000;

/// From when until when a reward is offered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleBody {
    /// From then on; left out, it is a draft (again).
    #[serde(default)]
    pub live_from: Option<Timestamp>,
    /// Until then; left out, without an end.
    #[serde(default)]
    pub live_until: Option<Timestamp>,
}

/// How many there are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StockBody {
    /// At this branch; for the whole chain when it is left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "tehran-vanak")]
    pub branch: Option<BranchCode>,
    /// So many, all in all, those that were given with them: none to 1,000,000,000.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub units: i64,
}

/// Codes of a partner.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CouponsBody {
    /// 1 to 1000 codes; those that are in the pool already, or were, are passed over.
    #[schema(min_items = 1, max_items = 1_000, example = json!(["SUMMER-7F3K"]))]
    pub codes: Vec<String>,
}

/// How many codes were new.
#[derive(Serialize, ToSchema)]
pub struct CouponsTaken {
    /// So many.
    pub imported: i64,
}

/// Which rewards.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// How many, 1 to 200; 50 when it is not said.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A page of rewards, by code.
#[derive(Serialize, ToSchema)]
pub struct RewardPage {
    /// The rewards.
    pub rewards: Vec<KeptReward>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

async fn kept(counter: &Counter, offer: Offer) -> Result<KeptReward, Problem> {
    let stock = stock::of(counter.desk.database.connection(), &offer.code).await?;
    Ok(KeptReward::of(offer, stock, counter.now()))
}

/// Writes a reward down: a draft where the code is new, else the next version of its terms.
///
/// What was redeemed before stays as it was. The same terms again are no new version.
#[utoipa::path(
    put, path = "/v1/rewards/{reward}", operation_id = "put_reward", tag = "rewards",
    params(("reward" = RewardCode, Path, description = "The reward's code.")),
    request_body(content = Terms, example = json!({
        "name": {"en": "A coffee", "fa": "یک قهوه"}, "kind": {"type": "free_item", "sku": "coffee"},
        "points": 150, "voucher_days": 30, "limits": [{"most": 2, "per": "month"}],
    })),
    responses((status = 200, description = "The reward as it is now.", body = KeptReward))
)]
pub(super) async fn put_reward(
    State(counter): State<Counter>,
    PathParams(code): PathParams<RewardCode>,
    Body(terms): Body<Terms>,
) -> Result<Json<KeptReward>, Problem> {
    if let Some(pointer) = terms.mistake() {
        return Err(Problem::new(&TERMS_INVALID).pointer(pointer));
    }
    let desk = counter.desk.clone();
    let offer = store::shielded(async move { put(&desk, &code, &terms).await }).await?;
    kept(&counter, offer).await.map(Json)
}

/// Shows a reward.
#[utoipa::path(
    get, path = "/v1/rewards/{reward}", operation_id = "read_reward", tag = "rewards",
    params(("reward" = RewardCode, Path, description = "The reward's code.")),
    responses((status = 200, description = "The reward.", body = KeptReward))
)]
pub(super) async fn read_reward(
    State(counter): State<Counter>,
    PathParams(code): PathParams<RewardCode>,
) -> Result<Json<KeptReward>, Problem> {
    let found = offers::load(counter.desk.database.connection(), &code).await?;
    kept(&counter, found.ok_or(Missing::Reward)?).await.map(Json)
}

/// Lists rewards, drafts and those that are over with them.
#[utoipa::path(
    get, path = "/v1/rewards", operation_id = "list_rewards", tag = "rewards",
    params(ListParams),
    responses((status = 200, description = "A page of rewards.", body = RewardPage))
)]
pub(super) async fn list_rewards(
    State(counter): State<Counter>,
    QueryParams(asked): QueryParams<ListParams>,
) -> Result<Json<RewardPage>, Problem> {
    let limit = pages::limit(asked.limit)?;
    let after: Option<RewardCode> = pages::after(asked.cursor.as_deref())?;
    let after = after.as_ref().map_or("", RewardCode::as_str);
    let on = counter.desk.database.connection();
    let mut found = offers::list(on, None, None, after, limit + 1).await?;
    let next_cursor = pages::cut(&mut found, limit, |offer| offer.code.clone());
    let mut rewards = Vec::with_capacity(found.len());
    for offer in found {
        rewards.push(kept(&counter, offer).await?);
    }
    Ok(Json(RewardPage { rewards, has_more: next_cursor.is_some(), next_cursor }))
}

/// Says from when until when a reward is offered.
///
/// It is a draft without a beginning, and over with its end, by the time alone. Vouchers that were given stay good.
#[utoipa::path(
    put, path = "/v1/rewards/{reward}/schedule", operation_id = "schedule_reward", tag = "rewards",
    params(("reward" = RewardCode, Path, description = "The reward's code.")),
    request_body = ScheduleBody,
    responses((status = 200, description = "The reward as it is now.", body = KeptReward))
)]
pub(super) async fn schedule_reward(
    State(counter): State<Counter>,
    PathParams(code): PathParams<RewardCode>,
    Body(body): Body<ScheduleBody>,
) -> Result<Json<KeptReward>, Problem> {
    let ScheduleBody { live_from: from, live_until: until } = body;
    if until.is_some_and(|until| from.is_none_or(|from| until <= from)) {
        return Err(Problem::new(&SCHEDULE_INVALID).pointer("/live_until"));
    }
    let desk = counter.desk.clone();
    let offer = async move { schedule(&desk, &code, Schedule { from, until }).await };
    kept(&counter, store::shielded(offer).await?).await.map(Json)
}

/// Says how many of a reward there are, for the whole chain or at a branch.
///
/// All in all, with those that are reserved or given since a stock was said first. A reward of which nothing is said has no end.
#[utoipa::path(
    put, path = "/v1/rewards/{reward}/stock", operation_id = "set_reward_stock", tag = "rewards",
    params(("reward" = RewardCode, Path, description = "The reward's code.")),
    request_body = StockBody,
    responses((status = 200, description = "The reward as it is now.", body = KeptReward))
)]
pub(super) async fn set_reward_stock(
    State(counter): State<Counter>,
    PathParams(code): PathParams<RewardCode>,
    Body(body): Body<StockBody>,
) -> Result<Json<KeptReward>, Problem> {
    if !(0..=MOST_UNITS).contains(&body.units) {
        return Err(Problem::new(&UNITS_INVALID).pointer("/units"));
    }
    let on = counter.desk.database.connection();
    if let Some(branch) = &body.branch
        && places::region_of(on, branch).await?.is_none()
    {
        return Err(Problem::new(&BRANCH_UNKNOWN).pointer("/branch"));
    }
    let (desk, reward) = (counter.desk.clone(), code.clone());
    store::shielded(async move { set(&desk, &reward, body.branch.as_ref(), body.units).await }).await?;
    let found = offers::load(on, &code).await?;
    kept(&counter, found.ok_or(Missing::Reward)?).await.map(Json)
}

/// Takes codes of a partner into the pool of a reward.
///
/// They are sealed at once, and shown to nobody but the member who gets one. There are as many of the reward as codes were imported.
#[utoipa::path(
    post, path = "/v1/rewards/{reward}/coupons", operation_id = "import_coupons", tag = "rewards",
    params(("reward" = RewardCode, Path, description = "The reward's code.")),
    request_body = CouponsBody,
    responses((status = 200, description = "How many were new.", body = CouponsTaken))
)]
pub(super) async fn import_coupons(
    State(counter): State<Counter>,
    PathParams(code): PathParams<RewardCode>,
    Body(body): Body<CouponsBody>,
) -> Result<Json<CouponsTaken>, Problem> {
    let invalid = || Problem::new(&COUPONS_INVALID);
    if !(1..=MOST_COUPONS).contains(&body.codes.len()) {
        return Err(invalid().pointer("/codes"));
    }
    let fits =
        |code: &String| (1..=64).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_graphic());
    if let Some(wrong) = body.codes.iter().position(|code| !fits(code)) {
        return Err(invalid().pointer(format!("/codes/{wrong}")));
    }
    let desk = counter.desk.clone();
    let imported = store::shielded(async move { take_in(&desk, &code, &body.codes).await }).await;
    Ok(Json(CouponsTaken { imported: imported.map_err(|error: Error| Problem::from(error))? }))
}
