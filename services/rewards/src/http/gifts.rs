//! What a member was given.

use axum::{Json, extract::State};
use contracts::rewards::WhyGiven;
use kernel::{GiftId, JournalId, MemberId, RewardCode, Timestamp, VoucherId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{Access, Bound, PathParams, Problem, QueryParams, RouteSpec};

use super::{Counter, pages, roles};
use crate::{
    error::{CURSOR_INVALID, DATABASE_BUSY, LIMIT_OUT_OF_RANGE},
    store::gifts::{self, Gift},
};

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/gifts", "list_gifts", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::MEMBER_READERS)
        .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

/// A gift.
#[derive(Serialize, ToSchema)]
pub struct GiftView {
    /// Its id.
    pub gift_id: GiftId,
    /// What.
    #[schema(value_type = String, example = "cake")]
    pub reward: RewardCode,
    /// Why.
    pub why: WhyGiven,
    /// `due` (it comes in a moment), `given` or `ended` (it came to nothing).
    #[schema(example = "given")]
    pub state: &'static str,
    /// Why it came to nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "out_of_stock")]
    pub reason: Option<String>,
    /// Its voucher; absent for a reward that is given without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voucher_id: Option<VoucherId>,
    /// The purchase that brought it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purchase_id: Option<JournalId>,
    /// When its cause was told.
    pub caused_at: Timestamp,
}

/// Which gifts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GiftsParams {
    /// How many, 1 to 200; 50 when it is not said.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A page of gifts, the latest first.
#[derive(Serialize, ToSchema)]
pub struct GiftPage {
    /// The gifts.
    pub gifts: Vec<GiftView>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl From<Gift> for GiftView {
    fn from(gift: Gift) -> Self {
        Self {
            gift_id: gift.id,
            reward: gift.reward,
            why: gift.why,
            state: gift.state.word(),
            reason: gift.reason,
            voucher_id: gift.voucher,
            purchase_id: gift.purchase,
            caused_at: gift.caused_at,
        }
    }
}

/// Lists what a member was given without points, the latest first.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/gifts", operation_id = "list_gifts", tag = "gifts",
    params(("member_id" = MemberId, Path, description = "The member."), GiftsParams),
    responses((status = 200, description = "A page of gifts.", body = GiftPage))
)]
pub(super) async fn list_gifts(
    State(counter): State<Counter>,
    PathParams(member): PathParams<MemberId>,
    QueryParams(asked): QueryParams<GiftsParams>,
) -> Result<Json<GiftPage>, Problem> {
    let limit = pages::limit(asked.limit)?;
    let before = pages::after(asked.cursor.as_deref())?;
    let on = counter.desk.database.connection();
    let mut found = gifts::of_member(on, member, before, limit + 1).await?;
    let next_cursor = pages::cut(&mut found, limit, |gift| gift.id);
    Ok(Json(GiftPage {
        gifts: found.into_iter().map(GiftView::from).collect(),
        has_more: next_cursor.is_some(),
        next_cursor,
    }))
}
