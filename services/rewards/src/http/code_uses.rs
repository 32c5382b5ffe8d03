//! Codes without members are used at tills: once, as a whole.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode},
    response::IntoResponse as _,
};
use kernel::{CodeBatchId, RewardCode, Timestamp, VoucherUseId};
use locale::digits;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Caller, IdempotencyKey, Lane, PathParams, Problem, Response, RouteSpec};

use super::{Counter, REPLAYED, asking, tills};
use crate::{
    commands::use_code::{CodeTaken, Usage, cancel_code_use as give_back, use_code as take},
    domain::{code::VoucherCode, reward::RewardKind},
    error::{
        DATABASE_BUSY, GUESSES_TOO_MANY, KEY_REUSED, Missing, RECEIPT_INVALID, USE_UNKNOWN,
        VOUCHER_ELSEWHERE, VOUCHER_NOT_USABLE, VOUCHER_UNKNOWN,
    },
    store::{bearer_codes, offers},
};

pub(super) static USE: RouteSpec =
    RouteSpec::post("/v1/code-uses", "use_code", Access::Till).lane(Lane::Till).keyed().problems(&[
        &VOUCHER_UNKNOWN,
        &VOUCHER_NOT_USABLE,
        &VOUCHER_ELSEWHERE,
        &RECEIPT_INVALID,
        &GUESSES_TOO_MANY,
        &KEY_REUSED,
        &DATABASE_BUSY,
    ]);
pub(super) static CANCEL: RouteSpec =
    RouteSpec::post("/v1/code-uses/{use_id}/cancellation", "cancel_code_use", Access::Till)
        .lane(Lane::Till)
        .problems(&[&USE_UNKNOWN, &DATABASE_BUSY]);

/// Which code, on which receipt.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeUseBody {
    /// The code, as people type it.
    #[schema(example = "7F3K-9QRS-0W2M-5XB1")]
    pub code: String,
    /// On which receipt: 1 to 64 characters.
    #[serde(default)]
    #[schema(example = "R-100245", min_length = 1, max_length = 64)]
    pub receipt: Option<String>,
}

/// A use of a code without a member.
#[derive(Serialize, ToSchema)]
pub struct CodeUseView {
    /// Its id.
    pub use_id: VoucherUseId,
    /// `used` or `cancelled`.
    #[schema(example = "used")]
    pub state: &'static str,
    /// The batch.
    pub batch_id: CodeBatchId,
    /// Which of its codes.
    pub number: i32,
    /// For which reward.
    #[schema(value_type = String, example = "coffee")]
    pub reward: RewardCode,
    /// What whoever has it gets: all of it, at once.
    pub kind: RewardKind,
    /// What is paid besides, in minor units.
    pub money: i64,
    /// When it was used.
    pub used_at: Timestamp,
}

async fn answered(counter: &Counter, taken: CodeTaken, fresh: StatusCode) -> Result<Response, Problem> {
    let on = counter.desk.database.connection();
    let terms = offers::version(on, &taken.batch.reward, taken.batch.version).await?;
    let view = CodeUseView {
        use_id: taken.used.id,
        state: if taken.used.cancelled_at.is_some() { "cancelled" } else { "used" },
        batch_id: taken.batch.id,
        number: taken.code.number,
        reward: taken.batch.reward,
        kind: terms.kind,
        money: terms.money,
        used_at: taken.used.at,
    };
    let status = if taken.replayed { StatusCode::OK } else { fresh };
    let mut response = (status, Json(view)).into_response();
    if taken.replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Uses a code without a member, such as one on a flyer: once, and all of it at once.
///
/// Codes of members' vouchers are used by `/v1/voucher-uses`. A till that is wrong about codes too often has to wait.
#[utoipa::path(
    post, path = "/v1/code-uses", operation_id = "use_code", tag = "code batches",
    params(("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters.")),
    request_body(content = CodeUseBody, example = json!({"code": "7F3K-9QRS-0W2M-5XB1", "receipt": "R-100245"})),
    responses(
        (status = 201, description = "Used now.", body = CodeUseView),
        (status = 200, description = "Used before with this key (header `Idempotency-Replayed: true`).", body = CodeUseView),
    )
)]
pub(super) async fn use_code(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    Body(body): Body<CodeUseBody>,
) -> Result<Response, Problem> {
    let till = tills::of(&caller)?;
    let fits =
        |text: &String| (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if body.receipt.as_ref().is_some_and(|text| !fits(text)) {
        return Err(Problem::new(&RECEIPT_INVALID).pointer("/receipt"));
    }
    tills::may_guess(&counter, &till).await?;
    // A slip that the check finds is no guess.
    let code = VoucherCode::parse(&digits::to_latin(&body.code)).ok_or(Missing::Voucher)?;
    let on = counter.desk.database.connection();
    let Some(found) = bearer_codes::behind(on, counter.desk.codes.hash(code.as_str())).await? else {
        tills::note_guess(&counter, &till).await?;
        return Err(Missing::Voucher.into());
    };
    let asked = ["use code".to_owned(), found.id.to_string(), body.receipt.clone().unwrap_or_default()];
    let usage = Usage {
        code: found.id,
        branch: till.branch,
        till: till.till,
        receipt: body.receipt,
        request: asking(&caller, key.as_str(), &[&asked[0], &asked[1], &asked[2]]),
        traceparent: super::traceparent(),
    };
    let desk = counter.desk.clone();
    let taken = store::shielded(async move { take(&desk, &usage).await }).await?;
    answered(&counter, taken, StatusCode::CREATED).await
}

/// Takes the use of a code back, at the branch that made it: the code can be used again. Again it changes nothing.
#[utoipa::path(
    post, path = "/v1/code-uses/{use_id}/cancellation", operation_id = "cancel_code_use", tag = "code batches",
    params(("use_id" = VoucherUseId, Path, description = "The use.")),
    responses((status = 200, description = "It is taken back.", body = CodeUseView))
)]
pub(super) async fn cancel_code_use(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(id): PathParams<VoucherUseId>,
) -> Result<Response, Problem> {
    let (till, desk, traceparent) = (tills::of(&caller)?, counter.desk.clone(), super::traceparent());
    let done = async move { give_back(&desk, id, &till.branch, traceparent.as_deref()).await };
    answered(&counter, store::shielded(done).await?, StatusCode::OK).await
}
