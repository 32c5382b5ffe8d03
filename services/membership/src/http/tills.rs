//! Tills and their keys.

use axum::{
    Json,
    extract::State,
    http::{HeaderName, StatusCode, header::CACHE_CONTROL},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{BranchCode, KeyId, TillCode, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Access, Bound, Caller, PathParams, Problem, RouteSpec, StaffReach};

use super::{Counter, roles};
use crate::{
    commands::{self, Put},
    domain::till::{Till, TillKey},
    error::{BRANCH_UNKNOWN, CONTENDED, DATABASE_BUSY, TILL_KEY_UNKNOWN, TILL_KEYS_TOO_MANY, TILL_UNKNOWN},
    queries,
};

pub(super) static PUT: RouteSpec =
    RouteSpec::put("/v1/branches/{branch}/tills/{till}", "put_till", Access::Operator)
        .staff(Bound::Branch, roles::BRANCH_HEADS)
        .problems(&[&BRANCH_UNKNOWN, &CONTENDED, &DATABASE_BUSY]);

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/branches/{branch}/tills", "list_tills", Access::Operator)
        .staff(Bound::Branch, roles::BRANCH_READERS)
        .problems(&[&BRANCH_UNKNOWN, &DATABASE_BUSY]);

pub(super) static POST_KEY: RouteSpec =
    RouteSpec::post("/v1/branches/{branch}/tills/{till}/keys", "issue_till_key", Access::Operator)
        .staff(Bound::Branch, roles::BRANCH_HEADS)
        .problems(&[&TILL_UNKNOWN, &TILL_KEYS_TOO_MANY, &DATABASE_BUSY]);

pub(super) static DELETE_KEY: RouteSpec =
    RouteSpec::delete("/v1/till-keys/{key_id}", "revoke_till_key", Access::TillOrOperator)
        .staff(Bound::Handler, roles::BRANCH_HEADS)
        .problems(&[&TILL_KEY_UNKNOWN, &DATABASE_BUSY]);

/// A till.
#[derive(Debug, Serialize, ToSchema)]
pub struct TillView {
    /// The branch where it stands.
    #[schema(example = "tehran-vanak")]
    pub branch: BranchCode,
    /// Its code within the branch.
    #[schema(example = "till-1")]
    pub till: TillCode,
    /// When it was set up.
    pub enrolled_at: Timestamp,
}

impl From<&Till> for TillView {
    fn from(till: &Till) -> Self {
        Self { branch: till.branch.clone(), till: till.code.clone(), enrolled_at: till.enrolled_at }
    }
}

/// One key of a till, without the key itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct TillKeyView {
    /// By which it is revoked.
    pub key_id: KeyId,
    /// By which signatures name it; absent for a key that is sent with each call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyid: Option<String>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it was revoked; absent while it is valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

impl From<&TillKey> for TillKeyView {
    fn from(key: &TillKey) -> Self {
        let keyid = key.public_key.map(|_| URL_SAFE_NO_PAD.encode(key.digest));
        Self { key_id: key.id, keyid, issued_at: key.issued_at, revoked_at: key.revoked_at }
    }
}

/// A till with its keys.
#[derive(Debug, Serialize, ToSchema)]
pub struct TillWithKeys {
    /// The till.
    #[serde(flatten)]
    pub till: TillView,
    /// Its keys, oldest first.
    pub keys: Vec<TillKeyView>,
}

/// The tills of a branch, by code.
#[derive(Debug, Serialize, ToSchema)]
pub struct TillList {
    /// The tills.
    pub tills: Vec<TillWithKeys>,
}

/// A fresh key. It is shown here and never again.
#[derive(Serialize, ToSchema)]
pub struct IssuedKeyView {
    /// By which it is revoked.
    pub key_id: KeyId,
    /// The key itself, for the till's `Authorization: Bearer` header.
    #[schema(example = "vt_0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0")]
    pub key: String,
    /// The branch where the till stands.
    pub branch: BranchCode,
    /// The till.
    pub till: TillCode,
    /// When it was issued.
    pub issued_at: Timestamp,
}

/// Sets up a till at a branch. Sending the same again changes nothing.
#[utoipa::path(
    put, path = "/v1/branches/{branch}/tills/{till}", operation_id = "put_till", tag = "places",
    params(
        ("branch" = BranchCode, Path, description = "The branch's code."),
        ("till" = TillCode, Path, description = "The till's code within the branch."),
    ),
    responses(
        (status = 201, description = "The till is set up; it needs a key next.", body = TillView),
        (status = 200, description = "The till was there.", body = TillView),
    )
)]
pub(super) async fn put_till(
    State(counter): State<Counter>,
    PathParams((branch, till)): PathParams<(BranchCode, TillCode)>,
) -> Result<(StatusCode, Json<TillView>), Problem> {
    match commands::enrol_till::enrol_till(counter.desk(), branch, till).await? {
        Put::New(till) => Ok((StatusCode::CREATED, Json((&till).into()))),
        Put::Known(till) => Ok((StatusCode::OK, Json((&till).into()))),
    }
}

/// Lists a branch's tills and their keys, without the keys themselves.
#[utoipa::path(
    get, path = "/v1/branches/{branch}/tills", operation_id = "list_tills", tag = "places",
    params(("branch" = BranchCode, Path, description = "The branch's code.")),
    responses((status = 200, description = "The tills.", body = TillList))
)]
pub(super) async fn list_tills(
    State(counter): State<Counter>,
    PathParams(branch): PathParams<BranchCode>,
) -> Result<Json<TillList>, Problem> {
    let found = queries::tills_of_branch::tills_of_branch(&counter.desk().vault, &branch).await?;
    let tills = found.iter().map(|(till, keys)| TillWithKeys {
        till: till.into(),
        keys: keys.iter().map(TillKeyView::from).collect(),
    });
    Ok(Json(TillList { tills: tills.collect() }))
}

/// Issues a key to a till.
///
/// The key is shown once and kept as a digest only. A till may have several keys at a time, so that one can be
/// changed without a stop: issue the new one, put it into the till, revoke the old one.
#[utoipa::path(
    post, path = "/v1/branches/{branch}/tills/{till}/keys", operation_id = "issue_till_key", tag = "places",
    params(
        ("branch" = BranchCode, Path, description = "The branch's code."),
        ("till" = TillCode, Path, description = "The till's code within the branch."),
    ),
    responses((status = 201, description = "The key, shown this once.", body = IssuedKeyView))
)]
pub(super) async fn issue_till_key(
    State(counter): State<Counter>,
    PathParams((branch, till)): PathParams<(BranchCode, TillCode)>,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1], Json<IssuedKeyView>), Problem> {
    let issued = commands::issue_till_key::issue_till_key(counter.desk(), branch, till).await?;
    let view = IssuedKeyView {
        key_id: issued.key.id,
        key: issued.text,
        branch: issued.key.branch,
        till: issued.key.till,
        issued_at: issued.key.issued_at,
    };
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], Json(view)))
}

/// Revokes a till's key. It stops working within 5 seconds everywhere. Revoking it again changes nothing.
///
/// A till may revoke keys of its own.
#[utoipa::path(
    delete, path = "/v1/till-keys/{key_id}", operation_id = "revoke_till_key", tag = "places",
    params(("key_id" = KeyId, Path, description = "The key's id.")),
    responses((status = 204, description = "The key is revoked."))
)]
pub(super) async fn revoke_till_key(
    State(counter): State<Counter>,
    caller: Caller,
    reach: StaffReach,
    PathParams(key_id): PathParams<KeyId>,
) -> Result<StatusCode, Problem> {
    let branch = queries::branch_of_key::branch_of_key(&counter.desk().vault, key_id).await?;
    reach.branch(&branch).await?;
    let own = match &caller {
        Caller::Till { branch, till, .. } => Some((branch, till)),
        _ => None,
    };
    commands::revoke_till_key::revoke_till_key(counter.desk(), key_id, own).await?;
    Ok(StatusCode::NO_CONTENT)
}
