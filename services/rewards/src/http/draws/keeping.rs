//! Draws as the chain keeps them.

use axum::{Json, extract::State};
use kernel::DrawCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{Access, Body, Bound, Caller, PathParams, Problem, QueryParams, RouteSpec};

use super::{KeptDraw, actor, kept};
use crate::{
    commands::draws::{cancel_draws, keep_draws},
    domain::draw::DrawTerms,
    error::{
        CURSOR_INVALID, DATABASE_BUSY, DRAW_OVER, DRAW_PUBLISHED, DRAW_TERMS_INVALID, DRAW_UNKNOWN,
        LIMIT_OUT_OF_RANGE, Missing, REASON_MISSING, REWARD_UNKNOWN,
    },
    http::{Counter, pages, reasons::reason, roles},
    store::draws,
};

pub(in crate::http) static PUT: RouteSpec = RouteSpec::put("/v1/draws/{draw}", "put_draw", Access::Operator)
    .staff(Bound::Chain, roles::KEEPERS)
    .problems(&[&DRAW_TERMS_INVALID, &DRAW_PUBLISHED, &DATABASE_BUSY]);
pub(in crate::http) static PUBLISH: RouteSpec =
    RouteSpec::post("/v1/draws/{draw}/publication", "publish_draw", Access::Operator)
        .staff(Bound::Chain, roles::KEEPERS)
        .problems(&[&DRAW_UNKNOWN, &REWARD_UNKNOWN, &DRAW_OVER, &DATABASE_BUSY]);
pub(in crate::http) static CANCEL: RouteSpec =
    RouteSpec::post("/v1/draws/{draw}/cancellation", "cancel_draw", Access::Operator)
        .staff(Bound::Chain, roles::KEEPERS)
        .body_limit(8 * 1024)
        .problems(&[&DRAW_UNKNOWN, &DRAW_OVER, &REASON_MISSING, &DATABASE_BUSY]);
pub(in crate::http) static READ: RouteSpec =
    RouteSpec::get("/v1/draws/{draw}", "read_draw", Access::Operator)
        .staff(Bound::Anywhere, roles::READERS)
        .problems(&[&DRAW_UNKNOWN, &DATABASE_BUSY]);
pub(in crate::http) static LIST: RouteSpec = RouteSpec::get("/v1/draws", "list_draws", Access::Operator)
    .staff(Bound::Anywhere, roles::READERS)
    .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

/// Why a draw is cancelled.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawCancellationBody {
    /// Why: 1 to 500 characters. Everybody reads it, for good; it names nobody.
    #[schema(min_length = 1, max_length = 500, example = "The sponsor withdrew the prize.")]
    pub reason: String,
}

/// Which draws.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DrawsParams {
    /// How many, 1 to 200; 50 when it is not said.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A draw in a list.
#[derive(Serialize, ToSchema)]
pub struct ListedDraw {
    /// Its code.
    #[schema(value_type = String, example = "new-year")]
    pub draw: DrawCode,
    /// `draft`, `published`, `closed`, `settled` or `cancelled`.
    #[schema(example = "published")]
    pub state: &'static str,
    /// Its terms.
    pub terms: DrawTerms,
}

/// A page of draws, by code.
#[derive(Serialize, ToSchema)]
pub struct DrawPage {
    /// The draws.
    pub draws: Vec<ListedDraw>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Writes a draft of a draw down, in the place of the one before.
#[utoipa::path(
    put, path = "/v1/draws/{draw}", operation_id = "put_draw", tag = "draws",
    params(("draw" = DrawCode, Path, description = "The draw's code.")),
    request_body(content = DrawTerms, example = json!({
        "title": {"en": "New Year", "fa": "نوروز"}, "opens_at": "2027-03-01T00:00:00Z", "closes_at": "2027-03-20T20:30:00Z",
        "prizes": [{"title": {"en": "A bicycle"}, "units": 2, "what": {"type": "handed_over"}}], "alternates": 10,
        "by_purchase": {"minimum": 5_000_000, "tickets": 1}, "entropy_source": "drand quicknet, round 21000000", "claim_days": 30,
    })),
    responses((status = 200, description = "The draft as it is now.", body = KeptDraw))
)]
pub(in crate::http) async fn put_draw(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(code): PathParams<DrawCode>,
    Body(terms): Body<DrawTerms>,
) -> Result<Json<KeptDraw>, Problem> {
    if let Some(pointer) = terms.mistake() {
        return Err(Problem::new(&DRAW_TERMS_INVALID).pointer(pointer));
    }
    let (desk, by) = (counter.desk.clone(), actor(&caller));
    let put = async move { keep_draws::put_draw(&desk, &code, &terms, &by).await };
    kept(&counter, store::shielded(put).await?).await.map(Json)
}

/// Publishes a draw: its terms are fixed, and it is committed to a seed.
///
/// Nothing of it can be changed afterwards, by nobody; it can be cancelled until it closes.
#[utoipa::path(
    post, path = "/v1/draws/{draw}/publication", operation_id = "publish_draw", tag = "draws",
    params(("draw" = DrawCode, Path, description = "The draw's code.")),
    responses((status = 200, description = "The draw as it is now.", body = KeptDraw))
)]
pub(in crate::http) async fn publish_draw(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(code): PathParams<DrawCode>,
) -> Result<Json<KeptDraw>, Problem> {
    let (desk, by) = (counter.desk.clone(), actor(&caller));
    let publish = async move { keep_draws::publish_draw(&desk, &code, &by).await };
    kept(&counter, store::shielded(publish).await?).await.map(Json)
}

/// Cancels a published draw before its closing time; afterwards nobody can.
///
/// It takes no tickets from that moment on, nobody is ever drawn, and within moments, or minutes where it is large, points that were
/// redeemed for tickets come back. What was published of it stays, with the reason. Once more changes nothing.
#[utoipa::path(
    post, path = "/v1/draws/{draw}/cancellation", operation_id = "cancel_draw", tag = "draws",
    params(("draw" = DrawCode, Path, description = "The draw's code.")),
    request_body(content = DrawCancellationBody, example = json!({"reason": "The sponsor withdrew the prize."})),
    responses((status = 200, description = "The draw as it is now.", body = KeptDraw))
)]
pub(in crate::http) async fn cancel_draw(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(code): PathParams<DrawCode>,
    Body(body): Body<DrawCancellationBody>,
) -> Result<Json<KeptDraw>, Problem> {
    let (why, desk, by) = (reason(body.reason)?, counter.desk.clone(), actor(&caller));
    let cancel = async move { cancel_draws::cancel_draw(&desk, &code, (&by, &why)).await };
    kept(&counter, store::shielded(cancel).await?).await.map(Json)
}

/// Shows a draw, with its history and what became of its prizes.
#[utoipa::path(
    get, path = "/v1/draws/{draw}", operation_id = "read_draw", tag = "draws",
    params(("draw" = DrawCode, Path, description = "The draw's code.")),
    responses((status = 200, description = "The draw.", body = KeptDraw))
)]
pub(in crate::http) async fn read_draw(
    State(counter): State<Counter>,
    PathParams(code): PathParams<DrawCode>,
) -> Result<Json<KeptDraw>, Problem> {
    let found = draws::load(counter.desk.database.connection(), &code).await?;
    kept(&counter, found.ok_or(Missing::Draw)?).await.map(Json)
}

/// Lists draws, drafts with them.
#[utoipa::path(
    get, path = "/v1/draws", operation_id = "list_draws", tag = "draws",
    params(DrawsParams),
    responses((status = 200, description = "A page of draws.", body = DrawPage))
)]
pub(in crate::http) async fn list_draws(
    State(counter): State<Counter>,
    QueryParams(asked): QueryParams<DrawsParams>,
) -> Result<Json<DrawPage>, Problem> {
    let limit = pages::limit(asked.limit)?;
    let after: Option<DrawCode> = pages::after(asked.cursor.as_deref())?;
    let after = after.as_ref().map_or("", DrawCode::as_str);
    let mut found = draws::list(counter.desk.database.connection(), after, limit + 1).await?;
    let next_cursor = pages::cut(&mut found, limit, |draw| draw.code.clone());
    let listed =
        |draw: draws::Draw| ListedDraw { draw: draw.code, state: draw.state.word(), terms: draw.terms };
    Ok(Json(DrawPage {
        draws: found.into_iter().map(listed).collect(),
        has_more: next_cursor.is_some(),
        next_cursor,
    }))
}
