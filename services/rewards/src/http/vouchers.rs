//! Vouchers, for their members and for tills.

use axum::{
    Json,
    extract::State,
    http::{
        HeaderName,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
};
use kernel::{BranchCode, JournalId, MemberId, RewardCode, Timestamp, VoucherId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{
    Access, Body, Bound, Caller, Lane, PathParams, Problem, QueryParams, RouteSpec, Shown,
    symbol::{Symbology, svg},
};

use super::{
    Counter,
    members::Who,
    pages, roles,
    tills::{self, Named},
};
use crate::{
    commands::cancel_voucher::cancel_voucher as cancel,
    domain::{code::VoucherCode, reward::RewardKind, voucher::State as Standing},
    error::{
        CURSOR_INVALID, DATABASE_BUSY, Error, GUESSES_TOO_MANY, IDENTIFIER_INVALID, LIMIT_OUT_OF_RANGE,
        MEMBER_UNKNOWN, MEMBERSHIP_SILENT, Missing, VOUCHER_NOT_USABLE, VOUCHER_UNKNOWN,
    },
    store::{
        coupons, gifts, offers,
        vouchers::{self, Kept},
    },
};

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/vouchers", "list_vouchers", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::MEMBER_READERS)
        .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);
pub(super) static SYMBOL: RouteSpec =
    RouteSpec::get("/v1/vouchers/{voucher_id}/symbol", "draw_voucher", Access::Member)
        .owned_by_handler()
        .problems(&[&VOUCHER_UNKNOWN, &VOUCHER_NOT_USABLE, &DATABASE_BUSY]);
pub(super) static LOOK_UP: RouteSpec =
    RouteSpec::post("/v1/vouchers/lookup", "look_up_vouchers", Access::Till).lane(Lane::Till).problems(&[
        &VOUCHER_UNKNOWN,
        &MEMBER_UNKNOWN,
        &IDENTIFIER_INVALID,
        &GUESSES_TOO_MANY,
        &MEMBERSHIP_SILENT,
        &DATABASE_BUSY,
    ]);
pub(super) static CANCEL: RouteSpec =
    RouteSpec::post("/v1/vouchers/{voucher_id}/cancellation", "cancel_voucher", Access::Operator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .showing_members()
        .problems(&[&VOUCHER_UNKNOWN, &VOUCHER_NOT_USABLE, &DATABASE_BUSY]);

/// How many vouchers of a member a till is shown.
const AT_THE_TILL: u64 = 50;

/// A voucher.
#[derive(Serialize, ToSchema)]
pub struct VoucherView {
    /// Its id.
    pub voucher_id: VoucherId,
    /// Whose.
    pub member_id: MemberId,
    /// For which reward.
    #[schema(value_type = String, example = "coffee")]
    pub reward: RewardCode,
    /// What it is, as it was when it was redeemed.
    pub kind: RewardKind,
    /// What is paid besides when it is handed out, in minor units.
    pub money: i64,
    /// `issued`, `used`, `cancelled` or `expired`.
    #[schema(example = "issued")]
    pub state: &'static str,
    /// What it was worth: minor units of credit, 1 of what is used once.
    pub worth: i64,
    /// How much is neither used nor reserved.
    pub left: i64,
    /// Until when it can be used.
    pub valid_until: Timestamp,
    /// The branches where it can be used; empty for all of them.
    #[schema(value_type = Vec<String>)]
    pub branches: Vec<BranchCode>,
    /// Its code, in groups of four, or the partner's as it is; only its member is shown it, and only while it can be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "7F3K-9QRS-0W2M-5XB1")]
    pub code: Option<String>,
}

/// A page of vouchers, the latest first.
#[derive(Serialize, ToSchema)]
pub struct VoucherPage {
    /// The vouchers.
    pub vouchers: Vec<VoucherView>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Which vouchers a till asks about: one by its code, or those of a member or of a purchase that can be used there and now.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VoucherLookUp)]
pub enum LookUp {
    /// The code, as people type it.
    #[schema(example = "7F3K-9QRS-0W2M-5XB1")]
    Code(String),
    /// The member.
    Member(Who),
    /// The purchase, for what came with it by a rule.
    #[schema(value_type = String, format = "uuid")]
    Purchase(JournalId),
}

/// Vouchers that a till asked about.
#[derive(Serialize, ToSchema)]
pub struct VouchersFound {
    /// The vouchers.
    pub vouchers: Vec<VoucherView>,
}

/// Which vouchers.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VouchersParams {
    /// How many, 1 to 200; 50 when it is not said.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// How it is drawn.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SymbolParams {
    /// `qr` or `code128`; a QR code when it is not said.
    #[serde(default)]
    pub symbology: Symbology,
}

/// A voucher without its code.
pub(super) async fn view(counter: &Counter, kept: &Kept) -> Result<VoucherView, Problem> {
    let on = counter.desk.database.connection();
    let terms = offers::version(on, &kept.reward, kept.version).await?;
    let now = counter.now();
    Ok(VoucherView {
        voucher_id: kept.id,
        member_id: kept.member,
        reward: kept.reward.clone(),
        kind: terms.kind,
        money: kept.money,
        state: kept.voucher.stands(now).word(),
        worth: kept.voucher.worth,
        left: kept.voucher.left(now),
        valid_until: kept.voucher.valid_until,
        branches: kept.voucher.branches.clone(),
        code: None,
    })
}

/// The code of a voucher that can be used, as it was sealed.
async fn code_of(counter: &Counter, kept: &Kept) -> Result<Option<String>, Error> {
    if kept.voucher.stands(counter.now()) != Standing::Issued {
        return Ok(None);
    }
    let codes = &counter.desk.codes;
    match (&kept.sealed, kept.coupon) {
        (Some(sealed), _) => codes.open(kept.id.as_uuid(), sealed).map(Some),
        (None, Some(coupon)) => {
            let sealed = coupons::sealed(counter.desk.database.connection(), coupon).await?;
            sealed.map(|sealed| codes.open(coupon, &sealed)).transpose()
        }
        (None, None) => Ok(None),
    }
}

/// Lists a member's vouchers, the latest first.
///
/// The member is shown the codes of those that can be used; nobody else is.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/vouchers", operation_id = "list_vouchers", tag = "vouchers",
    params(("member_id" = MemberId, Path, description = "The member."), VouchersParams),
    responses((status = 200, description = "A page of vouchers.", body = VoucherPage))
)]
pub(super) async fn list_vouchers(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(member): PathParams<MemberId>,
    QueryParams(asked): QueryParams<VouchersParams>,
) -> Result<([(HeaderName, &'static str); 1], Json<VoucherPage>), Problem> {
    let limit = pages::limit(asked.limit)?;
    let before = pages::after(asked.cursor.as_deref())?;
    let on = counter.desk.database.connection();
    let mut found = vouchers::of_member(on, member, before, limit + 1).await?;
    let next_cursor = pages::cut(&mut found, limit, |kept| kept.id);
    let shows_codes = matches!(caller, Caller::Member { .. });
    let mut all = Vec::with_capacity(found.len());
    for kept in &found {
        let mut own = view(&counter, kept).await?;
        if shows_codes {
            let code = code_of(&counter, kept).await?;
            own.code = code.map(|code| VoucherCode::parse(&code).map_or(code, |own| own.grouped()));
        }
        all.push(own);
    }
    let page = VoucherPage { vouchers: all, has_more: next_cursor.is_some(), next_cursor };
    Ok(([(CACHE_CONTROL, "no-store")], Json(page)))
}

/// Draws the code of a voucher for a till's scanner, as SVG.
#[utoipa::path(
    get, path = "/v1/vouchers/{voucher_id}/symbol", operation_id = "draw_voucher", tag = "vouchers",
    params(("voucher_id" = VoucherId, Path, description = "The voucher."), SymbolParams),
    responses((status = 200, description = "The picture.", body = String, content_type = "image/svg+xml"))
)]
pub(super) async fn draw_voucher(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(id): PathParams<VoucherId>,
    QueryParams(asked): QueryParams<SymbolParams>,
) -> Result<([(HeaderName, &'static str); 2], String), Problem> {
    let found = vouchers::load(counter.desk.database.connection(), id).await?;
    let own = found.filter(|kept| kept.issued_at.is_some() && caller.owns(kept.member).is_ok());
    let kept = own.ok_or(Missing::Voucher)?;
    let state = kept.voucher.stands(counter.now()).word();
    let code = code_of(&counter, &kept)
        .await?
        .ok_or_else(|| Problem::new(&VOUCHER_NOT_USABLE).arg("state", state).extension("state", state))?;
    let picture = svg(&code, asked.symbology).map_err(Problem::fault)?;
    Ok(([(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, "no-store")], picture))
}

/// Looks vouchers up at the till: one by its code, or those of a member or of a purchase that can be used there and now.
///
/// Nothing is changed, and no code is shown. A till that is wrong about codes too often has to wait.
#[utoipa::path(
    post, path = "/v1/vouchers/lookup", operation_id = "look_up_vouchers", tag = "vouchers",
    request_body(content = LookUp, example = json!({"code": "7F3K-9QRS-0W2M-5XB1"})),
    responses((status = 200, description = "The vouchers.", body = VouchersFound))
)]
pub(super) async fn look_up_vouchers(
    State(counter): State<Counter>,
    caller: Caller,
    Body(asked): Body<LookUp>,
) -> Result<Json<VouchersFound>, Problem> {
    let on = counter.desk.database.connection();
    let till = tills::of(&caller)?;
    let found = match asked {
        LookUp::Code(code) => vec![tills::find(&counter, &till, &Named::Code(code)).await?],
        LookUp::Member(who) => {
            let member = who.find(&counter).await?;
            let mut all = vouchers::of_member(on, member, None, AT_THE_TILL).await?;
            let now = counter.now();
            all.retain(|kept| kept.voucher.may_take(1, &till.branch, now).is_ok());
            all
        }
        LookUp::Purchase(purchase) => {
            let mut all = Vec::new();
            for id in gifts::of_purchase(on, purchase).await?.iter().filter_map(|gift| gift.voucher) {
                all.extend(vouchers::load(on, id).await?);
            }
            let now = counter.now();
            all.retain(|kept| kept.voucher.may_take(1, &till.branch, now).is_ok());
            all
        }
    };
    let mut all = Vec::with_capacity(found.len());
    for kept in &found {
        all.push(view(&counter, kept).await?);
    }
    Ok(Json(VouchersFound { vouchers: all }))
}

/// Calls a voucher back: it cannot be used any more. The points stay redeemed.
#[utoipa::path(
    post, path = "/v1/vouchers/{voucher_id}/cancellation", operation_id = "cancel_voucher", tag = "vouchers",
    params(("voucher_id" = VoucherId, Path, description = "The voucher.")),
    responses((status = 200, description = "The voucher as it is now.", body = VoucherView))
)]
pub(super) async fn cancel_voucher(
    State(counter): State<Counter>,
    shown: Shown,
    PathParams(id): PathParams<VoucherId>,
) -> Result<Json<VoucherView>, Problem> {
    let (desk, traceparent) = (counter.desk.clone(), super::traceparent());
    let cancelled = store::shielded(async move { cancel(&desk, id, traceparent.as_deref()).await }).await?;
    shown.member(cancelled.member);
    view(&counter, &cancelled).await.map(Json)
}
