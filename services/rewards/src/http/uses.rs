//! Vouchers are used at tills: at once, or reserved first and confirmed with the receipt.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode},
    response::IntoResponse as _,
};
use kernel::{Timestamp, VoucherUseId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Caller, IdempotencyKey, Lane, PathParams, Problem, Response, RouteSpec};

use super::{
    Counter, REPLAYED, asking,
    tills::{self, Named},
    vouchers::{VoucherView, view},
};
use crate::{
    commands::{
        end_uses::{cancel_use as give_back, confirm_use as confirm},
        use_voucher::{Taken, Usage, use_voucher as take},
    },
    error::{
        AMOUNT_INVALID, DATABASE_BUSY, GUESSES_TOO_MANY, KEY_REUSED, RECEIPT_INVALID, RESERVATION_INVALID,
        USE_OVER, USE_UNKNOWN, VOUCHER_ELSEWHERE, VOUCHER_NOT_USABLE, VOUCHER_UNKNOWN,
    },
};

pub(super) static USE: RouteSpec =
    RouteSpec::post("/v1/voucher-uses", "use_voucher", Access::Till).lane(Lane::Till).keyed().problems(&[
        &VOUCHER_UNKNOWN,
        &VOUCHER_NOT_USABLE,
        &VOUCHER_ELSEWHERE,
        &AMOUNT_INVALID,
        &RESERVATION_INVALID,
        &RECEIPT_INVALID,
        &GUESSES_TOO_MANY,
        &KEY_REUSED,
        &DATABASE_BUSY,
    ]);
pub(super) static CONFIRM: RouteSpec =
    RouteSpec::post("/v1/voucher-uses/{use_id}/confirmation", "confirm_voucher_use", Access::Till)
        .lane(Lane::Till)
        .problems(&[&USE_UNKNOWN, &USE_OVER, &DATABASE_BUSY]);
pub(super) static CANCEL: RouteSpec =
    RouteSpec::post("/v1/voucher-uses/{use_id}/cancellation", "cancel_voucher_use", Access::Till)
        .lane(Lane::Till)
        .problems(&[&USE_UNKNOWN, &DATABASE_BUSY]);

/// The longest reservation.
const LONGEST_S: u32 = 3_600;

/// What a till wants.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UseBody {
    /// Which voucher.
    pub voucher: Named,
    /// How much of it: minor units of credit, 1 of what is used once; all that is left when it is not said.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub amount: Option<i64>,
    /// Only reserve it, for so many seconds: 1 to 3600. It is used by a confirmation, and free again without one.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3_600)]
    pub reserve_s: Option<u32>,
    /// On which receipt: 1 to 64 characters.
    #[serde(default)]
    #[schema(example = "R-100245", min_length = 1, max_length = 64)]
    pub receipt: Option<String>,
}

/// A use of a voucher.
#[derive(Serialize, ToSchema)]
pub struct UseView {
    /// Its id.
    pub use_id: VoucherUseId,
    /// `reserved`, `used` or `cancelled`.
    #[schema(example = "used")]
    pub state: &'static str,
    /// How much.
    pub amount: i64,
    /// Until when a reservation stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The voucher as it is now.
    pub voucher: VoucherView,
}

async fn answered(counter: &Counter, taken: Taken, fresh: StatusCode) -> Result<Response, Problem> {
    let voucher = view(counter, &taken.voucher).await?;
    let own = UseView {
        use_id: taken.own.own.id,
        state: taken.own.own.state.word(),
        amount: taken.own.own.amount,
        until: taken.own.own.until,
        voucher,
    };
    let status = if taken.replayed { StatusCode::OK } else { fresh };
    let mut response = (status, Json(own)).into_response();
    if taken.replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Uses a voucher at the till, or reserves it while the receipt is being finished.
///
/// By its code, or by its id out of a lookup by member. Of purchase credit a part can be used.
#[utoipa::path(
    post, path = "/v1/voucher-uses", operation_id = "use_voucher", tag = "vouchers",
    params(("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters.")),
    request_body(content = UseBody, example = json!({"voucher": {"code": "7F3K-9QRS-0W2M-5XB1"}, "receipt": "R-100245"})),
    responses(
        (status = 201, description = "Used or reserved now.", body = UseView),
        (status = 200, description = "Used or reserved before with this key (header `Idempotency-Replayed: true`).", body = UseView),
    )
)]
pub(super) async fn use_voucher(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    Body(body): Body<UseBody>,
) -> Result<Response, Problem> {
    let till = tills::of(&caller)?;
    if body.reserve_s.is_some_and(|seconds| !(1..=LONGEST_S).contains(&seconds)) {
        return Err(Problem::new(&RESERVATION_INVALID).pointer("/reserve_s"));
    }
    let fits =
        |text: &String| (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if body.receipt.as_ref().is_some_and(|text| !fits(text)) {
        return Err(Problem::new(&RECEIPT_INVALID).pointer("/receipt"));
    }
    let kept = tills::find(&counter, &till, &body.voucher).await?;
    let asked = [
        "use".to_owned(),
        kept.id.to_string(),
        body.amount.map(|amount| amount.to_string()).unwrap_or_default(),
        body.reserve_s.map(|seconds| seconds.to_string()).unwrap_or_default(),
        body.receipt.clone().unwrap_or_default(),
    ];
    let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    let usage = Usage {
        voucher: kept.id,
        amount: body.amount,
        reserve_s: body.reserve_s,
        branch: till.branch,
        till: till.till,
        receipt: body.receipt,
        request: asking(&caller, key.as_str(), &asked),
        traceparent: super::traceparent(),
    };
    let desk = counter.desk.clone();
    let taken = store::shielded(async move { take(&desk, &usage).await }).await?;
    answered(&counter, taken, StatusCode::CREATED).await
}

/// Makes a reservation a use, with the receipt. Again it changes nothing.
#[utoipa::path(
    post, path = "/v1/voucher-uses/{use_id}/confirmation", operation_id = "confirm_voucher_use", tag = "vouchers",
    params(("use_id" = VoucherUseId, Path, description = "The use.")),
    responses((status = 200, description = "It is used.", body = UseView))
)]
pub(super) async fn confirm_voucher_use(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(id): PathParams<VoucherUseId>,
) -> Result<Response, Problem> {
    let (till, desk, traceparent) = (tills::of(&caller)?, counter.desk.clone(), super::traceparent());
    let done = async move { confirm(&desk, id, &till.branch, traceparent.as_deref()).await };
    answered(&counter, store::shielded(done).await?, StatusCode::OK).await
}

/// Takes a use or a reservation back, at the branch where it was made. Again it changes nothing.
#[utoipa::path(
    post, path = "/v1/voucher-uses/{use_id}/cancellation", operation_id = "cancel_voucher_use", tag = "vouchers",
    params(("use_id" = VoucherUseId, Path, description = "The use.")),
    responses((status = 200, description = "It is taken back.", body = UseView))
)]
pub(super) async fn cancel_voucher_use(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(id): PathParams<VoucherUseId>,
) -> Result<Response, Problem> {
    let (till, desk, traceparent) = (tills::of(&caller)?, counter.desk.clone(), super::traceparent());
    let done = async move { give_back(&desk, id, &till.branch, traceparent.as_deref()).await };
    answered(&counter, store::shielded(done).await?, StatusCode::OK).await
}
