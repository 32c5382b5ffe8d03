//! Codes without members, for campaigns: asked for, made in a job, given out once as a file, revoked.

use axum::{
    Json,
    extract::State,
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION},
    },
    response::IntoResponse as _,
};
use kernel::{BranchCode, CodeBatchId, RewardCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{
    Access, Body, Bound, Caller, IdempotencyKey, PathParams, Problem, QueryParams, Response, RouteSpec,
};

use super::{Counter, REPLAYED, asking, pages, reasons::reason, roles};
use crate::{
    commands::make_codes::{self, Wanted},
    domain::{
        code::VoucherCode,
        code_batch::{LONGEST_DAYS, MOST},
    },
    error::{
        BATCH_FETCHED, BATCH_INVALID, BATCH_UNKNOWN, BATCH_UNREADY, CODELESS, CURSOR_INVALID, DATABASE_BUSY,
        KEY_REUSED, LIMIT_OUT_OF_RANGE, Missing, REASON_MISSING, REWARD_UNKNOWN,
    },
    store::code_batches::{self as kept, Batch},
};

pub(super) static BEGIN: RouteSpec = RouteSpec::post("/v1/code-batches", "make_code_batch", Access::Operator)
    .staff(Bound::Chain, roles::KEEPERS)
    .keyed()
    .problems(&[&REWARD_UNKNOWN, &CODELESS, &BATCH_INVALID, &KEY_REUSED, &DATABASE_BUSY]);
pub(super) static READ: RouteSpec =
    RouteSpec::get("/v1/code-batches/{batch_id}", "read_code_batch", Access::Operator)
        .staff(Bound::Chain, roles::MONEY_READERS)
        .problems(&[&BATCH_UNKNOWN, &DATABASE_BUSY]);
pub(super) static LIST: RouteSpec = RouteSpec::get("/v1/code-batches", "list_code_batches", Access::Operator)
    .staff(Bound::Chain, roles::MONEY_READERS)
    .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);
pub(super) static FILE: RouteSpec =
    RouteSpec::post("/v1/code-batches/{batch_id}/file", "fetch_code_batch", Access::Operator)
        .staff(Bound::Chain, roles::KEEPERS)
        .keyed()
        .heavy()
        .problems(&[&BATCH_UNKNOWN, &BATCH_UNREADY, &BATCH_FETCHED, &DATABASE_BUSY]);
pub(super) static REVOKE: RouteSpec =
    RouteSpec::post("/v1/code-batches/{batch_id}/revocation", "revoke_code_batch", Access::Operator)
        .staff(Bound::Chain, roles::KEEPERS)
        .body_limit(8 * 1024)
        .problems(&[&BATCH_UNKNOWN, &REASON_MISSING, &DATABASE_BUSY]);

/// What is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchBody {
    /// The reward's code: any kind that has vouchers with codes of ours. It need not be offered to members.
    #[schema(value_type = String, example = "coffee")]
    pub reward: RewardCode,
    /// How many codes: 1 to 100,000.
    #[schema(minimum = 1, maximum = 100_000)]
    pub count: i32,
    /// Until when they are good: later than now, and 3650 days from now at most.
    pub valid_until: Timestamp,
}

/// Why a batch is revoked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevocationBody {
    /// Why: 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500, example = "The flyers were lost.")]
    pub reason: String,
}

/// Which batches.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BatchesParams {
    /// How many, 1 to 200; 50 when it is not said.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A batch of codes.
#[derive(Serialize, ToSchema)]
pub struct BatchView {
    /// Its id.
    pub batch_id: CodeBatchId,
    /// For which reward.
    #[schema(value_type = String, example = "coffee")]
    pub reward: RewardCode,
    /// By which version of its terms.
    pub version: i32,
    /// `making`, `made` or `revoked`.
    #[schema(example = "made")]
    pub state: &'static str,
    /// How many codes it shall have.
    pub count: i32,
    /// How many it has.
    pub made: i32,
    /// How many are used.
    pub used: i64,
    /// Until when its codes can be used.
    pub valid_until: Timestamp,
    /// The branches where they can be used; empty for all.
    #[schema(value_type = Vec<String>)]
    pub branches: Vec<BranchCode>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// By whom: `operator`, or the id of one of the staff.
    pub created_by: String,
    /// When all were made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_at: Option<Timestamp>,
    /// When its codes were given out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fetched_at: Option<Timestamp>,
    /// To whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fetched_by: Option<String>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_by: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_for: Option<String>,
}

/// A page of batches, the latest first.
#[derive(Serialize, ToSchema)]
pub struct BatchPage {
    /// The batches.
    pub batches: Vec<BatchView>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl From<Batch> for BatchView {
    fn from(own: Batch) -> Self {
        Self {
            batch_id: own.id,
            reward: own.reward,
            version: own.version,
            state: own.state.word(),
            count: own.wanted,
            made: own.made,
            used: own.used,
            valid_until: own.valid_until,
            branches: own.branches,
            created_at: own.created_at,
            created_by: own.created_by,
            made_at: own.made_at,
            fetched_at: own.fetched_at,
            fetched_by: own.fetched_by,
            revoked_at: own.revoked_at,
            revoked_by: own.revoked_by,
            revoked_for: own.revoked_for,
        }
    }
}

/// Begins a batch of codes without members: for flyers, mailings, partners.
///
/// They are made in the background; `GET` the batch for the progress. They are taken from no stock, and cost nobody points: whoever
/// has one uses it once, at a till.
#[utoipa::path(
    post, path = "/v1/code-batches", operation_id = "make_code_batch", tag = "code batches",
    params(("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters.")),
    request_body(content = BatchBody, example = json!({"reward": "coffee", "count": 1000, "valid_until": "2027-03-20T20:30:00Z"})),
    responses(
        (status = 202, description = "Begun; its progress is at `Location`.", body = BatchView),
        (status = 200, description = "Begun before with this key (header `Idempotency-Replayed: true`).", body = BatchView),
    )
)]
pub(super) async fn make_code_batch(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    Body(body): Body<BatchBody>,
) -> Result<Response, Problem> {
    let invalid = |at: &str| Problem::new(&BATCH_INVALID).pointer(at);
    let now = counter.now();
    if !(1..=MOST).contains(&body.count) {
        return Err(invalid("/count"));
    }
    if body.valid_until <= now || body.valid_until > now.plus_millis(LONGEST_DAYS * 86_400_000) {
        return Err(invalid("/valid_until"));
    }
    let asked = [body.reward.to_string(), body.count.to_string(), body.valid_until.micros().to_string()];
    let request = asking(&caller, key.as_str(), &["code batch", &asked[0], &asked[1], &asked[2]]);
    let BatchBody { reward, count, valid_until } = body;
    let wanted = Wanted { reward, count, valid_until, actor: super::actor(&caller), request };
    let desk = counter.desk.clone();
    let (batch, replayed) =
        store::shielded(async move { make_codes::begin_batch(&desk, &wanted).await }).await?;
    let place = HeaderValue::try_from(format!("/v1/code-batches/{}", batch.id));
    let place = place.map_err(|error| Problem::fault(error.into()))?;
    let status = if replayed { StatusCode::OK } else { StatusCode::ACCEPTED };
    let mut response = (status, Json(BatchView::from(batch))).into_response();
    response.headers_mut().insert(LOCATION, place);
    if replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Shows a batch: how many codes are made and used, and who was given them.
#[utoipa::path(
    get, path = "/v1/code-batches/{batch_id}", operation_id = "read_code_batch", tag = "code batches",
    params(("batch_id" = CodeBatchId, Path, description = "The batch.")),
    responses((status = 200, description = "The batch.", body = BatchView))
)]
pub(super) async fn read_code_batch(
    State(counter): State<Counter>,
    PathParams(id): PathParams<CodeBatchId>,
) -> Result<Json<BatchView>, Problem> {
    let found = kept::load(counter.desk.database.connection(), id).await?;
    Ok(Json(found.ok_or(Missing::Batch)?.into()))
}

/// Lists batches, the latest first.
#[utoipa::path(
    get, path = "/v1/code-batches", operation_id = "list_code_batches", tag = "code batches",
    params(BatchesParams),
    responses((status = 200, description = "A page of batches.", body = BatchPage))
)]
pub(super) async fn list_code_batches(
    State(counter): State<Counter>,
    QueryParams(asked): QueryParams<BatchesParams>,
) -> Result<Json<BatchPage>, Problem> {
    let limit = pages::limit(asked.limit)?;
    let before = pages::after(asked.cursor.as_deref())?;
    let mut found = kept::list(counter.desk.database.connection(), before, limit + 1).await?;
    let next_cursor = pages::cut(&mut found, limit, |own| own.id);
    let batches = found.into_iter().map(BatchView::from).collect();
    Ok(Json(BatchPage { batches, has_more: next_cursor.is_some(), next_cursor }))
}

/// Gives the codes of a batch out as a file (CSV: `number,code`), once.
///
/// Who got it and when stands in the batch from then on. The same request again, by its key, gets the same file for an hour; afterwards
/// nobody can be given the codes any more, since only their hashes are left. Where a file was lost: revoke the batch, and make another.
#[utoipa::path(
    post, path = "/v1/code-batches/{batch_id}/file", operation_id = "fetch_code_batch", tag = "code batches",
    params(
        ("batch_id" = CodeBatchId, Path, description = "The batch."),
        ("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters."),
    ),
    responses((status = 200, description = "The codes.", body = String, content_type = "text/csv"))
)]
pub(super) async fn fetch_code_batch(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    PathParams(id): PathParams<CodeBatchId>,
) -> Result<([(HeaderName, String); 3], String), Problem> {
    let key = asking(&caller, key.as_str(), &["file"]).key;
    let (desk, actor) = (counter.desk.clone(), super::actor(&caller));
    let codes =
        store::shielded(async move { make_codes::fetch_codes(&desk, id, (&actor, key)).await }).await?;
    let mut file = String::from("number,code\r\n");
    for (number, code) in codes {
        let grouped = VoucherCode::parse(&code).map_or(code, |own| own.grouped());
        file.push_str(&format!("{number},{grouped}\r\n"));
    }
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"codes-{id}.csv\"")),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, file))
}

/// Revokes a whole batch: none of its codes can be used from then on. Once more changes nothing.
#[utoipa::path(
    post, path = "/v1/code-batches/{batch_id}/revocation", operation_id = "revoke_code_batch", tag = "code batches",
    params(("batch_id" = CodeBatchId, Path, description = "The batch.")),
    request_body = RevocationBody,
    responses((status = 200, description = "The batch as it is now.", body = BatchView))
)]
pub(super) async fn revoke_code_batch(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(id): PathParams<CodeBatchId>,
    Body(body): Body<RevocationBody>,
) -> Result<Json<BatchView>, Problem> {
    let why = reason(body.reason)?;
    let (desk, actor) = (counter.desk.clone(), super::actor(&caller));
    let revoked =
        store::shielded(async move { make_codes::revoke_batch(&desk, id, (&actor, &why)).await }).await?;
    Ok(Json(revoked.into()))
}
